"""How soon the organizers' desk is there with many entries, and how long typing into its search holds it up, in Chromium.

Prints milliseconds: until the entries are shown, the longest task until then, and the longest keystroke with the layout
after it. Desk and site run on this machine.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--top", type=Path, required=True)
parser.add_argument("--entries", type=int, default=10_000)
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--port", type=int, default=3198)
parser.add_argument("--json", type=Path)
options = parser.parse_args()

base = f"http://127.0.0.1:{options.port}"
sys.argv[1:] = [base]
sys.path.insert(0, str(options.top / "Tests" / "Browser"))
from browser import chromium, one, until  # noqa: E402

password = "correct horse"
words = "rose dagger swallow anchor moon wave heart eye lotus snake skull koi dragon fern crow".split()
searches = ["r", "ro", "ros", "rose", "rose 1", "rose 17", "", "#9", "555 0", "5", "17-ABCD", "other 99"]


def write_data(path):
    """A data file of as many entries, of a seed."""
    chance = random.Random(1)
    categories = ["worst", "best", "sleeve"]
    submissions = {category: [] for category in categories}
    for number in range(options.entries):
        at = 1790000000000 + 5000 * number
        entry = {
            "id": f"{at}-{number:06}", "caption": " ".join(chance.choices(words, k=6)), "name": f"Ann Other {number}",
            "phone": f"555 {number:05}", "imageUrl": None, "storageMethod": "none", "createdAt": at,
            "submissionId": f"sub-{at}-{number:06}", "transactionId": None, "number": number + 1,
        }
        submissions[chance.choice(categories)].insert(0, entry)
    path.write_text(json.dumps({"submissions": submissions, "winners": {}}))


def ready():
    try:
        with urllib.request.urlopen(base + "/ready") as answer:
            return answer.status == 200
    except OSError:
        return False


WATCH = """
    window.tasks = [];
    new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) tasks.push(duration); })
      .observe({ type: 'longtask', buffered: true });
    new MutationObserver(() => {
      if (!window.shownAt && document.querySelector('#entries .entry') && !document.querySelector('#desk').hidden) window.shownAt = performance.now();
    }).observe(document, { subtree: true, childList: true, attributes: true });
"""
TYPE = """
    const search = document.querySelector('#search');
    return arguments[0].map((value) => {
      search.value = value;
      const began = performance.now();
      search.dispatchEvent(new Event('input', { bubbles: true }));
      document.body.getBoundingClientRect();
      return performance.now() - began;
    });
"""


def measured(browser):
    """Opens the desk once, and types."""
    browser.get("about:blank")
    browser.get(base + "/admin#entries")
    until("the entries are shown", lambda: browser.execute_script("return window.shownAt"))
    time.sleep(1)
    shown, tasks = browser.execute_script("return [window.shownAt, tasks]")
    return {"shownMs": shown, "longestTaskMs": max(tasks, default=0), "longestKeystrokeMs": max(browser.execute_script(TYPE, searches))}


with tempfile.TemporaryDirectory() as home:
    write_data(Path(home) / "data.json")
    settings = {"PORT": str(options.port), "DATA_DIR": home, "ADMIN_PASSWORD": password, "LOG_LEVEL": "error"}
    site = subprocess.Popen([options.top / "scripts" / "serve"], env=os.environ | settings, stdout=subprocess.DEVNULL)
    try:
        until("the site is there", lambda: site.poll() is not None or ready())
        assert site.poll() is None, "the site did not start; see the message above"
        browser = chromium(1280, 800)
        browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        browser.get(base + "/admin")
        until("the log-in is shown", lambda: one(browser, "#password").is_displayed())
        one(browser, "#password").send_keys(password + "\n")
        until("the desk is open", lambda: one(browser, "#desk").is_displayed())
        rounds = [measured(browser) for _ in range(options.rounds)]
        browser.quit()
    finally:
        site.terminate()
        site.wait()

print(f"{options.entries} entries     best    median     worst   (ms)")
for name, label in [("shownMs", "shown"), ("longestTaskMs", "longest task"), ("longestKeystrokeMs", "longest keystroke")]:
    values = sorted(each[name] for each in rounds)
    print(f"{label:18}{values[0]:8.0f}{values[len(values) // 2]:10.0f}{values[-1]:10.0f}")
if options.json:
    options.json.write_text(json.dumps({"entries": options.entries, "rounds": rounds}, indent=2) + "\n")
