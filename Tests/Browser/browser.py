"""What the scenarios share: a real Chromium, what it complains of, and how one waits.

A scenario is a program: SCENARIO.py BASE [WORD ...]. It ends with 0, or with a traceback that says
what was not as it should be. What only the test can do (kill a process, start the site anew) it
asks for with a line on standard output, and goes on when a line comes back.
"""
import json
import sys
import time
import urllib.request
import uuid
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

top = Path(__file__).resolve().parents[2]
scripts = top / ".build" / "browser"
photo = top / "Tests" / "photo.png"
base = sys.argv[1]


def chromium(width=390, height=844, home=None):
    """A browser of a phone's size that writes down what its pages complain of."""
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    browser.set_script_timeout(60)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 600})
    # Shifts of the layout and refusals of the security policy, from the first moment of each page.
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
        window.shift = 0; window.violations = [];
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
        }).observe({ type: 'layout-shift', buffered: true });
        document.addEventListener('securitypolicyviolation',
          (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
    """})
    return browser


def hurry(browser, factor=10):
    """Lets the timers of the pages that are loaded from now on run out sooner; the site keeps its own time."""
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": f"""
        for (const name of ['setTimeout', 'setInterval']) {{
          const real = window[name].bind(window);
          window[name] = (action, delay = 0, ...rest) => real(action, delay / {factor}, ...rest);
        }}
    """})


def until(what, condition, seconds=60):
    """Waits for something to become true; gives it."""
    deadline, last = time.time() + seconds, None
    while time.time() < deadline:
        try:
            last = condition()
        except Exception as error:  # An element that is being replaced: it is looked for again.
            last = error
        else:
            if last:
                return last
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s; last was {last!r}")


def ask(word):
    """Has the test do something, and waits until it is done."""
    print(word, flush=True)
    assert sys.stdin.readline(), "the test is gone"


def one(browser, selector):
    return browser.find_element(By.CSS_SELECTOR, selector)


def every(browser, selector):
    return browser.find_elements(By.CSS_SELECTOR, selector)


def press(browser, selector, keys):
    """Presses keys on an element, or on what has taken its place: live pages draw their cards anew."""
    until(f"{keys!r} reaches {selector}", lambda: one(browser, selector).send_keys(keys) is None)


def choose(browser, selector, value):
    """Chooses an option as a person does; a list that was drawn anew meanwhile is looked for again."""
    option = f"{selector} option[value='{value}']"
    until(f"{value!r} is chosen in {selector}", lambda: one(browser, option).click() is None)


def texts(browser, selector):
    """The texts of all elements, read at one instant."""
    return browser.execute_script(
        "return Array.from(document.querySelectorAll(arguments[0]), (e) => e.innerText.trim())", selector)


def complaints(browser, allowed=()):
    """Errors and warnings of the console, and what the security policy refused."""
    lines = [entry["message"] for entry in browser.get_log("browser")]
    lines += browser.execute_script("return window.violations ?? []")
    return [line for line in lines if not any(word in line for word in allowed)]


def check(browser, allowed=(), is_changed=False):
    """No complaint, no shift of the layout, nothing that shuts people out (WCAG 2.2 AA).

    Where something was announced or taken away live, what is below it has moved on purpose.
    """
    found = complaints(browser, allowed)
    assert not found, found
    shift = browser.execute_script("return window.shift")
    assert is_changed or shift <= 0.1, f"the layout has shifted by {shift}"
    until("nothing moves any more", lambda: browser.execute_script(
        "return document.getAnimations().every((animation) => animation.playState !== 'running')"))
    browser.execute_script((scripts / "axe.min.js").read_text())
    result = browser.execute_async_script("""
        const done = arguments[0];
        axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
          .then((found) => done(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)));
    """)
    assert not result, result
    width = browser.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], f"the page is {width[0]} wide and the window {width[1]}"


def request(method, path, body=None, fields=None):
    """Sends a request as another client would; gives the JSON of the answer."""
    data = json.dumps(body).encode() if body is not None else None
    fields = {"Content-Type": "application/json"} | (fields or {})
    with urllib.request.urlopen(urllib.request.Request(base + path, data, fields, method=method)) as answer:
        return json.load(answer)


def submit(caption, category="best", picture=None, name="Ann Other", phone="555 0101", key=None):
    """Enters a tattoo from elsewhere; gives the answer."""
    boundary = uuid.uuid4().hex
    values = {"category": category, "caption": caption, "name": name, "phone": phone}
    values |= {"submissionId": key} if key else {}
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in values.items())
    if picture is not None:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\n'
        body += head.encode() + picture + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    fields = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = urllib.request.urlopen(urllib.request.Request(base + "/api/submit", body, fields))
    return json.load(answer)
