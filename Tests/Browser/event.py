"""An event: named at the desk, rehearsed, begun; its face on every page, its time zone, numbers, corrections."""
from selenium.webdriver.common.keys import Keys

from browser import base, check, choose, chromium, every, one, photo, press, request, submit, texts, until
from desk import cookie

desk = chromium(1280, 800)
visitor = chromium()
for browser, zone in [(desk, "America/New_York"), (visitor, "Asia/Tokyo")]:
    browser.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": zone})


def click(selector):
    desk.execute_script("document.querySelector(arguments[0]).click()", selector)


def fill(**values):
    for name, value in values.items():
        desk.execute_script("document.querySelector('#event').elements[arguments[0]].value = arguments[1]", name, value)


def said(words, box="#success"):
    until(f"the desk says {words!r}", lambda: words in one(desk, box).text)


def event():
    return request("GET", "/api/site")["event"]


# The first view shows the usual face.
visitor.get(base + "/")
until("the wall is there", lambda: one(visitor, "#empty").is_displayed())
assert "".join(one(visitor, ".brand").text.split()) == "TATTOOCONTEST"
desk.get(base + "/admin")
until("the log-in is shown", lambda: one(desk, "#password").is_displayed())
one(desk, "#password").send_keys("correct horse" + Keys.ENTER)
until("the desk is open", lambda: one(desk, "#desk").is_displayed())

# 25 October 2026, 02:30 in Berlin comes twice; the desk and the visitor are elsewhere.
first, second = 1792888200_000, 1792891800_000
fill(name="Ink <b>Days</b>", tagline="Three days", timeZone="Europe/Berlin", startsAt="2026-10-25T02:30:00", endsAt="2026-10-26T20:00:00")
desk.execute_script("const f = document.querySelector('#event').elements; f.hasAccent.checked = true; f.accent.value = '#0000ff'; f.rehearse.checked = true")
click("#event [type=submit]")
said("nearest colour", "#problem")
assert event() is None
desk.get_log("browser")
fill(accent="#ffb000")
click("#event [type=submit]")
said("Saved. Every page shows it.")
assert (event()["startsAt"], event()["state"]) == (first, "rehearsal"), event()
until("the visitor sees it live", lambda: one(visitor, ".brand").text == "INK <B>DAYS</B>" and one(visitor, "#lead").text == "Three days")
assert visitor.title == "Ink <b>Days</b>"
assert visitor.execute_script("return getComputedStyle(document.querySelector('.hero')).borderBottomColor") == "rgb(255, 176, 0)"
assert one(visitor, "#rehearsal").is_displayed() and one(visitor, "body").get_attribute("data-rehearsal") == "Rehearsal"
check(visitor, is_changed=True)
check(desk, is_changed=True)

# The second 02:30 survives a save in which it is not touched.
request("POST", "/api/event", {"startsAt": second}, cookie())
desk.refresh()
until("the desk has it", lambda: one(desk, "#event-starts").get_property("value").startswith("2026-10-25T02:30"))
fill(tagline="All of ink")
click("#event [type=submit]")
said("Saved. Every page shows it.")
assert (event()["startsAt"], event()["tagline"]) == (second, "All of ink"), event()

# A form that nobody is filling in follows; of two desks that do, the later one is told, and keeps what it typed.
request("POST", "/api/event", {"tagline": "Another's"}, cookie())
until("the form follows", lambda: one(desk, "#event-tagline").get_property("value") == "Another's")
fill(tagline="Mine")
request("POST", "/api/event", {"tagline": "Theirs"}, cookie())
until("the visitor has it", lambda: one(visitor, "#lead").text == "Theirs")
click("#event [type=submit]")
said("it is now “Ink <b>Days</b>”, “Theirs”", "#problem")
assert event()["tagline"] == "Theirs" and one(desk, "#event-tagline").get_property("value") == "Mine"
desk.get_log("browser")
click("#event [type=submit]")
said("Saved. Every page shows it.")
assert event()["tagline"] == "Mine"

# A logo, numbers on the wall and the receipt, corrections.
one(desk, "#logo-file").send_keys(str(photo))
click("#logo-save")
until("the visitor sees the logo", lambda: visitor.execute_script(
    "const p = document.querySelector('.logo'); return p?.complete && p.naturalWidth > 0"))
entry = submit("rehearsed", key="key-of-rehearsal")["entry"]
assert entry["number"] == 1
until("the wall shows the number", lambda: texts(visitor, "#entries .number") == ["1"])
press(desk, f"[data-id='{entry['id']}']", Keys.ENTER)
until("one looks closer", lambda: one(desk, "#closer").is_displayed())
desk.execute_script("document.querySelector('#corrections').open = true")
for id, value in [("caption", "corrected"), ("artist", "Ada")]:
    desk.execute_script("document.querySelector(arguments[0]).value = arguments[1]", f"#correct-{id}", value)
choose(desk, "#correct-category", "sleeve")
check(desk, is_changed=True)
click("#correct")
said("Corrected.")
until("the wall follows", lambda: texts(visitor, "#entries .text") == ["corrected"] and texts(visitor, "#entries .tag") == ["Sleeve"])
assert "Ada" not in one(visitor, "body").text
until("the card says who made it", lambda: "Ada" in one(desk, "#entries").text)
visitor.get(base + "/receipt.html?id=key-of-rehearsal")
until("the receipt shows the number", lambda: texts(visitor, "#facts .number") == ["1"])
check(visitor)

# The start takes the rehearsal away, for everybody at once.
visitor.get(base + "/")
until("the wall has it", lambda: texts(visitor, "#entries .text") == ["corrected"])
click("#event-start")
until("the desk asks first", lambda: one(desk, "#confirm").is_displayed())
check(desk, is_changed=True)
click("#confirm-keep")
assert event()["state"] == "rehearsal"
# The list as it was comes once more: a document may show a change a moment after its event.
visitor.execute_async_script("""
    const done = arguments[0], real = window.fetch;
    real('/api/feed').then(async (answer) => [await answer.text(), [...answer.headers]]).then(([body, headers]) => {
      let isFirst = true;
      window.fetch = (path, ...rest) => {
        if (!String(path).startsWith('/api/feed') || !isFirst) return real(path, ...rest);
        isFirst = false;
        return Promise.resolve(new Response(body, { headers }));
      };
      done();
    });
""")
click("#event-start")
click("#confirm-go")
said("Started. The rehearsal is kept as backup-")
assert event()["state"] == "live"
until("the wall is empty, and carries no watermark",
      lambda: one(visitor, "#empty").is_displayed() and not every(visitor, "#rehearsal"))
until("the desk has nothing", lambda: one(desk, "#empty").is_displayed())
assert submit("live")["entry"]["number"] == 1
until("the wall begins anew", lambda: texts(visitor, "#entries .number") == ["1"])
check(visitor, is_changed=True)
check(desk, is_changed=True)
desk.quit()
visitor.quit()
