"""Whether pictures decode alike before and after they are stripped: pixels.py PROGRAM FOLDER SECONDS

PROGRAM is contest-fuzz without the fuzzer. FOLDER has a folder for each kind, jpeg to webp, with the pictures that
fuzzing has kept; they are bent further here. What Pillow and libvips decode before they have to decode to the same
pixels, in the same profile, afterwards, and no planted marker may be left.
"""
import io
import random
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

from PIL import Image, ImageSequence

warnings.simplefilter("ignore")
program, folder, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
seed = random.randrange(2 ** 32)
random.seed(seed)
home = Path(tempfile.mkdtemp())


def by_pillow(data):
    """Every frame's size and pixels; `None` for what cannot be decoded."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return [(frame.size, frame.convert("RGBA").tobytes()) for frame in ImageSequence.Iterator(picture)]
    except Exception:
        return None


def by_libvips(path):
    """All pages as one raw picture; `None` for what cannot be decoded."""
    pages = "[n=-1,fail-on=error]" if path.suffix in (".gif", ".webp") else "[fail-on=error]"
    raw = path.with_suffix(".raw")
    done = subprocess.run(["/usr/bin/vips", "rawsave", f"{path}{pages}", str(raw)], capture_output=True)
    return raw.read_bytes() if done.returncode == 0 else None


def bent(data):
    """The picture with a few bytes changed, or as it is."""
    data = bytearray(data)
    for _ in range(random.choice([0, 0, 1, 1, 2, 4])):
        data[random.randrange(len(data))] = random.randrange(256)
    return bytes(data)


counts = {}
deadline = time.time() + seconds
whole = {kind: [p.read_bytes() for p in sorted((Path(__file__).parent / "Corpus" / kind).iterdir())] for kind in ("jpeg", "png", "gif", "webp")}
pictures = {kind: [p.read_bytes() for p in sorted((folder / kind).iterdir()) if p.stat().st_size > 16] for kind in ("jpeg", "png", "gif", "webp")}
turn = 0
while time.time() < deadline:
    kind = ("jpeg", "png", "gif", "webp")[turn % 4]
    turn += 1
    if not pictures[kind]:
        continue
    # Half of them from whole pictures: of what fuzzing has kept little can be decoded.
    data = bent(random.choice(random.choice([pictures[kind], whole[kind]])))
    before, after = home / f"before.{kind}", home / f"after.{kind}"
    before.write_bytes(data)
    after.unlink(missing_ok=True)
    tried, kept, seen = counts.setdefault(kind, [0, 0, 0])
    if subprocess.run([program, "--strip", kind, str(before), str(after)]).returncode != 0:
        counts[kind] = [tried + 1, kept, seen]
        continue
    stripped = after.read_bytes()
    expected = by_pillow(data)
    found = [("Pillow", expected, by_pillow(stripped) if expected else None)]
    # libvips also shows a part of what is damaged, and not always the same part.
    expected = by_libvips(before) if expected else None
    found.append(("libvips", expected, by_libvips(after) if expected else None))
    for name, one, other in found:
        # What a decoder makes of damage may be another thing each time.
        is_steady = one is None or one == other or one == (by_pillow(data) if name == "Pillow" else by_libvips(before))
        if one is not None and one != other and is_steady:
            before.rename(folder / f"../found/pixels-{seed}-{turn}.{kind}")
            sys.exit(f"{kind} decodes to something else in {name}, seed {seed}: found/pixels-{seed}-{turn}.{kind}")
    counts[kind] = [tried + 1, kept + 1, seen + any(one is not None for _, one, _ in found)]
for kind, (tried, kept, seen) in sorted(counts.items()):
    print(f"{kind:14} {tried:9} bent, {kept} accepted, {seen} of them decode, and alike afterwards")
