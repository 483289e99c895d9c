"""How soon live clients receive an event, against python-socketio's own server.

live.py --top CHECKOUT --built DIRECTORY [--rounds N] [--clients N] [--many N]
"""
import argparse
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

parser = argparse.ArgumentParser()
parser.add_argument("--top", required=True)
parser.add_argument("--built", required=True)
parser.add_argument("--rounds", type=int, default=20)
parser.add_argument("--clients", type=int, default=1000)
parser.add_argument("--many", type=int, default=10000)
options = parser.parse_args()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nobody answers at port {port}")


def live-clients(kind, port, count, path, rounds=options.rounds, while_connected=None):
    program = [options.built + "/live-clients", kind, "127.0.0.1", str(port), str(count)]
    with subprocess.Popen(program + [str(rounds), path], stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout.readline()
        if while_connected:
            while_connected()
        process.wait()
        return json.loads(output) if output else {"medianMs": None, "maxMs": None}


def live_process(serve):
    """The identifier of the process that tells, below scripts/serve."""
    found = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True).stdout
    rows = [line.split(None, 2) for line in found.splitlines()[1:]]
    below, added = {str(serve)}, True
    while added:
        more = {pid for pid, parent, _ in rows if parent in below} - below
        below |= more
        added = bool(more)
    for pid, _, command in rows:
        # Its supervisor's command ends with the same words.
        if pid in below and command.endswith("tattoo-contest live") and " -- " not in command:
            return pid
    raise SystemExit("there is no live process")


def resident_megabytes(pid):
    status = open(f"/proc/{pid}/status").read()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


def stalled(port, count):
    """Clients that ask and never read."""
    clients = []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", port))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b"GET /api/events HTTP/1.1\r\nHost: a\r\n\r\n")
        clients.append(client)
    return clients


port, peer_port = free_port(), free_port()
with tempfile.TemporaryDirectory() as home:
    environment = dict(os.environ, PORT=str(port), DATA_DIR=home + "/data", ADMIN_PASSWORD="x" * 20)
    serve = subprocess.Popen(
        [options.top + "/scripts/serve"], env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    peer = subprocess.Popen(
        ["/usr/bin/python3", options.top + "/Tests/Benchmarks/socketio-peer.py", str(peer_port)])
    try:
        wait_for(port)
        wait_for(peer_port)
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health").read()
        rows = []
        name = f"{options.clients:,} clients of Socket.IO"
        rows.append((name, live-clients("socketio", port, options.clients, "/api/submit")))
        rows.append((
            name + ", python-socketio's server", live-clients("socketio", peer_port, options.clients, "/submit")))
        name = f"{options.clients:,} event streams"
        rows.append((name, live-clients("events", port, options.clients, "/api/submit")))
        sleepers = stalled(port, 100)
        rows.append((name + ", and 100 that never read", live-clients("events", port, options.clients, "/api/submit")))
        for client in sleepers:
            client.close()
        rows.append((
            f"{options.many:,} event streams, 100 events",
            live-clients("events", port, options.many, "/api/submit", rounds=100)))
        memory = resident_megabytes(live_process(serve.pid))
    finally:
        serve.send_signal(signal.SIGTERM)
        peer.terminate()
        serve.wait()
        peer.wait()

print("| from the answer to the last client | median | longest |")
print("| --- | --- | --- |")
for name, figures in rows:
    print(f"| {name} | {figures['medianMs']} ms | {figures['maxMs']} ms |")
print(f"| memory of the live process, at most | {memory:.0f} MB | |")
