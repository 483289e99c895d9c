"""The pictures of the documents: the wall and the organizers' desk, as a visitor and an organizer see them.

pictures.py BASE FOLDER
"""
import sys
from pathlib import Path

from selenium.webdriver.common.keys import Keys

from browser import base, chromium, one, texts, until

folder = Path(sys.argv[2])


def take(browser, name):
    until("every picture is there", lambda: browser.execute_script("""
        return [...document.images].filter((i) => i.offsetParent !== null && i.getBoundingClientRect().top < innerHeight)
          .every((i) => i.complete && i.naturalWidth > 0)"""))
    browser.save_screenshot(str(folder / f"{name}.png"))


wall = chromium(1280, 800)
wall.get(base + "/")
until("the wall is filled", lambda: len(texts(wall, "#entries .text")) > 9)
wall.execute_script("document.querySelector('#entries').scrollIntoView()")
take(wall, "wall")
wall.get(base + "/admin")
until("the log-in is shown", lambda: one(wall, "#password").is_displayed())
one(wall, "#password").send_keys("correct horse" + Keys.ENTER)
until("the desk is filled", lambda: len(texts(wall, "#entries .text")) > 9)
wall.execute_script("document.querySelector('#entries').scrollIntoView()")
take(wall, "desk")
wall.quit()

phone = chromium()
phone.get(base + "/")
until("the wall is filled", lambda: len(texts(phone, "#entries .text")) > 9)
take(phone, "phone")
phone.quit()
