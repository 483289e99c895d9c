"""A venue's network and its people's phones: pages in between, reloads, files that are none, photos that are too
large, tabs that nobody sees, streams that are held back, a crowd behind one address, the clock of a phone.
"""
import json
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from desk import cookie as log_in
from browser import base, chromium, complaints, every, one, photo, request, submit, texts, until

folder = Path(tempfile.mkdtemp())
phone = chromium()
phone.get(base + "/")
until("the form is there", lambda: one(phone, "#category").get_property("value"))
phone.execute_cdp_cmd("Network.enable", {})


def press(browser=phone):
    browser.execute_script("document.querySelector('#entry [type=submit]').click()")


def entered(browser=phone):
    until("the entry is taken", lambda: one(browser, "#success").is_displayed())


def captions():
    return [entry["caption"] for list in request("GET", "/api/feed")["feed"].values() for entry in list]


def intercept(browser, body, kind, status=200, times=1):
    """Has the next submissions answered by somebody else, as a captive portal does; the rest goes on."""
    browser.execute_script("""
        const [body, kind, status, times] = arguments;
        const send = XMLHttpRequest.prototype.send;
        let left = times;
        XMLHttpRequest.prototype.send = function (data) {
          if (left-- <= 0) { XMLHttpRequest.prototype.send = send; return send.call(this, data); }
          const blob = URL.createObjectURL(new Blob([body], { type: kind }));
          this.open('GET', blob);
          if (status !== 200) Object.defineProperty(this, 'status', { get: () => status });
          return send.call(this);
        };
    """, body, kind, status, times)


# A 200 that is not the site's is no success, whatever it says.
for body, kind in [("<html>Log in to the Wi-Fi</html>", "text/html"), ('{"ok":true}', "application/json"), ('{"success":true}', "application/json")]:
    phone.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
    phone.get(base + "/")
    until("the form is there", lambda: one(phone, "#category").get_property("value"))
    intercept(phone, body, kind)
    one(phone, "#caption").send_keys(f"portal {kind} {len(body)}")
    press()
    until("it says that it was somebody else", lambda: "Something between you and the site" in one(phone, "#problem").text)
    assert one(phone, "#caption").get_property("value") == f"portal {kind} {len(body)}"
    entered()
    assert captions().count(f"portal {kind} {len(body)}") == 1
phone.execute_cdp_cmd("Page.setBypassCSP", {"enabled": False})

# A file without a byte is no photo: nothing is sent without it unless somebody says so.
empty = folder / "empty.jpg"
empty.write_bytes(b"")
one(phone, "#photo").send_keys(str(empty))
until("it says that the file is empty", lambda: "That file is empty" in one(phone, "#problem").text)
one(phone, "#caption").send_keys("no photo after all")
press()
time.sleep(0.5)
assert "no photo after all" not in captions()
assert "That file is empty" in one(phone, "#problem").text
one(phone, "#without-photo").click()
press()
entered()
until("it is there without one", lambda: "no photo after all" in captions())

# A photo that was changed after it was chosen is the one that was chosen.
changing = folder / "changing.png"
changing.write_bytes(photo.read_bytes())
one(phone, "#photo").send_keys(str(changing))
until("the preview is shown", lambda: one(phone, "#preview").is_displayed())
changing.write_bytes(b"something else")
one(phone, "#caption").send_keys("changed on the disk")
press()
entered()
feed = request("GET", "/api/feed")["feed"]
image = [e["imageUrl"] for list in feed.values() for e in list if e["caption"] == "changed on the disk"][0]
assert image, "it has its photo"

# A photo of 60 megapixels, and one of 12 MB, are made smaller: as one sees them, and without metadata.
def jpeg(width, height, options, name):
    path = folder / name
    for command in (["gaussnoise", "n.v", str(width), str(height), "--sigma", "60", "--mean", "120"], ["cast", "n.v", "u.v", "uchar"],
                    ["bandjoin", "u.v u.v u.v", "c.v"], ["jpegsave", "c.v", str(path), *options]):
        subprocess.run(["/usr/bin/vips", *command], cwd=folder, check=True)
    return path


large = jpeg(9000, 6700, ["--Q", "20"], "large.jpg")
heavy = jpeg(4000, 3000, ["--Q", "97"], "heavy.jpg")
assert heavy.stat().st_size > 10_485_760, heavy.stat().st_size
subprocess.run(["/usr/bin/exiftool", "-q", "-overwrite_original", "-Orientation#=6", "-Artist=Secret", str(large)], check=True)
for path, caption, sides in [(large, "of 60 megapixels", (3049, 4096)), (heavy, "of 12 MB", (4000, 3000))]:
    one(phone, "#photo").send_keys(str(path))
    until("the preview is shown", lambda: one(phone, "#preview").is_displayed() and not one(phone, "#problem").is_displayed(), 90)
    one(phone, "#caption").send_keys(caption)
    press()
    until("the entry is taken", lambda: caption in captions(), 90)
    entered()
    feed = request("GET", "/api/feed")["feed"]
    image = [e["imageUrl"] for list in feed.values() for e in list if e["caption"] == caption][0]
    stored = folder / "stored.jpg"
    stored.write_bytes(urllib.request.urlopen(base + image).read())
    said = subprocess.run(["/usr/bin/exiftool", "-s3", "-ImageWidth", "-ImageHeight", "-Artist", "-Orientation", str(stored)],
                          check=True, capture_output=True, text=True).stdout.split()
    width, height = int(said[0]), int(said[1])
    assert len(said) == 2 and max(width, height) <= 4096, said
    assert (height > width) == (caption == "of 60 megapixels"), said

# A reload while it is sent is one entry: the page that comes back asks the receipt first.
middle = jpeg(1200, 900, ["--Q", "90"], "middle.jpg")
for moment in (0.0, 0.1, 0.5, 1.5):
    caption = f"reloaded after {moment} s"
    phone.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": False, "latency": 200, "downloadThroughput": -1, "uploadThroughput": 400_000})
    one(phone, "#photo").send_keys(str(middle))
    until("the preview is shown", lambda: one(phone, "#preview").is_displayed())
    one(phone, "#caption").send_keys(caption)
    press()
    time.sleep(moment)
    phone.refresh()
    # It may have been there before the page was left.
    until("it is there", lambda: captions().count(caption) == 1)
    until("the form is empty", lambda: one(phone, "#caption").get_property("value") == "" and not one(phone, "#caption").get_property("disabled"))
    assert captions().count(caption) == 1, captions()
phone.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})

# What was typed and not sent is there after a reload.
one(phone, "#caption").send_keys("half a thought")
one(phone, "#photo").send_keys(str(photo))
until("the preview is shown", lambda: one(phone, "#preview").is_displayed())
time.sleep(1)
phone.refresh()
until("the draft is back", lambda: one(phone, "#caption").get_property("value") == "half a thought")
until("with its photo", lambda: one(phone, "#preview").is_displayed())
press()
entered()
assert captions().count("half a thought") == 1

# A crowd behind one address: refused for a while, the page waits as it is told to, and goes on by itself.
phone.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
phone.refresh()
until("the form is there", lambda: one(phone, "#category").get_property("value"))
intercept(phone, '{"error":"That was too often.","code":"too_often"}', "application/json", 429)
one(phone, "#caption").clear()
one(phone, "#caption").send_keys("in a crowd")
press()
until("it says that many are entering", lambda: "Many people are entering" in one(phone, "#problem").text)
entered()
assert captions().count("in a crowd") == 1
phone.execute_cdp_cmd("Page.setBypassCSP", {"enabled": False})

# The clock of the phone decides nothing.
phone.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
    const Real = Date;
    window.Date = class extends Real {
      constructor(...words) { if (words.length) super(...words); else super(Real.now() + 86400000); }
      static now() { return Real.now() + 86400000; }
    };
"""})
soon = int(time.time() * 1000) + 3_600_000
request("POST", "/api/categories", {"categories": [{"id": "worst", "name": "Worst"}, {"id": "best", "name": "Best", "closesAt": soon}]}, log_in())
phone.get(base + "/")
until("what is open is open", lambda: texts(phone, "#category option") == ["Worst", "Best"])
assert not every(phone, "#category option")[1].get_property("disabled")

# The feed is read once on opening, and seven tabs leave connections for the eighth.
def reads():
    lines = [json.loads(entry["message"])["message"] for entry in phone.get_log("performance")]
    return [m["params"]["request"]["url"] for m in lines if m["method"] == "Network.requestWillBeSent"]


reads()
phone.get(base + "/")
until("the wall is there", lambda: texts(phone, "#entries .text"))
time.sleep(3)
urls = reads()
assert sum(url.endswith("/api/feed") for url in urls) == 1, urls
assert sum(url.endswith("/categories.json") for url in urls) == 1, urls
assert any("/api/events?heartbeat=1&after=" in url for url in urls), urls
for number in range(9):
    phone.switch_to.new_window("tab")
    start = time.time()
    phone.get(base + "/")
    until("the wall is there", lambda: texts(phone, "#entries .text"), 10)
    assert time.time() - start < 10, number
submit("seen in the last tab")
until("it is live", lambda: "seen in the last tab" in texts(phone, "#entries .text"))
phone.switch_to.window(phone.window_handles[0])
until("and in the first again", lambda: "seen in the last tab" in texts(phone, "#entries .text"))

found = complaints(phone, allowed=["net::ERR", "Failed to load resource"])
assert not found, found
phone.quit()
