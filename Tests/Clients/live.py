"""Live clients that write down what they receive:

live.py socketio BASE COUNT   clients of Socket.IO, with the options they have by default
live.py events BASE COUNT     streams of server-sent events that resume where they broke off

Each prints the captions it was told of, as a line of JSON, when it is told of the caption `end`.
`ready` is printed when all are connected.
"""
import json
import sys
import threading
import time
import urllib.request


class SocketIOClient:
    def __init__(self, base):
        import socketio

        self.captions = []
        self.done = threading.Event()
        self.client = socketio.Client()
        # It gives each packet a thread of its own, and these run in any order; the order that counts is the connection's.
        trigger = self.client.eio._trigger_event
        self.client.eio._trigger_event = lambda event, *data, **how: trigger(event, *data, **how | {"run_async": False})
        self.client.on("newSubmission", self.told)
        # On a busy machine a second, its own patience, is not enough.
        self.client.connect(base, wait_timeout=30)

    def told(self, entry):
        self.captions.append(entry["caption"])
        if entry["caption"] == "end":
            self.done.set()

    def close(self):
        self.client.disconnect()


class EventStream:
    def __init__(self, base):
        self.captions = []
        self.done = threading.Event()
        self.connected = threading.Event()
        self.last = None
        threading.Thread(target=self.run, args=(base,), daemon=True).start()
        self.connected.wait(20)

    def run(self, base):
        while not self.done.is_set():
            headers = {} if self.last is None else {"Last-Event-ID": self.last}
            try:
                request = urllib.request.Request(base + "/api/events", headers=headers)
                with urllib.request.urlopen(request, timeout=60) as stream:
                    self.read(stream)
            except OSError:
                pass
            time.sleep(0.05)

    def read(self, stream):
        name, data = "message", ""
        for line in stream:
            line = line.decode().rstrip("\n")
            if line.startswith("id: "):
                self.last = line[4:]
                self.connected.set()
            elif line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                data = line[6:]
            elif line == "":
                if name == "newSubmission" and data:
                    self.captions.append(json.loads(data)["caption"])
                    if self.captions[-1] == "end":
                        self.done.set()
                        return
                elif name == "reset" and data:
                    self.captions.append("reset")
                name, data = "message", ""

    def close(self):
        pass


kind, base, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
clients = []
lock = threading.Lock()


def begin():
    client = SocketIOClient(base) if kind == "socketio" else EventStream(base)
    with lock:
        clients.append(client)


threads = [threading.Thread(target=begin) for _ in range(count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("ready", flush=True)
deadline = time.time() + 120
for client in clients:
    client.done.wait(max(0, deadline - time.time()))
for client in clients:
    print(json.dumps(client.captions), flush=True)
for client in clients:
    client.close()
