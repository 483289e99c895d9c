"""The pictures of the documents: the wall, the desk, a round that judges mark, and a card of the audience.

pictures.py BASE FOLDER
"""
import random
import sys
import time
from pathlib import Path

from selenium.webdriver.common.keys import Keys

from browser import base, chromium, one, request, texts, until
from desk import cookie

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
wall.get(base + "/admin#entries")
until("the log-in is shown", lambda: one(wall, "#password").is_displayed())
one(wall, "#password").send_keys("correct horse" + Keys.ENTER)
until("the desk is filled", lambda: len(texts(wall, "#entries .text")) > 9)
wall.execute_script("window.scrollTo(0, 0)")
take(wall, "desk")

# A round that three of four judges have marked, and the fourth is at it.
session = cookie()
criteria = ["Line", "Colour", "Idea", "Placement"]
sheet = {"id": "tattoo", "name": "Tattoo", "criteria": [{"id": name.lower(), "name": name} for name in criteria]}
judges = ["Ada", "Kim", "Lee", "Ole"]
feed = request("GET", "/api/feed")["feed"]
category = max(feed, key=lambda name: len(feed[name]))
request("POST", "/api/sheets", {"sheets": [sheet]}, session)
request("POST", "/api/judges", {"judges": [{"id": name.lower(), "name": name} for name in judges]}, session)
request("POST", "/api/rounds", {"id": "round", "name": "Best of day", "sheet": "tattoo", "from": {"category": category}}, session)
entries = request("POST", "/api/rounds/round/open", {}, session)["round"]["entries"]
chance = random.Random(7)
links = {name: request("POST", f"/api/judges/{name.lower()}/link", {}, session)["link"] for name in judges}
for name in judges[:3]:
    phone = chromium()
    phone.get(base + links[name])
    until("the sheet is shown", lambda: one(phone, "#sheet").is_displayed())
    for _ in entries:
        for criterion in criteria:
            mark = chance.randint(5, 10)
            phone.execute_script(f"document.querySelector(`[data-criterion='{criterion.lower()}'] [data-mark='{mark}']`).click()")
        phone.execute_script("document.querySelector('#next').click()")
    until("all are sent", lambda: one(phone, "#sending").text == "All at the contest")
    phone.quit()
phone = chromium()
phone.get(base + links[judges[3]])
until("the sheet is shown", lambda: one(phone, "#sheet").is_displayed())
for criterion, mark in [("line", 9), ("colour", 8)]:
    phone.execute_script(f"document.querySelector(`[data-criterion='{criterion}'] [data-mark='{mark}']`).click()")
until("it is sent", lambda: one(phone, "#sending").text == "All at the contest")
take(phone, "judge")
phone.quit()
wall.get(base + "/admin#judging")
until("the matrix is shown", lambda: len(wall.find_elements("css selector", ".matrix .final")) == 3 * len(entries))
wall.execute_script("document.querySelector('#judging-title').scrollIntoView()")
take(wall, "jury")
wall.quit()

# The audience votes.
request("POST", "/api/voting", {"turnoutShown": True}, session)
codes = request("POST", "/api/vote-batches", {"count": 200}, session)["codes"]
request("POST", "/api/voting/open", {}, session)
for code in codes[:87]:
    listed = request("POST", "/api/vote/check", {"code": code})["entries"]
    request("POST", "/api/vote", {"code": code, "choices": [entry["id"] for entry in listed[:3]]})
phone = chromium()
phone.get(f"{base}/vote#{codes[100]}")
until("the entries are shown", lambda: len(texts(phone, "#candidates button")) > 5)
for place in [1, 2]:
    phone.execute_script("document.querySelectorAll('#candidates button')[arguments[0]].click()", place)
take(phone, "vote")
phone.quit()
