"""Every page is told what happens the moment it is safe, and goes on after a break by itself."""
from browser import ask, base, chromium, complaints, one, photo, request, submit, texts, until
from desk import cookie

pages = {"/": "#entries .text", "/winners.html": "#winners .text", "/show": "#slide .said"}
browser = chromium(1280, 800)
windows = {}
for path in [*pages, "/admin"]:
    browser.switch_to.new_window("tab")
    browser.get(base + path)
    windows[path] = browser.current_window_handle


def sees(path, selector, text, seconds=150):
    browser.switch_to.window(windows[path])
    until(f"{path} shows {text!r}", lambda: text in " ".join(texts(browser, selector)), seconds)


browser.switch_to.window(windows["/admin"])
until("the password can be typed", lambda: one(browser, "#password").is_displayed())
one(browser, "#password").send_keys("correct horse")
one(browser, "#log-in [type=submit]").click()
until("the desk is open", lambda: one(browser, "#desk").is_displayed())

id = submit("first of all", picture=photo.read_bytes())["entry"]["id"]
sees("/", "#entries .text", "first of all")
sees("/show", "#slide .said", "first of all")
sees("/admin", "#entries .text", "first of all")

request("POST", "/api/save-winners", {"winners": {"best": [id]}}, cookie())
sees("/winners.html", "#winners .text", "first of all")
sees("/show", "#winners", "first of all")

# A restart: the pages say so quietly, and are back soon after it.
ask("stop")
browser.switch_to.window(windows["/"])
until("the page says that it reconnects", lambda: texts(browser, "#connection") == ["Reconnecting…"])
ask("start")
until("it is back", lambda: texts(browser, "#connection") == [""], seconds=15)
submit("after the restart")
sees("/", "#entries .text", "after the restart", seconds=15)
sees("/admin", "#entries .text", "after the restart")

# The live process is killed, and what happens meanwhile is seen all the same.
ask("kill live")
submit("while it was down")
sees("/", "#entries .text", "while it was down")
sees("/admin", "#entries .text", "while it was down")

# Events that cannot be had: the page asks again and again.
for path, text in [("/", "asked for"), ("/admin", "asked for, too")]:
    browser.switch_to.window(windows[path])
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/api/events*"]})
    browser.refresh()
    until("the page is there", lambda: texts(browser, "h1"))
    submit(text)
    sees(path, "#entries .text", text)

request("DELETE", f"/api/submissions/{id}", fields=cookie())
sees("/winners.html", "#empty", "The judges")
# One may go from page to page: those that were left hold no connection.
browser.switch_to.window(windows["/"])
browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
browser.set_script_timeout(30)
for path in [*pages, *pages, *pages]:
    browser.get(base + path)
    browser.execute_async_script("fetch(location.href).then((answer) => answer.text()).then(arguments[0])")
browser.back()
submit("after going back")
browser.get(base + "/")
until("the page is live", lambda: "after going back" in texts(browser, "#entries .text"))

found = complaints(browser, allowed=["net::ERR", "Failed to load resource"])
assert not found, found
browser.quit()
