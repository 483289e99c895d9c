"""The official JavaScript client of Socket.IO, with its default options, on a page of another site."""
import functools
import http.server
import threading

from browser import ask, base, chromium, scripts, submit, sys, until


class Page(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path.endswith(".js"):
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Another site</title><script src=/socket.io.min.js></script>")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(
    ("127.0.0.1", int(sys.argv[2])), functools.partial(Page, directory=scripts))
threading.Thread(target=server.serve_forever, daemon=True).start()

browser = chromium()
browser.get(f"http://127.0.0.1:{sys.argv[2]}/")
browser.execute_script("""
    window.told = []; window.states = [];
    window.socket = io(arguments[0]);
    socket.on('connect', () => states.push(socket.recovered ? 'recovered' : 'connected'));
    socket.on('disconnect', (reason) => states.push(reason));
    socket.on('newSubmission', ({ caption }) => told.push(caption));
""", base)


def told():
    return browser.execute_script("return told")


def states():
    return browser.execute_script("return states")


until("the client is connected", lambda: states() == ["connected"])
assert browser.execute_script("return socket.io.engine.transport.name") == "polling"
submit("one")
until("it is told of an entry", lambda: told() == ["one"])

# It speaks and is answered, and to a namespace that is not there it is refused.
assert browser.execute_async_script(
    "const done = arguments[0]; socket.timeout(5000).emit('hello', 1, (error) => done(error === null))")
assert "Invalid namespace" == browser.execute_async_script("""
    const done = arguments[1];
    io(arguments[0] + '/nowhere', { forceNew: true }).on('connect_error', ({ message }) => done(message));
""", base)

# The process it is connected to is killed: it comes back and is told what it has missed.
ask("kill live")
submit("two")
until("it notices, and is back", lambda: states()[-1] == "recovered" and len(states()) >= 3)
until("it has missed nothing", lambda: told() == ["one", "two"])
assert states()[1] in ("transport close", "transport error", "ping timeout"), states()

# The whole site starts anew, on purpose.
ask("restart")
until("it is back soon", lambda: states()[-1] in ("connected", "recovered") and len(states()) >= 5, seconds=15)
submit("three")
until("it is told again", lambda: told() == ["one", "two", "three"])

# It leaves, and when it comes again it is told what happened meanwhile, too.
browser.execute_script("socket.disconnect()")
until("it has left", lambda: states()[-1] == "io client disconnect")
submit("unheard")
browser.execute_script("socket.connect()")
until("it is connected again", lambda: states()[-1] == "recovered")
submit("four")
until("it is told all", lambda: told() == ["one", "two", "three", "unheard", "four"])
browser.quit()
