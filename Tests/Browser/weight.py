"""What a visitor's first view costs: 60 entries of 3 MB photos, over the wire."""
import json
import subprocess
import tempfile
from pathlib import Path

from browser import base, check, chromium, submit, texts, until

# A picture of a camera's size: noise of the kind that costs a compressor bytes.
folder = Path(tempfile.mkdtemp())
for command in (
    ["gaussnoise", "noise.v", "4000", "3000"], ["gaussblur", "noise.v", "soft.v", "0.7"],
    ["cast", "soft.v", "plain.v", "uchar"], ["bandjoin", "plain.v plain.v plain.v", "colour.v"],
    ["jpegsave", "colour.v", "photo.jpg", "--Q", "84"],
):
    subprocess.run(["/usr/bin/vips", *command], cwd=folder, check=True)
picture = (folder / "photo.jpg").read_bytes()
assert 2_500_000 < len(picture) < 6_000_000, len(picture)
for index in range(70):
    submit(f"entry {index}", picture=picture)


def first_view():
    """How many bytes came over the wire until the first view was whole."""
    phone = chromium()
    phone.execute_cdp_cmd("Network.enable", {})
    phone.get(base + "/")
    until("the wall is there", lambda: len(texts(phone, "#entries .text")) == 60)
    phone.execute_script("document.querySelector('#feed').scrollIntoView()")
    until("what is seen has its picture", lambda: phone.execute_script("""
        const seen = Array.from(document.querySelectorAll('#entries img'))
          .filter((p) => p.getBoundingClientRect().top < innerHeight && p.getBoundingClientRect().bottom > 0);
        return seen.length > 3 && seen.every((p) => p.complete && p.naturalWidth > 0);
    """), seconds=60)
    check(phone, allowed=["503"])
    messages = [json.loads(entry["message"])["message"] for entry in phone.get_log("performance")]
    bytes = sum(m["params"]["encodedDataLength"] for m in messages if m["method"] == "Network.loadingFinished")
    phone.execute_script("document.querySelector('#more').scrollIntoView()")
    until("more come as one scrolls", lambda: len(texts(phone, "#entries .text")) == 70)
    phone.quit()
    return bytes


first_view()
bytes = first_view()
print(f"{bytes} bytes", file=__import__("sys").stderr)
assert bytes < 300_000, f"the first view costs {bytes} bytes"
