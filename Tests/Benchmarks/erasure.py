"""How long commits wait while many entries are erased.

The store begins with a data file of the original application, as a whole state and as one long line of the log. One
process commits as fast as it can, first alone, then while `contestctl erase` takes all words out of the entries that
were there before. Prints the longest and the 99th percentile of the commits' times, and how long the erasure took.
"""
import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--contestctl", type=Path, required=True)
parser.add_argument("--entries", type=int, default=33000)
parser.add_argument("--seconds", type=int, default=15)
parser.add_argument("--scope", choices=["contact", "entry"], default="entry")
parser.add_argument("--json", type=Path)
options = parser.parse_args()

SECONDS_BEFORE = 2


def commits(data, seconds):
    return subprocess.Popen(
        [options.contestctl, "bench", "commit", "--data-dir", data, "--processes", "1", "--seconds", str(seconds),
         "--prefill", str(options.entries), "--json"], stdout=subprocess.PIPE, text=True)


def fill(data):
    """Writes entries as the original application has them; the first commit takes them over."""
    data.mkdir()
    entries = [
        {"id": f"{1700000000000 + number}-{number % 1000000:06d}", "category": "best", "caption": f"Caption {number} of it",
         "name": f"Name {number}", "phone": f"+49 170 {number:07d}", "imageUrl": None, "storageMethod": "none",
         "createdAt": 1700000000000 + number, "submissionId": f"sub-{number}"} for number in range(options.entries, 0, -1)]
    (data / "data.json").write_text(json.dumps({"submissions": {"best": entries}, "winners": {}}))


def figures(process):
    output, _ = process.communicate()
    if process.returncode != 0:
        sys.exit(f"the commits failed: {output}")
    return json.loads(output)


def erase(data):
    began = time.time()
    done = subprocess.run(
        [options.contestctl, "erase", "--data-dir", data, "--older-than", str(int(time.time() * 1000)), "--scope",
         options.scope, "--yes"], stdout=subprocess.PIPE, text=True, check=True)
    return time.time() - began, json.loads(done.stdout)


with tempfile.TemporaryDirectory() as home:
    data = Path(home) / "data"
    fill(data)
    figures(commits(data, 1))
    quiet = figures(commits(data, options.seconds))
    process = commits(data, options.seconds)
    time.sleep(SECONDS_BEFORE)
    seconds, certificate = erase(data)
    if process.poll() is not None:
        sys.exit("the commits ended before the erasure did: use more --seconds")
    busy = figures(process)

print(f"{certificate['count']} entries erased in {seconds:.1f} s: {certificate['lines']} lines, {certificate['states']} states")
for name, row in (("alone", quiet), ("beside the erasure", busy)):
    print(f"{name}: {row['commitsPerSecond']:.0f} commits/s, p99 {row['p99Ms']:.2f} ms, longest {row['maxMs']:.1f} ms")
if options.json:
    options.json.write_text(json.dumps({"quiet": quiet, "busy": busy, "seconds": seconds, "count": certificate["count"]}))
