"""Entries and the feed through nginx, ours and those of PHP-FPM and Go with SQLite, in turn: see scripts/bench http."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import time
import urllib.request

from contents import ENTRIES, entry, make_data_file, make_database

SOURCES = pathlib.Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")
# As many as answer at once where there are two processors; more of them are no quicker.
PHP_CHILDREN = 8


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def processor_seconds(root):
    """What a process and all that it has started have used."""
    parents, used = {}, {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        process = int(folder.name)
        parents[process] = int(fields[1])
        used[process] = sum(int(field) for field in fields[11:15]) / TICKS

    def belongs(process):
        while process > 1:
            if process == root:
                return True
            process = parents.get(process, 0)
        return False
    return sum(seconds for process, seconds in used.items() if belongs(process))


class System:
    """What is measured: a group of processes that is started afresh for each case."""

    def __init__(self, home):
        self.home = home
        self.port = free_port()
        self.process = None

    def start(self):
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)
        self.prepare()
        self.process = subprocess.Popen(self.command(), env=os.environ | self.variables(), start_new_session=True,
                                        stdout=subprocess.DEVNULL, stderr=open(self.home / "log", "w"))
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/feed", timeout=2).read()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{self.home} does not answer:\n" + (self.home / "log").read_text())

    def stop(self):
        os.kill(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def variables(self):
        return {}


class Ours(System):
    def __init__(self, home, serve, settings):
        super().__init__(home)
        self.serve, self.settings = serve, settings

    def prepare(self):
        (self.home / "data").mkdir()
        make_data_file(self.home / "data/data.json")

    def command(self):
        return [str(self.serve)]

    def variables(self):
        return {"PORT": str(self.port), "DATA_DIR": str(self.home / "data"), "ADMIN_PASSWORD": "a long password",
                "SUBMIT_RATE": "100000"} | self.settings

    def stored(self):
        document = json.loads((self.home / "data/data.json").read_text())
        return len(document["submissions"]["best"])


class Peer(System):
    """An application with SQLite behind an nginx of its own, which is set as ours where that counts."""

    def prepare(self):
        (self.home / "uploads").mkdir()
        make_database(self.home / "database")
        (self.home / "static.json").write_text(json.dumps({"feed": {"best": [
            {key: entry(number)[key] for key in ("id", "caption", "imageUrl", "createdAt")} for number in range(ENTRIES)]}}))
        user = "user root;" if os.geteuid() == 0 else ""
        (self.home / "nginx.conf").write_text(f"""
            {user} daemon off; pid {self.home}/nginx.pid; error_log stderr warn; worker_processes auto;
            events {{ worker_connections 1024; }}
            http {{
              access_log off; client_max_body_size 11m; client_body_temp_path {self.home}/body; fastcgi_temp_path {self.home}/temp;
              proxy_temp_path {self.home}/proxy; scgi_temp_path {self.home}/scgi; uwsgi_temp_path {self.home}/uwsgi;
              server {{
                listen 127.0.0.1:{self.port};
                location = /static.json {{ root {self.home}; }}
                location / {{
                  include /etc/nginx/fastcgi_params;
                  fastcgi_param SCRIPT_FILENAME {SOURCES}/peer-fpm.php;
                  fastcgi_param PEER_HOME {self.home};
                  fastcgi_pass unix:{self.home}/{self.socket()};
                }}
              }}
            }}""")
        (self.home / "run").write_text(f"#!/bin/sh\ntrap 'kill $(jobs -p)' TERM\n{self.application()} &\n"
                                       f"/usr/sbin/nginx -p {self.home} -c {self.home}/nginx.conf &\nwait\nwait\n")
        (self.home / "run").chmod(0o755)

    def command(self):
        return [str(self.home / "run")]

    def stored(self):
        return sqlite3.connect(self.home / "database").execute("SELECT count(*) FROM entries").fetchone()[0]


class PHP(Peer):
    def socket(self):
        return "php.sock"

    def application(self):
        user = "user = root\ngroup = root" if os.geteuid() == 0 else ""
        (self.home / "fpm.conf").write_text(f"""
[global]
error_log = {self.home}/fpm.log
daemonize = no
[www]
{user}
listen = {self.home}/php.sock
listen.mode = 0666
pm = static
pm.max_children = {PHP_CHILDREN}
php_admin_value[opcache.enable] = 1
php_admin_value[upload_tmp_dir] = {self.home}
php_admin_value[upload_max_filesize] = 10M
php_admin_value[post_max_size] = 11M
""")
        program = next(pathlib.Path("/usr/sbin").glob("php-fpm[0-9]*"))
        return f"{program} -F -R -y {self.home}/fpm.conf"


class Go(Peer):
    def __init__(self, home, program):
        super().__init__(home)
        self.program = program

    def socket(self):
        return "go.sock"

    def application(self):
        return f"{self.program} {self.home}"


def load(system, seconds, clients, path, enters=False, photo=None):
    """One run of wrk: requests/s, processor seconds per 1,000 requests, milliseconds at 50 and 99 %, the longest."""
    before, stored = processor_seconds(system.process.pid), system.stored()
    threads = min(2, clients)
    environment = os.environ | ({"ENTER": "1"} if enters else {}) | ({"PHOTO": str(photo)} if photo else {})
    said = subprocess.run(["wrk", f"-t{threads}", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "-s",
                           str(SOURCES / "load.lua"), f"http://127.0.0.1:{system.port}{path}"], env=environment, check=True,
                          capture_output=True, text=True).stdout
    used = processor_seconds(system.process.pid) - before
    numbers = next(line for line in said.splitlines() if line.startswith("result ")).split()[1:]
    count, failures, lasted, median, late, longest = int(numbers[0]), int(numbers[1]), *map(float, numbers[2:])
    if failures:
        raise SystemExit(f"{type(system).__name__}: {failures} of {count} requests failed\n" + (system.home / "log").read_text()[-2000:])
    # What was answered has to be there: a figure of something else would be worth nothing.
    # Requests that the end of a run cuts off, and of the one before, may be stored too.
    if enters and not count <= system.stored() - stored <= count + 2 * clients:
        raise SystemExit(f"{type(system).__name__}: {count} answered, {system.stored() - stored} stored")
    return [count / lasted, used / count * 1000, median, late, longest]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--top", type=pathlib.Path, required=True)
    parser.add_argument("--built", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--clients", default="1,16,64")
    parser.add_argument("--cases", default="submit,photo,feed")
    parser.add_argument("--before", type=pathlib.Path, help="another checkout of ours, to be measured beside")
    parser.add_argument("--workers", help="other numbers of responders than the usual: WORKERSxTHREADS,…")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    home = pathlib.Path(tempfile.mkdtemp(dir="/var/tmp"))
    systems = {"ours": Ours(home / "ours", options.top / "scripts/serve", {})}
    if options.before:
        systems["before"] = Ours(home / "before", options.before / "scripts/serve", {})
    for setting in options.workers.split(",") if options.workers else []:
        workers, threads = setting.split("x")
        systems[f"ours {setting}"] = Ours(home / setting, options.top / "scripts/serve", {"WORKERS": workers, "THREADS": threads})
    systems |= {"PHP": PHP(home / "php"), "Go": Go(home / "go", options.built / "peer-go")}
    photo = options.built / "photo.jpg"
    cases = {"submit": ("/", True, None), "photo": ("/", True, photo), "feed": ("/api/feed", False, None)}
    measured = {}
    try:
        for _ in range(options.rounds):
            for case in options.cases.split(","):
                what = cases[case]
                for name, system in systems.items():
                    for clients in map(int, options.clients.split(",")):
                        system.start()
                        try:
                            load(system, 1, clients, *what)
                            figures = load(system, options.seconds, clients, *what)
                            measured.setdefault((case, name, clients), []).append(figures)
                            if case == "feed" and name == "PHP":
                                figures = load(system, options.seconds, clients, "/static.json")
                                measured.setdefault((case, "nginx, a file", clients), []).append(figures)
                        finally:
                            system.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    report(measured, options)


def report(measured, options):
    print(f"Through nginx, {ENTRIES} entries before, medians of {options.rounds} rounds of {options.seconds} s;"
          f" {os.cpu_count()} processors, PHP-FPM with {PHP_CHILDREN} processes.\n")
    print("| request | clients | system | requests/s | against PHP | processor s/1,000 | against PHP | median ms | p99 ms | longest ms |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    medians = {key: [statistics.median(column) for column in zip(*rounds)] for key, rounds in measured.items()}
    for (case, name, clients), (rate, used, median, late, longest) in sorted(medians.items(), key=lambda item: (item[0][0], item[0][2])):
        peer = medians.get((case, "PHP", clients))
        against = f"{rate / peer[0]:.2f}" if peer else "–"
        processor = f"{used / peer[1]:.2f}" if peer and peer[1] else "–"
        print(f"| {case} | {clients} | {name} | {rate:,.0f} | {against} | {used:.2f} | {processor} | {median:.1f} | {late:.1f} | {longest:.0f} |")
    if options.json:
        options.json.write_text(json.dumps([{"case": case, "system": name, "clients": clients, "figures": figures}
                                            for (case, name, clients), figures in medians.items()], indent=1))


main()
