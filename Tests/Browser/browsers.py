"""A vote without cards: each browser once, and what is odd about it at the desk."""
import urllib.request

from selenium.webdriver.common.keys import Keys

from browser import base, check, chromium, every, one, request, submit, until
from desk import cookie

ids = [submit(f"tattoo {place}")["entry"]["id"] for place in range(3)]
session = cookie()
request("POST", "/api/voting", {"mode": "device", "choices": 1}, session)
request("POST", "/api/voting/open", {}, session)

phone = chromium()
phone.get(base + "/vote")
until("the entries are shown", lambda: len(every(phone, "#candidates button")) == 3)
assert not one(phone, "#code-form").is_displayed()
phone.execute_script("document.querySelector(arguments[0]).click()", f"[data-entry='{ids[1]}']")
one(phone, "#send").click()
until("the vote is at the contest", lambda: one(phone, "#sending").text == "at the contest")
tracker = one(phone, "#tracker").text
check(phone, is_changed=True)
phone.refresh()
until("it is still there", lambda: one(phone, "#tracker").text == tracker)
one(phone, "#other-card").click()
until("a card may be typed instead", lambda: one(phone, "#code-form").is_displayed())


def vote_at_once():
    """Votes as a program does that reads no list; gives whether the contest finds that odd."""
    asked = urllib.request.Request(base + "/api/vote/check", b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked) as answer:
        device = {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}
    request("POST", "/api/vote", {"choices": [ids[2]]}, device)
    groups = request("GET", "/api/voting/odd", None, session)["groups"]
    return any(group["kind"] == "hasty" for group in groups)


# On a busy machine a program, too, may take as long as somebody who reads.
made = 1
while not vote_at_once():
    made += 1

desk = chromium()
desk.get(base + "/admin?lang=de#audience")
until("the log-in is shown", lambda: one(desk, "#password").is_displayed())
one(desk, "#password").send_keys("correct horse" + Keys.ENTER)
until("what is odd is listed", lambda: "schneller" in one(desk, "#odd").text)
check(desk, allowed=["401"], is_changed=True)
desk.execute_script("document.querySelector('#odd button').click()")
until("it is set aside", lambda: len(every(desk, "#asides > li")) > 0)
request("POST", "/api/voting/close", {}, session)
result = request("GET", "/api/voting/result", None, session)
# Whether the phone was quick, too, the machine decides.
assert result["ballots"] + result["setAside"] == 1 + made and result["setAside"] > 0, result
for browser in [phone, desk]:
    browser.quit()
