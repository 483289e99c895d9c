"""A sealed vote: a key on paper, phones that remember what nobody else can tell, and a count with the key."""
from selenium.webdriver.common.keys import Keys

from browser import base, check, chromium, every, one, request, submit, until
from desk import cookie
from line import Line

ids = [submit(f"tattoo {place}")["entry"]["id"] for place in range(3)]
session = cookie()
request("POST", "/api/voting", {"choices": 1}, session)
codes = request("POST", "/api/vote-batches", {"count": 3}, session)["codes"]

desk = chromium()
desk.get(base + "/admin#audience")
until("the log-in is shown", lambda: one(desk, "#password").is_displayed())
one(desk, "#password").send_keys("correct horse" + Keys.ENTER)
until("the seal is shown", lambda: one(desk, "#seal").is_displayed())


def press_named(words, box):
    until(f"{words!r} is there", lambda: desk.execute_script("""
        const found = [...document.querySelectorAll(`${arguments[1]} button`)].find((each) => each.textContent === arguments[0]);
        found?.click();
        return Boolean(found);
    """, words, box))


def type_in(words):
    field = until("the field is there", lambda: one(desk, "#seal-parts input"))
    field.clear()
    field.send_keys(words + Keys.ENTER)


def said(words, box="#success"):
    until(f"the desk says {words!r}", lambda: words in one(desk, box).text)


press_named("Open the vote", "#voting-actions")
said("Make a key", "#problem")
press_named("Make a key", "#seal")
key = until("the key is shown", lambda: one(desk, ".seal-key").text)
assert len(key) == 64, key
desk.execute_script("window.print = () => { window.printed = document.querySelector('#print-list').innerText; }")
press_named("Print", "#seal")
assert key in until("the key is printed", lambda: desk.execute_script("return window.printed"))
assert key not in one(desk, "#print-list").get_attribute("textContent"), "what was printed stays in the page"
check(desk, allowed=["401", "409"], is_changed=True)
press_named("Open the vote", "#voting-actions")
until("it is asked", lambda: one(desk, "#confirm").is_displayed())
desk.execute_script("document.querySelector('#confirm-keep').click()")
press_named("I have it on paper", "#seal")
until("the key is hidden", lambda: not every(desk, "#seal .seal-key"))
type_in("0" * 52)
said("another key", "#problem")
type_in(key.lower().replace("-", " ").replace("0", "o"))
said("sealed with the key")
until("the key is gone", lambda: not every(desk, ".seal-key"))
press_named("Open the vote", "#voting-actions")
said("The vote is open")

# MARK: The phone that has voted remembers what; another one is told that somebody has.

line = Line(base)
phone = chromium()
phone.get(f"{line.base}/vote#{codes[0]}")


def tap(browser, place):
    until("the entry is there", lambda: one(browser, f"#candidates [data-entry='{ids[place]}']"))
    browser.execute_script("document.querySelector(arguments[0]).click()", f"#candidates [data-entry='{ids[place]}']")
    browser.execute_script("document.querySelector('#send').click()")


tap(phone, 0)
until("the vote is at the contest", lambda: one(phone, "#sending").text == "at the contest")
kept = one(phone, "#kept-choices").text
assert kept == "#1", kept
phone.refresh()
until("the phone remembers", lambda: one(phone, "#kept-choices").text == kept and every(phone, "#candidates [aria-pressed=true]"))
second = chromium()
second.get(f"{base}/vote#{codes[0]}")
until("another phone is told that it is sealed", lambda: "sealed until" in one(second, "#kept-choices").text)
assert not every(second, "#candidates [aria-pressed=true]")
check(second, is_changed=True)
tap(second, 2)
until("it is changed", lambda: one(second, "#kept-choices").text == "#3")
phone.refresh()
until("the first phone does not claim what is not kept any more", lambda: "sealed until" in one(phone, "#kept-choices").text)

# An answer that is lost: what is sent again is kept once.
before = request("POST", "/api/vote/check", {"code": codes[0]})["ballotId"]
line.turn("mute")
tap(phone, 1)
until("it is on its way", lambda: one(phone, "#sending").text in ("on its way", "on this phone"))
until("the contest has it", lambda: request("POST", "/api/vote/check", {"code": codes[0]})["ballotId"] != before)
line.turn("on")
until("the phone knows it", lambda: one(phone, "#sending").text == "at the contest" and one(phone, "#kept-choices").text == "#2", 90)
check(phone, allowed=["ERR_", "Failed to load", "EventSource"], is_changed=True)

# MARK: Closed, opened with the key, counted.

request("POST", "/api/voting/close", {}, session)
until("the key is asked for", lambda: every(desk, "#seal-parts input"), 90)
assert not [each for each in every(desk, "#voting-actions button") if each.text == "Show the result"]
type_in("0" * 52)
said("not the key", "#problem")
check(desk, allowed=["401", "409"], is_changed=True)
type_in(key.lower().replace("-", " "))
said("The ballots are open")
press_named("Show the result", "#voting-actions")
desk.execute_script("document.querySelector('#confirm-go').click()")
until("the result is shown", lambda: "tattoo 1" in one(desk, "#voting-result").text)
assert request("GET", "/api/voting/result", None, session)["ballots"] == 1
# Now the contest can tell again, also the phone that did not know.
until("both phones tell what counts", lambda: {one(each, "#kept-choices").text for each in (phone, second)} == {"#2"}
      or [each.refresh() for each in (phone, second)] and False, 90)

# MARK: Opened again, with another key.

one(desk, "#voting-reason").send_keys("The network was down")
press_named("Make a key", "#seal")
key = until("the key is shown", lambda: one(desk, ".seal-key").text)
press_named("I have it on paper", "#seal")
type_in(key)
until("the vote is open", lambda: one(desk, "#voting-state").text == "The vote is open.")
assert request("GET", "/api/voting")["sealed"]
tap(second, 0)
until("the phone votes on", lambda: one(second, "#kept-choices").text == "#1")
assert request("POST", "/api/vote/check", {"code": codes[0]})["chosen"] is None
for browser in [desk, phone, second]:
    browser.quit()
