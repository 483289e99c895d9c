"""Entering from a phone: the form with scripts and without, seen live in a second window, over a bad
connection, with text that would be markup.
"""
import io
import re

from browser import ask, base, check, choose, chromium, complaints, every, one, photo, sys, texts, until

phone = chromium()
wall = chromium(768, 1024)
wall.get(base + "/")
until("the wall says that it is empty", lambda: one(wall, "#empty").is_displayed())
check(wall)

# The link of a QR code chooses the category.
phone.get(base + "/?category=sleeve")
until("the category of the link is chosen", lambda: one(phone, "#category").get_property("value") == "sleeve")
until("the consent is shown as text", lambda: one(phone, "#consent").text == "I may show this photo, & <you> may, too.")
one(phone, "#rules summary").click()
assert one(phone, "#rules-text").text == "One entry each."
check(phone)


def fill(caption, picture=True):
    if picture:
        one(phone, "#photo").send_keys(str(photo))
        until("the preview is shown", lambda: one(phone, "#preview").is_displayed())
    one(phone, "#caption").send_keys(caption)
    one(phone, "#name").send_keys("Ann")
    one(phone, "#phone").send_keys("555")


def press():
    phone.execute_script("document.querySelector('#entry [type=submit]').click()")


def receipt():
    return one(phone, "#success a").get_property("href")


hostile = """<img src=x onerror="document.title='broken'"><script>document.title='broken'</script> "'&amp; Ünï \u202e✨"""
fill(hostile)
press()
until("the entry is taken", lambda: one(phone, "#success").is_displayed())
assert one(phone, "#caption").get_property("value") == "", "the form is empty"
assert not one(phone, "#preview").is_displayed()
for browser in (phone, wall):
    until("the entry is on the wall as it was written", lambda: hostile in texts(browser, "#entries .text"))
    until("its picture is shown, in a width that fits", lambda: browser.execute_script(
        "const p = document.querySelector('#entries img'); return p.complete && p.naturalWidth > 0 && p.currentSrc.includes('/thumbs/')"))
    assert browser.title == "Tattoo Contest"
    assert not every(browser, "#entries script, #entries .text img")
    check(browser)

# What is wrong is said in words, and nothing is lost.
phone.execute_script("document.querySelector('#category').append(new Option('Gone', 'gone', true, true))")
fill("not yet", picture=False)
press()
until("the page says what is wrong", lambda: one(phone, "#problem").text == "There is no category “gone”.")
assert one(phone, "#caption").get_property("value") == "not yet"
choose(phone, "#category", "best")

# Offline in the middle of it, and back: one entry, by itself.
phone.execute_cdp_cmd("Network.enable", {})
phone.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
press()
until("the page says that it tries again", lambda: "sent again by itself" in one(phone, "#problem").text)
phone.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
until("the entry is taken", lambda: one(phone, "#success").is_displayed())
until("everybody sees it", lambda: texts(wall, "#entries .text").count("not yet") == 1)

# The site is away, and comes back: still one entry.
fill("through a restart", picture=False)
ask("stop")
press()
until("the page says that it tries again", lambda: "sent again by itself" in one(phone, "#problem").text)
ask("start")
until("the entry is taken", lambda: one(phone, "#success").is_displayed())
until("everybody sees it", lambda: texts(wall, "#entries .text").count("through a restart") == 1)
until("so does who entered it", lambda: texts(phone, "#entries .text").count("through a restart") == 1)

expected = ["net::ERR", "Failed to load resource"]
assert not complaints(phone, allowed=expected)

# The receipt checks again.
phone.get(receipt())
until("the receipt is there", lambda: "on the disk" in one(phone, "#answer").text)
until("its category is told", lambda: "Best" in texts(phone, "#facts dd"))
check(phone)
phone.get(base + "/receipt.html?id=sub-nobody-knows")
until("a receipt of nothing says so", lambda: "There is no entry of this receipt" in one(phone, "#answer").text)
assert not complaints(phone, allowed=expected)

# In another language, and it is remembered.
phone.get(base + "/?lang=de")
until("the page is German", lambda: one(phone, "h1").text.upper() == "ZEIG DEIN TATTOO.")
phone.get(base + "/winners.html")
until("so is the next", lambda: one(phone, "h1").text.upper() == "DIE GEWINNER")
assert phone.execute_script("return document.documentElement.lang") == "de"
check(phone)
phone.get(base + "/?lang=en")

# What the pages say without scripts is what the English file says.
for path in ("/", "/winners.html", "/admin", "/show", "/receipt.html"):
    phone.get(base + path)
    different = phone.execute_async_script("""
        const done = arguments[0];
        (async () => {
          const { texts } = await import('/assets/text/text-en.js');
          const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
          done([...page.querySelectorAll('[data-text], [data-label]')].filter((e) =>
            (e.dataset.text && e.textContent !== texts[e.dataset.text]) ||
            (e.dataset.label && e.getAttribute('aria-label') !== texts[e.dataset.label])).map((e) => e.outerHTML));
        })();
    """)
    assert different == [], different
languages = phone.execute_async_script("""
    const done = arguments[0];
    Promise.all(['en', 'de'].map((name) => import(`/assets/text/text-${name}.js`)))
      .then((all) => done(all.map(({ texts }) => Object.keys(texts).filter((key) => !key.startsWith('error.')).sort())));
""")
assert languages[0] == languages[1]

# Without scripts: a form, and a page that answers it.
phone.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
phone.get(base + "/")
one(phone, "noscript a").click()
until("the form is there", lambda: one(phone, "form"))
choose(phone, "#category", "worst")
one(phone, "#photo").send_keys(str(photo))
one(phone, "#caption").send_keys("by hand & <b>")
one(phone, "[type=submit]").click()
until("a page answers", lambda: one(phone, "h1").text.upper() == "YOU ARE IN")
assert re.fullmatch(r"Your receipt: form-\d+-[0-9a-z]{6}", one(phone, ".success").text), one(phone, ".success").text
phone.refresh()
until("everybody sees it, once", lambda: texts(wall, "#entries .text").count("by hand & <b>") == 1)

found = complaints(wall, allowed=expected)
assert not found, found
phone.quit()
wall.quit()
