"""A process for each request, ours and php-cgi with SQLite, in turn: see scripts/bench cgi."""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

from contents import ENTRIES, make_data_file, make_database

SOURCES = pathlib.Path(__file__).parent
COMMON = {"GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
          "HTTP_HOST": "localhost", "PATH": "/usr/bin:/bin"}
FORM = {"category": "best", "caption": "A tattoo with a story", "name": "Ann Other", "phone": "555 0101"}


def prepare(home):
    """The same entries in both, afresh."""
    shutil.rmtree(home / "data", ignore_errors=True)
    (home / "data").mkdir()
    make_data_file(home / "data/data.json")
    for ending in ["", "-wal", "-shm"]:
        (home / f"database{ending}").unlink(missing_ok=True)
    make_database(home / "database")
    multipart = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                        for name, value in FORM.items()) + "--b--\r\n"
    (home / "form").write_text(multipart)
    (home / "fields").write_text("&".join(f"{name}={value.replace(' ', '+')}" for name, value in FORM.items()))
    (home / "nothing").write_text("")


def run(built, count, source, program, variables):
    said = subprocess.run([built / "spawn", str(count), source, program], env=COMMON | variables, check=True,
                          capture_output=True, text=True).stdout
    return [float(number) for number in said.split()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--built", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=60)
    options = parser.parse_args()
    home = pathlib.Path(tempfile.mkdtemp(dir="/var/tmp"))
    program = home / "contest.cgi"
    subprocess.run(["strip", "-o", program, options.program], check=True)
    php = {"SCRIPT_FILENAME": str(SOURCES / "peer.php"), "SCRIPT_NAME": "/peer.php", "REDIRECT_STATUS": "200",
           "DATABASE": str(home / "database")}
    ours = {"DATA_DIR": str(home / "data")}
    page = "category=best&limit=10"
    cases = {
        "a sign of life": (
            (home / "nothing", ours | {"REQUEST_METHOD": "GET", "PATH_INFO": "/health"}),
            (home / "nothing", php | {"REQUEST_METHOD": "GET", "PEER": "health"})),
        "a page of the feed": (
            (home / "nothing", ours | {"REQUEST_METHOD": "GET", "PATH_INFO": "/api/feed", "QUERY_STRING": page}),
            (home / "nothing", php | {"REQUEST_METHOD": "GET", "PEER": "feed", "QUERY_STRING": page})),
        "an entry": (
            (home / "form", ours | {"REQUEST_METHOD": "POST", "PATH_INFO": "/api/submit",
                                    "CONTENT_TYPE": "multipart/form-data; boundary=b"}),
            (home / "fields", php | {"REQUEST_METHOD": "POST", "PEER": "submit",
                                     "CONTENT_TYPE": "application/x-www-form-urlencoded"})),
    }
    try:
        measured = {}
        for _ in range(options.rounds):
            prepare(home)
            # The first request takes the file over, with a line in the log that carries it all; a site
            # that took 1,000 entries one by one has short lines.
            run(options.built, 70, home / "form", program,
                cases["an entry"][0][1] | {"CONTENT_LENGTH": str((home / "form").stat().st_size)})
            start = run(options.built, options.count, home / "nothing", program, {"GATEWAY_INTERFACE": ""})
            measured.setdefault("start-up", ([], []))[0].append(start)
            nothing = run(options.built, options.count, home / "nothing", "/bin/true", {})
            measured.setdefault("/bin/true, for comparison", ([], []))[0].append(nothing)
            for name, (own, peer) in cases.items():
                for place, ((source, variables), path) in enumerate(((own, program), (peer, "/usr/bin/php-cgi"))):
                    length = {"CONTENT_LENGTH": str(source.stat().st_size)}
                    measured.setdefault(name, ([], []))[place].append(
                        run(options.built, options.count, source, path, variables | length))
        print(f"Milliseconds, {ENTRIES} entries, median of {options.rounds} rounds of {options.count}; the peer is php-cgi with SQLite.\n")
        print("| request | answer | exit | processor | peer's answer | peer's processor | answer, against the peer's |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for name, (own, peer) in measured.items():
            own = [statistics.median(column) for column in zip(*own)]
            texts = [f"{number:.1f}" for number in own]
            if not peer:
                print(f"| {name} | – | {own[1]:.2f} | {own[2]:.2f} | – | – | – |")
                continue
            peer = [statistics.median(column) for column in zip(*peer)]
            print(f"| {name} | {texts[0]} | {texts[1]} | {texts[2]} | {peer[0]:.1f} | {peer[2]:.1f} | 1/{peer[0] / own[0]:.1f} |")
    finally:
        shutil.rmtree(home)


main()
