"""The pictures of the documents: the wall and the organizers' desk, as a visitor and an organizer see them.

pictures.py BASE FOLDER
"""
import sys
import time
from pathlib import Path

from selenium.webdriver.common.keys import Keys

from browser import base, chromium, one, texts, until

folder = Path(sys.argv[2])


def take(browser, name):
    until("every picture is there", lambda: browser.execute_script("""
        const seen = [...document.querySelectorAll('.frame')].filter((frame) => {
          const { top, bottom } = frame.getBoundingClientRect();
          return bottom > 0 && top < innerHeight;
        });
        return seen.every((frame) => frame.querySelector('img')?.complete && frame.querySelector('img').naturalWidth > 0);
    """))
    # They are decoded and painted after they are complete.
    time.sleep(1)
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
wall.execute_script("document.querySelector('#entries-title').scrollIntoView()")
take(wall, "desk")
wall.quit()
