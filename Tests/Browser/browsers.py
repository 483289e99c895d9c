"""A vote without cards: each browser once, and what is odd about it at the desk."""
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

desk = chromium()
desk.get(base + "/admin?lang=de#audience")
until("the log-in is shown", lambda: one(desk, "#password").is_displayed())
one(desk, "#password").send_keys("correct horse" + Keys.ENTER)
until("what is odd is listed", lambda: "schneller" in one(desk, "#odd").text)
check(desk, allowed=["401"], is_changed=True)
desk.execute_script("document.querySelector('#odd button').click()")
until("it is set aside", lambda: len(every(desk, "#asides > li")) == 1)
request("POST", "/api/voting/close", {}, session)
result = request("GET", "/api/voting/result", None, session)
assert (result["ballots"], result["setAside"]) == (0, 1), result
for browser in [phone, desk]:
    browser.quit()
