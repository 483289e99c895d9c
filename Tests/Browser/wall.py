"""The wall of 42 entries that came in a moment ago: no picture is ever broken, what is not there yet has its
colour and proportions, and cards of different height stand close.
"""
import subprocess
import tempfile
from pathlib import Path

from browser import base, check, chromium, every, submit, texts, until

folder = Path(tempfile.mkdtemp())
shapes = []
for number, (width, height) in enumerate([(1600, 1200), (1200, 1600), (1600, 900), (1000, 1000), (400, 1600), (3000, 500)]):
    path = folder / f"{number}.jpg"
    subprocess.run(["/usr/bin/vipsthumbnail", str(Path(__file__).resolve().parents[1] / "photo.png"), "--size", f"{width}x{height}!", "-o", f"{path}[Q=85]"], check=True)
    shapes.append(path.read_bytes())
phone = chromium()
# What is drawn of each picture, from the first moment on: one that is seen and not there is broken.
phone.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
    window.broken = new Set();
    (function look() {
      for (const image of document.images) {
        const isSeen = getComputedStyle(image).opacity !== '0' && image.getClientRects().length > 0;
        if (isSeen && image.complete && image.naturalWidth === 0 && (image.src || image.srcset)) window.broken.add(image.currentSrc || image.srcset);
      }
      requestAnimationFrame(look);
    })();
"""})
for number in range(42):
    submit(f"entry {number} " + "long " * (number % 7 * 6), picture=shapes[number % len(shapes)])
phone.get(base + "/")
until("the wall is there", lambda: len(texts(phone, "#entries .text")) == 42)
phone.execute_script("document.querySelector('#feed').scrollIntoView()")
for place in range(0, 12):
    phone.execute_script("scrollBy(0, 700)")
    until("what is seen has its picture", lambda: phone.execute_script("""
        return Array.from(document.querySelectorAll('#entries img'))
          .filter((p) => p.getBoundingClientRect().top < innerHeight && p.getBoundingClientRect().bottom > 0)
          .every((p) => p.complete && p.naturalWidth > 0 && !p.classList.contains('coming'));
    """))
assert phone.execute_script("return [...window.broken]") == []

# Proportions are those of the photos, as far as a wall allows.
ratios = phone.execute_script("""
    return Array.from(document.querySelectorAll('#entries .card'), (card) => {
      const { width, height } = card.querySelector('.frame').getBoundingClientRect();
      return width / height;
    });
""")
for place, ratio in enumerate(ratios):
    width, height = [(1600, 1200), (1200, 1600), (1600, 900), (1000, 1000), (400, 1600), (3000, 500)][(41 - place) % 6]
    expected = min(16 / 9, max(0.75, width / height))
    assert abs(ratio - expected) < 0.03, (place, ratio, expected)

# In each column a card begins where the one above it ends.
for width, columns in [(390, 2), (1280, 4)]:
    phone.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 844, "deviceScaleFactor": 2, "mobile": width < 600})
    holes = until("the cards stand", lambda: phone.execute_script("""
        const columns = new Map();
        for (const card of document.querySelectorAll('#entries .card')) {
          const { left, top, bottom } = card.getBoundingClientRect();
          const key = Math.round(left);
          columns.set(key, [...(columns.get(key) ?? []), [top, bottom]]);
        }
        const holes = [];
        for (const cards of columns.values()) {
          cards.sort(([one], [other]) => one - other);
          cards.slice(1).forEach(([top], place) => holes.push(top - cards[place][1]));
        }
        return { columns: columns.size, holes };
    """))
    assert holes["columns"] >= min(columns, 2), holes
    assert all(8 <= hole <= 26 for hole in holes["holes"]), (width, sorted(holes["holes"]))
check(phone, allowed=["503"], is_changed=True)
phone.quit()
