"""A hall votes: everybody opens a card, looks, votes, and some change their minds, while entries arrive and the wall is looked at.

Ends with 1 if an acknowledged ballot is lost, counted twice or counted for another entry. Prints the milliseconds of
answers. With --kill-every, all responders are killed over and over; with --kill-all-at, everything once, and started
again; voters then send again what was not answered, as their phones do.
"""
import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--top", type=Path, required=True)
parser.add_argument("--voters", type=int, default=5000)
parser.add_argument("--seconds", type=float, default=120)
parser.add_argument("--entries", type=int, default=100)
parser.add_argument("--watchers", type=int, default=200, help="pages that look at the wall")
parser.add_argument("--kill-every", type=float, metavar="SECONDS")
parser.add_argument("--kill-all-at", type=float, metavar="SECONDS")
parser.add_argument("--port", type=int, default=3197)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--json", type=Path)
options = parser.parse_args()

base = f"http://127.0.0.1:{options.port}"
password = "correct horse"
chance = random.Random(options.seed)
CHOICES = 3


class Site:
    """scripts/serve with a directory of its own."""

    def __init__(self, home):
        self.environment = os.environ | {
            "PORT": str(options.port), "DATA_DIR": str(home), "ADMIN_PASSWORD": password, "LOG_LEVEL": "error",
            "SUBMIT_RATE": "100000"}
        self.process = None

    def start(self):
        self.process = subprocess.Popen([options.top / "scripts" / "serve"], env=self.environment, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        deadline = time.time() + 60
        while time.time() < deadline:
            try:
                with urllib.request.urlopen(base + "/ready") as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.05)
        sys.exit("the site does not answer")

    def processes(self):
        """Everything that it has started, the youngest last."""
        parents = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, ValueError):
                continue
        found, waiting = [], [self.process.pid]
        while waiting:
            parent = waiting.pop()
            children = [child for child, its in parents.items() if its == parent]
            found += children
            waiting += children
        return found

    def kill(self, identifiers):
        for identifier in identifiers:
            try:
                os.kill(identifier, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def kill_responders(self):
        def is_responder(identifier):
            try:
                return Path(f"/proc/{identifier}/comm").read_text().strip() == "tattoo-contest"
            except OSError:
                return False
        self.kill([each for each in self.processes() if is_responder(each)])

    def kill_all(self):
        self.kill([self.process.pid] + self.processes())
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait()


def organize(path, body, cookie=None, method="POST"):
    """Asks as an organizer; gives the answer and its cookie."""
    fields = {"Content-Type": "application/json"} | ({"Cookie": cookie} if cookie else {})
    data = json.dumps(body).encode() if method == "POST" else None
    with urllib.request.urlopen(urllib.request.Request(base + path, data, fields, method=method)) as answer:
        return json.load(answer), (answer.headers["Set-Cookie"] or "").split(";")[0]


def submit(number):
    body = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                   for name, value in [("category", "best"), ("caption", f"entry {number}")]) + "--b--\r\n"
    fields = {"Content-Type": "multipart/form-data; boundary=b"}
    with urllib.request.urlopen(urllib.request.Request(base + "/api/submit", body.encode(), fields)) as answer:
        return json.load(answer)["entry"]["id"]


async def ask(path, body=None, head="Content-Type: application/json\r\n"):
    """One request on a connection of its own; gives status and content, or None where nothing whole came."""
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    method = "GET" if body is None else "POST"
    writer = None
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", options.port)
        writer.write(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAccept: application/json\r\n"
                     f"Content-Length: {len(content)}\r\n{head}\r\n".encode() + content)
        answer = await asyncio.wait_for(reader.read(-1), 30)
        top, _, rest = answer.partition(b"\r\n\r\n")
        return int(top.split(b" ", 2)[1]), rest, top
    except (OSError, asyncio.TimeoutError, IndexError, ValueError):
        return None
    finally:
        if writer:
            writer.close()


def decoded(answer):
    """The JSON of an answer, whose body may be chunked."""
    status, rest, top = answer
    if b"chunked" in top.lower():
        parts = []
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size or b"0", 16)
            if length == 0:
                break
            parts.append(rest[:length])
            rest = rest[length + 2:]
        rest = b"".join(parts)
    return json.loads(rest)


class Hall:
    def __init__(self, codes):
        self.codes = codes
        self.took = {"check": [], "vote": []}
        self.acknowledged = {}
        self.again = 0
        self.trackers = {}
        self.isOver = False

    async def until_answered(self, kind, path, body):
        """Sends until the contest answers, as a phone does; the time of a lost answer is no answer's time."""
        while True:
            began = time.monotonic()
            answer = await ask(path, body)
            if answer and answer[0] == 200:
                try:
                    value = decoded(answer)
                except ValueError:
                    value = {}
                if value.get("success") is True:
                    self.took[kind].append(1000 * (time.monotonic() - began))
                    return value
            if answer and answer[0] not in (200, 429, 502, 503, 504):
                sys.exit(f"{path} was answered with {answer[0]}: {answer[1][:300]}")
            self.again += 1
            await asyncio.sleep(0.2 + 0.5 * random.random())

    async def voter(self, code, begins):
        await asyncio.sleep(begins)
        await ask("/vote")
        found = await self.until_answered("check", "/api/vote/check", {"code": code})
        for _ in range(1 if random.random() < 0.8 else 2):
            await asyncio.sleep(3 * random.random())
            choices = [each["id"] for each in random.sample(found["entries"], random.randint(1, CHOICES))]
            kept = await self.until_answered("vote", "/api/vote", {"code": code, "choices": choices})
            assert kept["choices"] == choices, (kept, choices)
            self.acknowledged[code] = choices
            self.trackers[code] = kept["tracker"]

    async def watcher(self):
        while not self.isOver:
            await ask("/api/feed")
            await asyncio.sleep(2 * random.random())

    async def entrant(self):
        while not self.isOver:
            await ask("/api/submit", b'--b\r\nContent-Disposition: form-data; name="category"\r\n\r\nworst\r\n--b--\r\n',
                      "Content-Type: multipart/form-data; boundary=b\r\n")
            await asyncio.sleep(0.5)

    async def killer(self, site):
        began = time.monotonic()
        next_kill = options.kill_every or float("inf")
        all_at = options.kill_all_at or float("inf")
        while not self.isOver:
            await asyncio.sleep(0.05)
            passed = time.monotonic() - began
            if passed >= all_at:
                all_at = float("inf")
                await asyncio.to_thread(site.kill_all)
                await asyncio.to_thread(site.start)
            elif passed >= next_kill:
                next_kill = passed + options.kill_every
                await asyncio.to_thread(site.kill_responders)

    async def run(self, site):
        random.seed(options.seed)
        beside = [asyncio.create_task(each) for each in
                  [self.entrant(), self.killer(site)] + [self.watcher() for _ in range(options.watchers)]]
        await asyncio.gather(*(self.voter(code, options.seconds * random.random()) for code in self.codes))
        self.isOver = True
        await asyncio.gather(*beside)


def expected(acknowledged):
    votes = Counter(choice for choices in acknowledged.values() for choice in choices)
    return {entry: count for entry, count in votes.items()}


with tempfile.TemporaryDirectory(dir="/var/tmp") as home:
    site = Site(home)
    site.start()
    try:
        for number in range(options.entries):
            submit(number)
        _, cookie = organize("/api/login", {"password": password})
        organize("/api/voting", {"choices": CHOICES, "categories": ["best"]}, cookie)
        codes = organize("/api/vote-batches", {"count": options.voters}, cookie)[0]["codes"]
        organize("/api/voting/open", {}, cookie)
        hall = Hall(codes)
        began = time.monotonic()
        asyncio.run(hall.run(site))
        lasted = time.monotonic() - began
        organize("/api/voting/close", {}, cookie)
        result = organize("/api/voting/result", {}, cookie, "GET")[0]
        organize("/api/voting/publish", {}, cookie)
        published = json.load(urllib.request.urlopen(base + "/api/voting/trackers"))["ballots"]
        recount = subprocess.run([options.top / ".build/release/contestctl", "verify", "--votes"], env=site.environment,
                                 capture_output=True, text=True)
    finally:
        site.stop()

counted = {entry: place["votes"] for place in result["places"] for entry in place["entries"]}
own = {hall.trackers[code]: sorted(choices) for code, choices in hall.acknowledged.items()}
problems = []
if counted != expected(hall.acknowledged):
    problems.append("the tally is not that of the acknowledged ballots")
if result["ballots"] != options.voters:
    problems.append(f"{result['ballots']} ballots were counted of {options.voters}")
if {each["tracker"]: sorted(each["choices"]) for each in published} != own or len(published) != options.voters:
    problems.append("the published trackers are not those of the acknowledged ballots")
if recount.returncode != 0:
    problems.append("contestctl verify --votes: " + recount.stdout[-500:] + recount.stderr[-500:])
print(f"{options.voters} voters in {lasted:.0f} s, {len(hall.took['vote'])} ballots, sent again {hall.again} times   (ms)")
figures = {}
for kind, values in hall.took.items():
    values.sort()
    figures[kind] = {"median": values[len(values) // 2], "p99": values[len(values) * 99 // 100], "worst": values[-1]}
    print(f"{kind:8} median {figures[kind]['median']:6.1f}  p99 {figures[kind]['p99']:6.1f}  worst {figures[kind]['worst']:7.1f}")
print("every acknowledged ballot is counted once" if not problems else "\n".join(problems))
if options.json:
    options.json.write_text(json.dumps({"voters": options.voters, "seconds": lasted, "again": hall.again, "ms": figures}, indent=2) + "\n")
sys.exit(1 if problems else 0)
