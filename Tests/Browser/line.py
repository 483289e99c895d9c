"""A line to the site that can be cut, lose answers, or end in a network's log-in page, for everything that a browser does.

What a browser offers for this does not reach its service workers.
"""
import socket
import threading

PORTAL = (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 31\r\nConnection: close\r\n\r\n"
          b"<h1>Log in to the Wi-Fi</h1>\r\n\r\n")[:]


class Line:
    """A port of its own that leads to the site while `state` is "on"; else "off", "portal", or "mute": no answers."""

    def __init__(self, base):
        host, port = base.removeprefix("http://").split(":")
        self.target = (host, int(port))
        self.state = "on"
        self.open = set()
        self.listener = socket.create_server((host, 0))
        self.base = f"http://{host}:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def turn(self, state):
        self.state = state
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client:
            if self.state == "off":
                return
            if self.state == "portal":
                client.recv(65536)
                client.sendall(PORTAL)
                return
            with socket.create_connection(self.target) as site:
                self.open |= {client, site}
                to = None if self.state == "mute" else client
                back = threading.Thread(target=self.copy, args=(site, to), daemon=True)
                back.start()
                self.copy(client, site)
                back.join()
                self.open -= {client, site}

    @staticmethod
    def copy(source, target):
        try:
            while data := source.recv(65536):
                if target:
                    target.sendall(data)
        except OSError:
            pass
        finally:
            for end in filter(None, (source, target)):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
