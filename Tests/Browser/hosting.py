"""Shared hosting: the first run, and pages that nobody tells what happens.

A second word names the file with the code.
"""
from pathlib import Path

from browser import base, chromium, check, complaints, every, one, submit, sys, texts, until

code_file = Path(sys.argv[2])
# There are no events here; a browser says so in its console.
no_events = ["/api/events"]

phone = chromium()
phone.get(base + "/setup")
until("it says where the code is", lambda: "data/setup-code.txt" in one(phone, "#where").text)
check(phone)
one(phone, "#code").send_keys("not the code")
until("the password can be typed", lambda: one(phone, "#password").is_displayed())
one(phone, "#password").send_keys("long enough")
one(phone, "#setup .primary").click()
until("a wrong code is refused", lambda: "not what the file says" in one(phone, "#problem").text)
one(phone, "#code").clear()
one(phone, "#code").send_keys(code_file.read_text().strip())
one(phone, "#examine").click()
until("the host is examined", lambda: len(every(phone, "#findings li")) > 15)
assert texts(phone, "#findings li")[0].startswith("password: bad"), texts(phone, "#findings li")
check(phone, ["401"], is_changed=True)
one(phone, "#setup .primary").click()
until("the password is set", lambda: one(phone, "#success").is_displayed() and not one(phone, "#setup").is_displayed())
check(phone, ["401"], is_changed=True)
one(phone, "#success a").click()
until("one is logged in", lambda: one(phone, "#desk").is_displayed())
phone.get(base + "/setup")
until("it is over", lambda: "is set up" in one(phone, "#problem").text)

wall = chromium(768, 1024)
wall.get(base + "/")
until("the wall says that it is empty", lambda: one(wall, "#empty").is_displayed())
submit("seen without a reload")
until("the entry is on the wall", lambda: "seen without a reload" in one(wall, "#feed").text, 30)
connection = one(wall, "#connection").text
assert connection == "", f"the page says “{connection}”"
assert not complaints(wall, no_events), complaints(wall, no_events)
# It has asked for events, found that there are none, and leaves it at that.
asked = wall.execute_script("return performance.getEntriesByType('resource').filter((e) => e.name.includes('/api/events')).length")
assert asked <= 3, f"it asked for events {asked} times"
check(wall, no_events, is_changed=True)
phone.quit()
wall.quit()
