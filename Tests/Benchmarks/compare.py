"""Runs the store and its peers in turn and prints how they compare: see scripts/bench."""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

SOURCES = pathlib.Path(__file__).parent
WRITERS = {"1": (1, 1), "8": (8, 1), "32": (32, 1), "2x16": (2, 16)}
DISKS = ["as it is", "1 ms flush"]

# A figure, its two measurements (kind, writers, entries, disk), what it must reach and what is beyond.
# Rates are ours by theirs; waits theirs by ours; times in milliseconds, memory in MB.
RATIOS = [
    ("1,000 entries against SQLite, 8", "as it is", 1000, "8", "sqlite", "8", 0.25, 0.45),
    ("1,000 entries against SQLite, 32", "as it is", 1000, "32", "sqlite", "32", 0.4, 0.6),
    ("1,000 entries against SQLite, 2x16", "as it is", 1000, "2x16", "sqlite", "32", 0.7, 1.2),
    ("33,000 entries against SQLite, 2x16", "as it is", 33000, "2x16", "sqlite", "32", 0.2, 1),
    ("1,000 entries, 1 ms flush, against SQLite, 1", "1 ms flush", 1000, "1", "sqlite", "1", 0.7, 0.9),
    ("1,000 entries, 1 ms flush, against SQLite, 8", "1 ms flush", 1000, "8", "sqlite", "8", 3, 5),
    ("1,000 entries, 1 ms flush, against SQLite, 32", "1 ms flush", 1000, "32", "sqlite", "32", 7, 12),
    ("1,000 entries, 1 ms flush, against SQLite, 2x16", "1 ms flush", 1000, "2x16", "sqlite", "32", 10, 15),
    ("33,000 entries, 1 ms flush, against SQLite, 8", "1 ms flush", 33000, "8", "sqlite", "8", 1.5, 4),
    ("33,000 entries, 1 ms flush, against SQLite, 2x16", "1 ms flush", 33000, "2x16", "sqlite", "32", 4, 10),
    ("1,000 entries, 2x16, against LMDB, 32", "as it is", 1000, "2x16", "lmdb", "32", 1.5, 3),
    ("1,000 entries against the original's algorithm, 1", "as it is", 1000, "1", "original", "1", 15, 50),
    ("1,000 entries against the original's algorithm, 8", "as it is", 1000, "8", "original", "8", 40, 80),
]


class Bench:
    def __init__(self, options):
        self.options = options
        self.results = {}

    def run(self, kind, writers, entries, disk):
        """One measurement in a fresh directory; what it printed is kept."""
        processes, threads = WRITERS[writers]
        directory = tempfile.mkdtemp(prefix="contest-bench-", dir=self.options.directory)
        seconds = str(self.options.seconds)
        if kind in ("store", "scorecards"):
            command = [
                self.options.contestctl, "bench", "commit", "--data-dir", directory + "/data", "--processes", str(processes),
                "--threads", str(threads), "--seconds", seconds, "--prefill", str(entries), "--json",
            ] + (["--scorecards"] if kind == "scorecards" else [])
        elif kind == "original":
            command = ["node", str(SOURCES / "original.mjs"), directory, str(processes), seconds, str(entries)]
        else:
            peers = str(pathlib.Path(self.options.built) / "peers")
            command = [peers, kind, directory, str(processes), seconds, str(entries)]
        environment = dict(os.environ)
        if disk == "1 ms flush" and kind in ("store", "scorecards"):
            # A preloaded library does not reach a program that is linked statically.
            command += ["--flush-delay", "1000"]
        elif disk == "1 ms flush":
            environment["LD_PRELOAD"] = str(pathlib.Path(self.options.built) / "slow-flush.so")
        try:
            output = subprocess.run(command, env=environment, capture_output=True, check=True, text=True, timeout=300).stdout
        finally:
            shutil.rmtree(directory, ignore_errors=True)
        result = json.loads(output)
        # One writer flushes for each commit.
        if disk == "1 ms flush" and writers == "1" and result["commitsPerSecond"] > 1000:
            raise SystemExit(f"{kind}: {result['commitsPerSecond']:.0f} commits a second are more than flushes of 1 ms allow: the delay has not reached it")
        self.results.setdefault((kind, writers, entries, disk), []).append(result)

    def read(self, entries):
        directory = tempfile.mkdtemp(prefix="contest-bench-", dir=self.options.directory)
        command = [self.options.contestctl, "bench", "read", "--data-dir", directory + "/data", "--prefill", str(entries), "--json"]
        try:
            output = subprocess.run(command, capture_output=True, check=True, text=True, timeout=300).stdout
        finally:
            shutil.rmtree(directory, ignore_errors=True)
        self.results.setdefault(("read", "1", entries, "as it is"), []).append(json.loads(output))

    def median(self, key, figure="commitsPerSecond"):
        values = [result[figure] for result in self.results.get(key, [])]
        return statistics.median(values) if values else None

    def all(self):
        # Each round visits everything in turn, so that a machine that grows slow does so for all.
        for _ in range(self.options.rounds):
            for disk in DISKS:
                for entries in self.options.sizes:
                    for writers in WRITERS:
                        self.run("store", writers, entries, disk)
                        if writers != "2x16":
                            self.run("sqlite", writers, entries, disk)
            for writers in ["1", "8", "32"]:
                for kind in ["lmdb", "rename", "append"]:
                    self.run(kind, writers, 1000, "as it is")
            for writers in ["1", "8"]:
                self.run("original", writers, 1000, "as it is")
            for entries in self.options.sizes:
                self.read(entries)
                for writers in ["1", "8"]:
                    self.run("scorecards", writers, entries, "as it is")


def table(rows):
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)


def grade(value, must, beyond, smaller=False):
    if smaller:
        return "beyond" if value <= beyond else "reached" if value <= must else "MISSED"
    return "beyond" if value >= beyond else "reached" if value >= must else "MISSED"


def figures(bench):
    rows = [("figure", "value", "must reach", "beyond", "")]
    for name, disk, entries, ours, peer, theirs, must, beyond in RATIOS:
        one = bench.median(("store", ours, entries, disk))
        other = bench.median((peer, theirs, entries, disk))
        if one and other:
            rows.append((name, f"{one / other:.2f}x", f"{must}x", f"{beyond}x", grade(one / other, must, beyond)))
    one = bench.median(("store", "32", 1000, "as it is"), "maxMs")
    other = bench.median(("sqlite", "32", 1000, "as it is"), "maxMs")
    if one and other:
        share = f"1/{other / one:.0f}"
        rows.append(("longest wait of any writer, 32, against SQLite's", share, "1/20", "1/150", grade(other / one, 20, 150)))
    small, large = (bench.median(("store", "1", entries, "as it is"), "p50Ms") for entries in (1000, 33000))
    if small and large:
        rows.append(("one commit at 33,000 entries against one at 1,000", f"{large / small:.2f}x", "12x", "1.5x", grade(large / small, 12, 1.5, True)))
    for writers in ["1", "8"]:
        for entries in (1000, 33000):
            cards, others = (bench.median((kind, writers, entries, "as it is")) for kind in ("scorecards", "store"))
            if cards and others:
                name = f"scorecards against entries, {entries:,} entries, {writers}"
                rows.append((name, f"{cards / others:.2f}x", "1x", "1.2x", grade(cards / others, 1, 1.2)))
    for name, figure, must, beyond, unit in [
        ("bringing a second process up to date, 33,000 entries", "followMs", 1, 0.2, "ms"),
        ("opening a store of 33,000 entries", "openMs", 15, 5, "ms"),
        ("memory of a process holding 33,000 entries", "residentMB", 60, 30, "MB"),
    ]:
        value = bench.median(("read", "1", 33000, "as it is"), figure)
        if value:
            rows.append((name, f"{value:.2f} {unit}", f"{must} {unit}", f"{beyond} {unit}", grade(value, must, beyond, True)))
    return rows


def rates(bench):
    rows = [("commits per second (median) and longest wait", "disk", "entries") + tuple(WRITERS)]
    kinds = sorted({(key[0], key[3], key[2]) for key in bench.results if key[0] != "read"})
    for kind, disk, entries in kinds:
        cells = []
        for writers in WRITERS:
            rate = bench.median((kind, writers, entries, disk))
            longest = bench.median((kind, writers, entries, disk), "maxMs")
            cells.append(f"{rate:,.0f} ({longest:,.0f} ms)" if rate else "")
        rows.append((kind, disk, f"{entries:,}", *cells))
    return rows


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--contestctl", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--built", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured; the median counts")
    parser.add_argument("--seconds", type=float, default=2, help="how long a measurement lasts")
    parser.add_argument("--sizes", default="100,1000,10000,33000", help="how many entries there are before")
    parser.add_argument("--directory", help="where the data are; the disk of this directory is measured")
    parser.add_argument("--json", help="a file for every figure")
    options = parser.parse_args()
    options.sizes = [int(size) for size in options.sizes.split(",")]
    bench = Bench(options)
    bench.all()
    print(table(rates(bench)) + "\n")
    print(table(figures(bench)))
    if options.json:
        rows = [dict(zip(("kind", "writers", "entries", "disk"), key), results=results) for key, results in bench.results.items()]
        pathlib.Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")


main()
