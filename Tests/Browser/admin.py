"""The organizers' desk with moderation: decisions by mouse and keyboard, search and pages, winners as on a
stage, the clock, exports.
"""
import csv
import io
import json
import tempfile
import time
import urllib.error
import zipfile
from pathlib import Path

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from browser import base, check, choose, chromium, every, one, photo, press, request, submit, texts, until
from desk import cookie

desk = chromium(1280, 800)
visitor = chromium()
visitor.get(base + "/winners.html")
desk.get(base + "/admin")
until("the log-in is shown", lambda: one(desk, "#password").is_displayed())
check(desk)
one(desk, "#password").send_keys("wrong" + Keys.ENTER)
until("a wrong password is refused", lambda: one(desk, "#problem").text == "The password is wrong.")
desk.get_log("browser")
one(desk, "#password").send_keys("correct horse" + Keys.ENTER)
until("the desk is open", lambda: one(desk, "#desk").is_displayed())
until("the storage is told of in words", lambda: texts(desk, "#health li"))
check(desk)


session = cookie()


def cards():
    return texts(desk, "#entries .text")


def click(selector):
    desk.execute_script("document.querySelector(arguments[0]).click()", selector)


def said(words):
    until(f"the desk says {words!r}", lambda: words in one(desk, "#success").text)


# What waits is seen here at once, and by nobody else until it is approved.
first = submit("first <b>tattoo</b>", picture=photo.read_bytes(), name="=SUM(1)", phone="555 1")["entry"]
second = submit("second", category="worst")["entry"]
until("both wait", lambda: texts(desk, "#entries .state") == ["Waiting", "Waiting"])
until("the bar says so", lambda: one(desk, "#bar-waits").text == "2 waiting")
visitor.get(base + "/")
until("the wall is empty", lambda: one(visitor, "#empty").is_displayed())
press(desk, f"[data-id='{first['id']}']", Keys.ENTER)
until("one looks closer", lambda: one(desk, "#closer").is_displayed())
until("the picture is large", lambda: desk.execute_script(
    "const p = document.querySelector('#closer img'); return p.complete && p.naturalWidth > 0"))
check(desk, is_changed=True)
one(desk, "#closer-approve").click()
until("the visitor sees it", lambda: texts(visitor, "#entries .text") == ["first <b>tattoo</b>"])
press(desk, f"[data-id='{second['id']}']", "r")
until("it is rejected", lambda: texts(desk, "#entries .state") == ["Rejected"])
press(desk, f"[data-id='{second['id']}']", "a")
until("the visitor sees both", lambda: len(texts(visitor, "#entries .text")) == 2)

# Removed: out of everybody's sight at once, to be had back for ten seconds, then gone.
def remove(id):
    until("the menu is open", lambda: (click(f"[data-id='{id}'] .more-of"), one(desk, "#entry-menu").is_displayed())[1])
    click("#entry-menu [data-action=remove]")


def exists(id):
    listed = request("GET", "/api/submissions", fields=session)["submissions"]
    return any(entry["id"] == id for entries in listed.values() for entry in entries)


remove(second["id"])
until("the visitor does not see it", lambda: texts(visitor, "#entries .text") == ["first <b>tattoo</b>"])
until("the desk says what happens", lambda: "removed in ten seconds" in one(desk, "#leaving").text)
check(desk, is_changed=True)
click("#leaving .undo")
said("is back.")
until("the visitor sees it again", lambda: len(texts(visitor, "#entries .text")) == 2)
third, fourth = [submit(caption)["entry"]["id"] for caption in ("third", "fourth")]
until("they are at the desk", lambda: {"third", "fourth"} <= set(cards()))
remove(third)
assert exists(third)
until("it is gone after ten seconds", lambda: not exists(third) and not one(desk, "#leaving").is_displayed())
remove(fourth)
desk.refresh()
until("a reload changes nothing", lambda: one(desk, "#leaving .undo").is_displayed())
assert exists(fourth)
until("it goes all the same", lambda: not exists(fourth))
fifth = submit("fifth")["entry"]["id"]
until("it is at the desk", lambda: "fifth" in cards())
remove(fifth)
until("it is being removed", lambda: one(desk, "#leaving .undo").is_displayed())
one(desk, "body").send_keys("z")
until("a key brings it back", lambda: not one(desk, "#leaving").is_displayed())


def decided_meanwhile(entry):
    """Removes an entry and decides on it elsewhere; a busy machine may take longer than the ten seconds for that."""
    press(desk, f"[data-id='{entry}']", Keys.DELETE)
    until("it is being removed", lambda: one(desk, "#leaving .undo").is_displayed() or not exists(entry))
    try:
        request("POST", "/api/moderation", {"approve": [entry]}, session)
    except urllib.error.HTTPError:
        return False
    until("it is decided or gone", lambda: "Somebody else has decided" in one(desk, "#problem").text or not exists(entry))
    return exists(entry)


# What another desk has decided meanwhile stands.
while not decided_meanwhile(fifth):
    fifth = submit("again")["entry"]["id"]
    until("it is at the desk", lambda: "again" in cards())
request("DELETE", f"/api/submissions/{fifth}", fields=session)
# Without a network nothing is promised.
desk.execute_script("window.realFetch = window.fetch; window.fetch = () => Promise.reject(new TypeError('offline'))")
press(desk, f"[data-id='{second['id']}']", Keys.DELETE)
until("the desk says so", lambda: "No connection" in one(desk, "#problem").text)
assert not one(desk, "#leaving").is_displayed() and "Being removed" not in texts(desk, "#entries .state")
desk.execute_script("window.fetch = window.realFetch")
until("the desk has neither", lambda: sorted(cards()) == ["first <b>tattoo</b>", "second"])

# Winners from thumbnails: pressed, dragged to another place, by the keys.
desk.get(base + "/admin#winners")
until("the section is alone", lambda: one(desk, "#places").is_displayed() and not one(desk, "#entries").is_displayed())
best = f".strip [data-entry='{first['id']}']"
slot = "[id='place-best-{}']"
until("the thumbnails are there", lambda: every(desk, best))


def chosen(category="best"):
    return [each.get_property("value") for each in every(desk, f"#places [data-category={category}] select")]


# A place that is left out is said, and another desk's winners are not wiped.
press(desk, best, "2")
click("#save-winners")
until("the gap is said", lambda: "A place of Best is left out" in one(desk, "#problem").text)
press(desk, best, Keys.DELETE)
request("POST", "/api/save-winners", {"winners": {"worst": [second["id"]]}}, session)
until("what nobody touched here follows", lambda: chosen("worst")[0] == second["id"])
one(desk, best).click()
request("POST", "/api/winners-draft", {"winners": {"best": [], "worst": []}}, session)
until("what was chosen here stays", lambda: chosen("worst") == ["", ""] and chosen() == [first["id"], ""])
press(desk, best, Keys.DELETE)
request("POST", "/api/save-winners", {"winners": {"worst": []}}, session)
until("nobody has won", lambda: request("GET", "/api/winners-draft", fields=session)["published"].get("worst") == [])
one(desk, best).click()
until("the first place is taken", lambda: chosen() == [first["id"], ""])
assert one(desk, best).get_attribute("aria-pressed") == "true"
ActionChains(desk).drag_and_drop(one(desk, ".chosen .thumbnail"), one(desk, slot.format(1))).perform()
until("it is dragged to the second", lambda: chosen() == ["", first["id"]])
press(desk, best, "1")
until("it is brought back by its key", lambda: chosen() == [first["id"], ""])
check(desk, is_changed=True)
press(desk, best, Keys.DELETE)
until("it is taken off", lambda: chosen() == ["", ""])
desk.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True})
check(desk, is_changed=True)
desk.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 1280, "height": 800, "deviceScaleFactor": 2, "mobile": False})
desk.get(base + "/admin#everything")
until("the desk is there", lambda: one(desk, "#entries").is_displayed())

# The stage: chosen and kept, published by category, taken back.
visitor.get(base + "/winners.html")
press(desk, f"[data-id='{first['id']}']", "p")
said("is chosen for place 1 of Best")
press(desk, f"[data-id='{second['id']}']", "p")
click("#save-draft")
said("The draft is saved")
desk.refresh()
until("the draft is still there", lambda: [s.get_property("value") for s in every(desk, "#places select")].count("") == 4)
until("nobody sees it", lambda: one(visitor, "#empty").is_displayed())
names = texts(desk, "#places legend")
desk.execute_script("document.querySelectorAll('#places .publish')[arguments[0]].click()", names.index("Worst"))
said("Worst is published")
until("one category is announced", lambda: texts(visitor, "#winners .text") == ["second"])
click("#save-winners")
said("The winners are saved and published")
until("all are announced", lambda: sorted(texts(visitor, "#winners .text")) == ["first <b>tattoo</b>", "second"])
click("#undo-winners")
said("taken back")
until("none but the first are left", lambda: texts(visitor, "#winners .text") == ["second"])
click("#undo-winners")
until("and all again", lambda: len(texts(visitor, "#winners .text")) == 2)
check(visitor, is_changed=True)
desk.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})


def printed():
    desk.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    return texts(desk, "#print-list td")


until("the list is whole", lambda: {"first <b>tattoo</b>", "555 1", "=SUM(1)", "second"} <= set(printed()))
assert one(desk, "#print-list").is_displayed() and not one(desk, "#desk").is_displayed()
desk.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

# The clock: a category is closed, and everybody's form knows.
visitor.get(base + "/")
desk.execute_script("""
    const rows = [...document.querySelectorAll('#category-rows li')];
    rows.find((row) => row.querySelector('[name=id]').value === 'sleeve').querySelector('[name=closed]').click();
""")
click("#categories [type=submit]")
said("The categories are saved")
until("the form says so", lambda: "Sleeve (closed)" in texts(visitor, "#category option"))
assert request("GET", "/categories.json")[2] == {"id": "sleeve", "name": "Sleeve", "closed": True}

# Exports.
folder = tempfile.mkdtemp()
desk.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})


def exported(ending):
    click(f"#export-{ending}")
    path = Path(folder) / f"tattoo-contest.{ending}"
    until(f"{path.name} is there", lambda: path.exists() and path.stat().st_size > 0)
    return path


until("the publication is known to the desk", lambda: not one(desk, "#undo-winners").get_property("disabled"))
rows = sorted(csv.DictReader(io.StringIO(exported("csv").read_text(encoding="utf-8-sig"))), key=lambda row: -int(row["number"]))
assert [(r["caption"], r["name"], r["place"]) for r in rows] == [("second", "Ann Other", "1"), ("first <b>tattoo</b>", "'=SUM(1)", "1")], rows
everything = json.loads(exported("json").read_text())
assert everything["submissions"]["best"][0]["phone"] == "555 1" and everything["winners"]["worst"] == [second["id"]]
with zipfile.ZipFile(exported("zip")) as archive:
    assert archive.testzip() is None
    names = [name for name in archive.namelist() if name.startswith("photos/")]
    assert [name.split("/")[1] for name in names] == ["best"] and "entries.csv" in archive.namelist()
    assert archive.read(names[0])[:4] == b"\x89PNG"

# Many: pages, search, filters, and all of a page at once.
for index in range(60):
    submit(f"number {index}", name=f"Person {index}")
until("they are there", lambda: one(desk, "#count").text == "1–48 of 62")
click("#as-cards")
until("they are cards", lambda: len(every(desk, "#entry-cards .card")) == 48 and not one(desk, "#entry-table").is_displayed())
check(desk, is_changed=True)
click("#as-table")
click("#older")
until("the next page is shown", lambda: one(desk, "#count").text == "49–62 of 62")
one(desk, "body").send_keys("/")
desk.switch_to.active_element.send_keys("person 59")
until("one is found", lambda: cards() == ["number 59"])
one(desk, "#search").clear()
one(desk, "#search").send_keys(" ")
click("#bar-waits [href='#entries']")
until("those that wait are found", lambda: one(desk, "#count").text == "1–48 of 60")
click("#approve-all")
until("a page of them is approved", lambda: one(desk, "#count").text == "1–12 of 12")
choose(desk, "#in-category", "worst")
until("none of another category waits", lambda: one(desk, "#empty").is_displayed())
check(desk, is_changed=True)
# On a phone, in German, with a long name and with much that waits, everything is reached, and nothing that has the focus
# is behind the bar.
request("POST", "/api/event", {"name": "Internationale Tattoo Convention Berlin-Brandenburg 2026"}, session)
desk.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True})
choose(desk, "#in-category", "")
submit("waits")
for language in ("de", "en"):
    desk.get(base + f"/admin?lang={language}#entries")
    until("the desk is open", lambda: texts(desk, "#entries .text") and one(desk, "#bar-waits a").is_displayed())
    check(desk, is_changed=True)
    seen = desk.execute_script("""
        const { left, right, top, bottom } = document.querySelector('.bar').getBoundingClientRect();
        const ends = [...document.querySelectorAll('.sections a, .wait')].map((e) => e.getBoundingClientRect().right);
        return [left >= 0 && right <= innerWidth, bottom <= innerHeight, Math.max(...ends) <= innerWidth];
    """)
    assert seen == [True, True, True], (language, seen)
    for _ in range(30):
        desk.switch_to.active_element.send_keys(Keys.TAB)
        hidden = desk.execute_script("""
            const focus = document.activeElement.getBoundingClientRect(), bar = document.querySelector('.bar');
            return !bar.contains(document.activeElement) && focus.height > 0 && focus.top >= bar.getBoundingClientRect().top;
        """)
        assert not hidden, desk.switch_to.active_element.get_attribute("outerHTML")
click("#log-out")
until("the desk is closed", lambda: one(desk, "#password").is_displayed() and not one(desk, "#desk").is_displayed())
check(desk, is_changed=True)
desk.quit()
visitor.quit()
