"""A hall votes: cards made and printed at the desk; phones on a bad network, without scripts, too late; paper; a tie, its
run-off, the projector, and the result with everybody's tracker."""
import re
import time

from selenium.webdriver.common.keys import Keys

from browser import base, check, chromium, every, one, photo, press, request, submit, texts, until
from desk import cookie
from line import Line

picture = photo.read_bytes()
ids = {}
for place in range(6):
    entry = submit(f"tattoo {place}", picture=picture if place < 2 else None)["entry"]
    ids[entry["number"]] = entry["id"]
session = cookie()


def admin(method, path, body=None):
    return request(method, path, body, session)


def click(browser, selector):
    until(f"{selector} is there", lambda: one(browser, selector).is_enabled())
    browser.execute_script("document.querySelector(arguments[0]).click()", selector)


def press_named(browser, words, box="body"):
    """Presses the button that says this."""
    until(f"{words!r} is there", lambda: browser.execute_script("""
        const found = [...document.querySelectorAll(`${arguments[1]} button`)].find((each) => each.textContent === arguments[0]);
        found?.click();
        return found;
    """, words, box))


def fill(browser, selector, value):
    browser.execute_script("""
        const field = document.querySelector(arguments[0]);
        field.value = arguments[1]; field.dispatchEvent(new Event('change', { bubbles: true }));
    """, selector, value)


def said(words, box="#success"):
    until(f"the desk says {words!r}", lambda: words in one(desk, box).text)


def chosen(code):
    """The numbers that the contest has of a card."""
    known = {id: number for number, id in ids.items()}
    return sorted(known[id] for id in request("POST", "/api/vote/check", {"code": code})["chosen"])


# MARK: The desk makes cards, prints them, and opens the vote.

admin("POST", "/api/event", {"name": "Ink Days", "timeZone": "Europe/Berlin"})
desk = chromium(1280, 800)
desk.get(base + "/admin#audience")
until("the log-in is shown", lambda: one(desk, "#password").is_displayed())
one(desk, "#password").send_keys("correct horse" + Keys.ENTER)
until("the vote is shown", lambda: one(desk, "#voting").is_displayed())
press_named(desk, "Open the vote")
said("Nobody could vote", "#problem")
fill(desk, "#voting-choices", "2")
click(desk, "#voting-turnout-shown")
click(desk, "#voting-form [type=submit]")
said("Saved.")
fill(desk, "#card-count", "12")
click(desk, "#make-cards [type=submit]")
said("12 cards are made")
until("the batch is listed", lambda: len(every(desk, "#batches > li")) == 1)
desk.execute_script("""
    window.print = () => { window.printed = [...document.querySelectorAll('#print-list .vote-card')].map((card) =>
      [card.querySelector('.typed').textContent, card.innerText, card.querySelector('svg path').getAttribute('d').length]); };
""")
press_named(desk, "Print", "#batches")
paper = until("the cards are printed", lambda: desk.execute_script("return window.printed"))
codes = [code for code, _, _ in paper]
assert codes == admin("GET", "/api/vote-batches/1")["codes"] and len(codes) == 12, codes
assert all("Ink Days" in words and "/vote" in words and drawn > 1000 for _, words, drawn in paper), paper
press_named(desk, "Open the vote")
said("The vote is open")


def check_desk():
    for width, height in [(390, 844), (1280, 800)]:
        desk.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 600})
        check(desk, allowed=["400", "401", "409"], is_changed=True)


check_desk()

# MARK: A phone votes, on a network that comes and goes.

line = Line(base)
phone = chromium()
phone.get(f"{line.base}/vote#{codes[0]}")


def entry_button(browser, number):
    return f"#candidates [data-entry='{ids[number]}']"


def tap(browser, *numbers):
    for number in numbers:
        click(browser, entry_button(browser, number))


def marked(browser):
    known = {id: number for number, id in ids.items()}
    return sorted(known[each.get_attribute("data-entry")] for each in every(browser, "#candidates [aria-pressed=true]"))


def asks_for_code(browser):
    """Whether the page's script asks: until it says how far the vote is, the form is the one for no scripts."""
    return one(browser, "#state").text and one(browser, "#code-form").is_displayed()


def sending(browser, words):
    until(f"the phone says {words!r}", lambda: one(browser, "#sending").text == words)


until("the entries are shown", lambda: len(every(phone, "#candidates button")) == 6)
assert "#" not in phone.current_url and one(phone, ".brand").get_attribute("textContent") == "Ink Days"
assert not one(phone, "#send").is_enabled()
tap(phone, 1, 4, 2)
assert marked(phone) == [1, 4] and "You have chosen 2 already" in one(phone, "#problem").text
phone.execute_script("window.dispatchEvent(new Event('online'))")
time.sleep(4)
assert "You have chosen 2 already" in one(phone, "#problem").text, "news of the vote took the words away"
assert one(phone, "#chosen").text == "2 of 2 chosen"
check(phone, is_changed=True)
click(phone, "#send")
sending(phone, "at the contest")
assert chosen(codes[0]) == [1, 4]
tracker = one(phone, "#tracker").text
assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", tracker), tracker
assert one(phone, "#kept-choices").text in ("#1, #4", "#4, #1") and not one(phone, "#send").is_enabled()
until("the page works without a network", lambda: phone.execute_script(
    "return navigator.serviceWorker.controller !== null && caches.match('/assets/vote/vote.js').then(Boolean)"))
line.turn("off")
tap(phone, 4, 2)
click(phone, "#send")
sending(phone, "on this phone")
phone.refresh()
until("the entries are shown again", lambda: len(every(phone, "#candidates button")) == 6)
assert marked(phone) == [1, 2], marked(phone)
line.turn("portal")
time.sleep(3)
assert chosen(codes[0]) == [1, 4] and one(phone, "#sending").text in ("on this phone", "on its way")
line.turn("on")
until("the change has arrived", lambda: chosen(codes[0]) == [1, 2], 90)
sending(phone, "at the contest")
assert one(phone, "#tracker").text == tracker
check(phone, allowed=["ERR_", "Failed to load", "EventSource"], is_changed=True)

# What waits is sent though another card is looked at by then, and only one tab keeps the ballot.
line.turn("off")
tap(phone, 2, 4)
click(phone, "#send")
sending(phone, "on this phone")
click(phone, "#other-card")
until("another code is asked for", lambda: one(phone, "#code-form").is_displayed())
phone.refresh()
until("it is asked for again", lambda: one(phone, "#code-form").is_displayed())
line.turn("on")
until("the first card's change has arrived", lambda: chosen(codes[0]) == [1, 4], 90)
press(phone, "#code", codes[0] + Keys.ENTER)
until("it is shown", lambda: marked(phone) == [1, 4])
first = phone.current_window_handle
phone.switch_to.new_window("tab")
phone.get(line.base + "/vote")
until("the second tab shows the ballot", lambda: marked(phone) == [1, 4])
tap(phone, 4, 2)
click(phone, "#send")
until("the second tab's change has arrived", lambda: chosen(codes[0]) == [1, 2], 90)
phone.switch_to.window(first)
until("the first tab says so", lambda: "another tab" in one(phone, "#state").text)
phone.refresh()
until("it goes on where the other was", lambda: marked(phone) == [1, 2])

# A second phone with the same card sees what was chosen; a typed code may be read from paper by anybody.
second = chromium()
second.get(base + "/vote")
until("a code is asked for", lambda: asks_for_code(second))
one(second, "#code").send_keys("0000-0000-00" + Keys.ENTER)
until("the code is wrong", lambda: "no such code" in one(second, "#problem").text)
one(second, "#code").clear()
one(second, "#code").send_keys(codes[0].lower().replace("-", " ") + Keys.ENTER)
until("the first phone's choice is shown", lambda: marked(second) == [1, 2])
assert one(second, "#tracker").text == tracker
click(second, "#other-card")
until("another code is asked for", lambda: one(second, "#code-form").is_displayed())
one(second, "#code").send_keys(codes[1] + Keys.ENTER)
until("an empty ballot is shown", lambda: len(every(second, "#candidates button")) == 6 and marked(second) == [])
tap(second, 3)
click(second, "#send")
sending(second, "at the contest")
check(second, allowed=["401"], is_changed=True)

# MARK: Without scripts, at a phone's width.

plain = chromium()
plain.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
plain.get(base + "/vote")
one(plain, "#code").send_keys(codes[2] + Keys.ENTER)
until("the form is shown", lambda: len(every(plain, "input[name=choices]")) == 6)
widths = plain.execute_cdp_cmd("Runtime.evaluate", {"expression": "[document.documentElement.scrollWidth, innerWidth].join()"})["result"]["value"]
assert len(set(widths.split(","))) == 1, widths
for number in [3, 5]:
    one(plain, f"input[value='{ids[number]}']").click()
one(plain, "form [name=vote] ~ button, form button").click()
until("the vote is kept", lambda: "You have voted" in one(plain, "main").text)
assert chosen(codes[2]) == [3, 5]
plain.get(f"{base}/vote?code={codes[2]}")
assert sorted(each.get_attribute("value") for each in every(plain, "input:checked")) == sorted([ids[3], ids[5]])
plain.quit()

# MARK: Paper, a ballot that does not count, a card that is taken back, an entry that is removed.

fill(desk, "#paper-code", codes[3])
fill(desk, "#paper-numbers", "2, 99")
click(desk, "#key-in [type=submit]")
said("no entry 99", "#problem")
fill(desk, "#paper-numbers", "2")
click(desk, "#key-in [type=submit]")
said("Keyed in.")
fill(desk, "#aside-ballot", codes[2][:4])
fill(desk, "#aside-reason", "found on the floor")
click(desk, "#set-aside [type=submit]")
said("Set aside.")
until("it is listed", lambda: "found on the floor" in one(desk, "#asides").text)
press_named(desk, f"Count {codes[2][:4]} after all")
until("nothing is set aside", lambda: one(desk, "#asides").text == "")
until("the turnout is counted", lambda: one(desk, "#voting-turnout").text == "4 of 12 cards have voted.")
fill(desk, "#batches [name=from]", codes[11][:4])
press_named(desk, "Take back", "#batches")
click(desk, "#confirm-go")
said("taken back")
until("they are fewer", lambda: "of 11" in one(desk, "#voting-turnout").text)
until("the phone is told the turnout", lambda: "Votes so far: 4." in one(second, "#state").text or second.execute_script("location.reload()"), 90)
request("DELETE", f"/api/submissions/{ids[5]}", None, session)
until("the entry leaves the list", lambda: len(every(second, "#candidates button")) == 5)
show = chromium(1280, 800)
show.get(base + "/show")
until("the projector shows the turnout", lambda: one(show, "#turnout").text == "Votes: 4")

# MARK: Closed: what comes later is told so.

line.turn("off")
tap(phone, 1, 3)
click(phone, "#send")
sending(phone, "on this phone")
press_named(desk, "Close the vote")
click(desk, "#confirm-go")
said("The vote is closed")
line.turn("on")
until("the phone is told that it was late", lambda: "Your vote so far stands" in one(phone, "#problem").text, 90)
assert chosen(codes[0]) == [1, 2]

# The result: a tie, whose run-off decides; the place is put on the projector before everybody knows.
press_named(desk, "Show the result", "#voting-actions")
click(desk, "#confirm-go")
until("the result is shown", lambda: len(every(desk, "#voting-result li")) == 2)
first = one(desk, "#voting-result li").text
assert "Place 1" in first and "2 votes" in first and "tattoo 1" in first and "tattoo 2" in first, first
check_desk()
press_named(desk, "Run-off for place 1", "#voting-result")
click(desk, "#confirm-go")
said("run-off is set up")
press_named(desk, "Open the vote")
until("the phone shows the run-off", lambda: len(every(second, "#candidates button")) == 2 and one(second, "#send").is_displayed(), 90)
tap(second, 3)
click(second, "#send")
until("the run-off has a vote", lambda: chosen(codes[1]) == [3])
press_named(desk, "Close the vote")
click(desk, "#confirm-go")
said("The vote is closed")
press_named(desk, "Show the result", "#voting-actions")
click(desk, "#confirm-go")
until("the tie is decided", lambda: len(every(desk, "#voting-result li")) == 3)
press_named(desk, "Projector: place 1", "#voting-result")
until("the projector shows it", lambda: one(show, "#reveal").is_displayed() and "tattoo 2" in one(show, "#reveal").text)
assert request("GET", "/api/voting")["result"] is None
press_named(desk, "Publish the result", "#voting-actions")
click(desk, "#confirm-go")
said("The result is published")

until("the phone shows the result", lambda: one(phone, "#result").is_displayed(), 90)
click(phone, "#all summary")
until("the trackers are listed", lambda: len(every(phone, "#trackers li")) == 5)
assert len(every(phone, "#trackers ol")) == 2 and tracker in one(phone, "#trackers .own").text
winners = chromium()
winners.get(base + "/winners.html")
until("the award is on the page of the winners", lambda: "PEOPLE’S CHOICE" in one(winners, "#winners").text.upper())
assert texts(winners, ".podium .place")[0] == "1st place"
check(winners, is_changed=True)
check(phone, allowed=["ERR_", "Failed to load", "EventSource", "409"], is_changed=True)
check_desk()
for browser in [desk, phone, second, show, winners]:
    browser.quit()
