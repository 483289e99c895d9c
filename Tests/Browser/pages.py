"""What pages owe to organizers and to everybody: two desks at once, times that nobody touched, streams that are held
back, answers that are somebody else's, text of every direction, paper, and a projector that keeps up.
"""
import json
import time

from browser import base, chromium, complaints, every, hurry, one, request, submit, texts, until
from desk import cookie

berlin = chromium(1280, 800)
berlin.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "Europe/Berlin"})
berlin.execute_cdp_cmd("Network.enable", {})


def click(browser, selector):
    browser.execute_script("document.querySelector(arguments[0]).click()", selector)


def log_in(browser):
    browser.get(base + "/admin")
    until("the log-in is shown", lambda: one(browser, "#password").is_displayed() or one(browser, "#desk").is_displayed())
    if not one(browser, "#desk").is_displayed():
        one(browser, "#password").send_keys("correct horse")
        click(browser, "#log-in [type=submit]")
    until("the desk is open", lambda: one(browser, "#desk").is_displayed())


def said(browser, words, box="#success"):
    until(f"the desk says {words!r}", lambda: words in one(browser, box).text)


# 25 October 2026, 02:30 comes twice; and seconds are kept.
first, second = 1792888200_000, 1792891800_000
exact = 1792999999_123
listed = [
    {"id": "best", "name": "Best", "opensAt": first, "closesAt": second},
    {"id": "sleeve", "name": "Sleeve", "closesAt": exact},
    {"id": "worst", "name": "Worst"},
]
request("POST", "/api/categories", {"categories": listed}, cookie())
log_in(berlin)
shown = berlin.execute_script("return Array.from(document.querySelectorAll('#category-rows [type=datetime-local]'), (e) => e.value)")
assert shown[0][:16] == shown[1][:16] == "2026-10-25T02:30", shown
click(berlin, "#categories [type=submit]")
said(berlin, "The categories are saved")
assert request("GET", "/categories.json") == listed

# Of two desks the later one is told what has changed, and keeps what it typed.
other = chromium(1280, 800)
log_in(other)
for desk, name in [(berlin, "Best of Berlin"), (other, "Best of Hamburg")]:
    desk.execute_script("document.querySelector('#category-rows [name=name]').value = arguments[0]", name)
click(berlin, "#categories [type=submit]")
said(berlin, "The categories are saved")
click(other, "#categories [type=submit]")
said(other, "Somebody else has saved the categories meanwhile: Best of Berlin", "#problem")
assert one(other, "#category-rows [name=name]").get_property("value") == "Best of Hamburg"
assert request("GET", "/categories.json")[0]["name"] == "Best of Berlin"
click(other, "#categories [type=submit]")
said(other, "The categories are saved")
assert request("GET", "/categories.json")[0]["name"] == "Best of Hamburg"
other.quit()


# A desk asks for what an event names, and for nothing else.
def asked(browser):
    lines = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [m["params"]["request"]["url"].split("/api/", 1)[1] for m in lines
            if m["method"] == "Network.requestWillBeSent" and "/api/submissions" in m["params"]["request"]["url"]]


request("POST", "/api/categories", {"categories": [{"id": "best", "name": "Best"}, {"id": "worst", "name": "Worst"}]}, cookie())
log_in(berlin)
time.sleep(2)
asked(berlin)
id = submit("told of")["entry"]["id"]
until("the desk has it", lambda: "told of" in texts(berlin, "#entries .text"))
assert asked(berlin) == [f"submissions?ids={id}"], "it has asked for more"
request("DELETE", f"/api/submissions/{id}", fields=cookie())
until("it is gone", lambda: "told of" not in texts(berlin, "#entries .text"))
assert asked(berlin) == [f"submissions?ids={id}"]

# An answer of somebody in between is no success.
berlin.execute_script("""
    const real = window.fetch;
    window.fetch = async (path, options) => {
      if (path !== '/api/save-winners') return real(path, options);
      window.fetch = real;
      return new Response('<html>Log in to the Wi-Fi</html>', { status: 200, headers: { 'Content-Type': 'text/html' } });
    };
""")
click(berlin, "#save-winners")
said(berlin, "Something between you and the site", "#problem")
click(berlin, "#save-winners")
said(berlin, "The winners are saved")

# Text of every direction stands by itself: in a sentence, in a menu, in a row.
arabic = "\u202eوشم جميل\u2069 123"
submit(arabic, name=arabic)
until("it is there", lambda: any("وشم" in t for t in texts(berlin, "#entries .text")))
assert berlin.execute_script("return document.querySelector('#entries .text').dir") == "auto"
click(berlin, "#entries .more-of")
until("the menu is open", lambda: one(berlin, "#entry-menu").is_displayed())
words = berlin.execute_script("return document.querySelector('.more-of').getAttribute('aria-label')")
assert words.count("\u2068") == words.count("\u2069") == 1 and "\u202e" not in words, ascii(words)
berlin.execute_script("document.querySelector('#entry-menu').close()")

# On paper every page is black on white, and nothing on it is to be pressed.
for path in ("/", "/winners.html", "/receipt.html?id=sub-x", "/show", "/judge", "/call", "/admin", "/enter"):
    berlin.get(base + path)
    until("the page is there", lambda: texts(berlin, "h1"))
    berlin.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    found = berlin.execute_script("""
        const parts = getComputedStyle(document.body);
        const pressed = [...document.querySelectorAll('button, input, select, textarea')].filter((e) => e.getClientRects().length > 0);
        return [parts.backgroundColor, parts.color, pressed.map((e) => e.outerHTML)];
    """)
    berlin.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert found == ["rgb(255, 255, 255)", "rgb(0, 0, 0)", []], (path, found)

# A stream that is open and brings nothing is not live: the page asks again and again.
held = chromium()
hurry(held)
held.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
    const Real = window.EventSource;
    window.EventSource = class extends EventTarget {
      constructor() { super(); this.readyState = 1; setTimeout(() => this.dispatchEvent(new Event('open')), 50); }
      close() {}
    };
"""})
held.get(base + "/")
until("the wall is there", lambda: texts(held, "#entries .text"))
submit("behind a proxy")
until("the page has asked", lambda: "behind a proxy" in texts(held, "#entries .text"), 20)
# And still so when two heartbeats should have come: 33 s of the page's timers.
time.sleep(3.3)
submit("still behind a proxy")
until("the page has asked again", lambda: "still behind a proxy" in texts(held, "#entries .text"), 20)
held.quit()

# The projector keeps up with fourteen entries that come at once.
stage = chromium(1280, 800)
hurry(stage)
stage.get(base + "/show")
until("the stage is there", lambda: texts(stage, "#slide .said"))
stage.execute_script("""
    window.seen = new Set();
    new MutationObserver(() => { for (const e of document.querySelectorAll('#slide .said')) window.seen.add(e.textContent); })
      .observe(document.querySelector('#slide'), { childList: true, subtree: true });
""")
wanted = {f"at once {number}" for number in range(14)}
for caption in wanted:
    submit(caption)
until("all were shown", lambda: wanted <= set(stage.execute_script("return [...window.seen]")), 10)
stage.quit()

found = complaints(berlin, allowed=["net::ERR", "Failed to load resource"])
assert not found, found
berlin.quit()
