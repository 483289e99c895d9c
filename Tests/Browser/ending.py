"""An event ends: what stands against that, the archive, the next event; and what entrants take back, or want erased."""
from selenium.webdriver.common.keys import Keys

from browser import base, check, chromium, every, one, photo, request, submit, until
from desk import cookie

session = cookie()
request("POST", "/api/event", {"name": "Ink Days"}, session)
first = submit("dragon", picture=photo.read_bytes(), name="Ada Lovelace", phone="0170 5551234")
second = submit("snake", name="Bo", phone="0171 7654321", key="key-of-the-snake")
third = submit("lion", name="Cy", phone="0172 1111222")
request("POST", "/api/winners-draft", {"winners": {"best": [first["entry"]["id"]]}}, session)

# An entrant takes an entry back, changes the mind, and takes it back after all.
phone = chromium()
phone.get(base + "/receipt.html?id=key-of-the-snake")
until("it can be taken back", lambda: one(phone, "#withdraw").is_displayed())
check(phone, is_changed=True)
one(phone, "#withdraw").click()
until("it is asked", lambda: one(phone, "#withdraw-sure").is_displayed())
one(phone, "#withdraw-sure").click()
until("it is told", lambda: "taken this entry back" in one(phone, "#answer").text)
assert "snake" not in str(request("GET", "/api/feed"))
one(phone, "#withdraw-undo").click()
until("it stands again", lambda: one(phone, "#withdraw").is_displayed())
assert "snake" in str(request("GET", "/api/feed"))
check(phone, is_changed=True)

desk = chromium()
desk.get(base + "/admin#storage")
until("the log-in is shown", lambda: one(desk, "#password").is_displayed())
one(desk, "#password").send_keys("correct horse" + Keys.ENTER)
until("the form is shown", lambda: one(desk, "#erasure-phone").is_displayed())


def said(words, box="#success"):
    until(f"the desk says {words!r}", lambda: words in one(desk, box).text)


def press_button(selector):
    """Presses a button at one instant: lists are drawn anew whenever the desk has read them."""
    until(f"{selector} is there", lambda: desk.execute_script(
        "const found = document.querySelector(arguments[0]); found?.click(); return Boolean(found)", selector))


def confirm():
    until("it is asked", lambda: one(desk, "#confirm").is_displayed())
    desk.execute_script("document.querySelector('#confirm-go').click()")


# Somebody wants to be forgotten.
one(desk, "#erasure-phone").send_keys("0999 000" + Keys.ENTER)
said("Nothing was entered", "#problem")
one(desk, "#erasure-phone").clear()
one(desk, "#erasure-phone").send_keys("+49 172 1111222" + Keys.ENTER)
until("the plan is shown", lambda: "Cy" in one(desk, "#erasure-plan").text)
confirm()
said("Erased.")
until("the certificate is shown", lambda: "1 entries erased" in one(desk, "#erasure-plan").text)
assert "lion" not in str(request("GET", "/api/submissions", fields=session))
check(desk, allowed=["401"], is_changed=True)

# The event ends once nothing is undecided.
desk.get(base + "/admin#event")
until("what is undecided is told", lambda: "best" in one(desk, "#ending-blocked").text)
assert not one(desk, "#finalize-event").is_enabled()
request("POST", "/api/publish-winners", {}, session)
desk.refresh()
until("it can be finalized", lambda: one(desk, "#finalize-event").is_enabled())
one(desk, "#ending-comment").send_keys("Good night")
press_button("#finalize-event")
confirm()
said("Finalized")
until("it is told what goes", lambda: "2 entries" in one(desk, "#ending-goes").text)
check(desk, allowed=["401"], is_changed=True)
visitor = chromium()
visitor.get(base + "/")
until("nobody can enter", lambda: "The contest is over" in one(visitor, "#closed").text)
check(visitor, is_changed=True)
one(desk, "#ending-comment").send_keys("One was late")
press_button("#reopen-event")
said("open again")
until("the visitor can enter again", lambda: not one(visitor, "#closed").is_displayed())
press_button("#finalize-event")
confirm()
said("Finalized")
until("it can be archived", lambda: one(desk, "#archive-event").is_displayed())
press_button("#archive-event")
confirm()
said("is archived")
until("it is on the shelf", lambda: "Ink Days" in one(desk, "#archives").text)
until("the wall is empty", lambda: not every(visitor, "#entries figure"))
check(desk, allowed=["401"], is_changed=True)
press_button("#archives button")
confirm()
said("is back")
until("the wall has it again", lambda: len(every(visitor, "#entries figure")) == 2)
for browser in [phone, desk, visitor]:
    browser.quit()
