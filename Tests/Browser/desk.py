"""The administrator's session, without a browser."""
import urllib.request

from browser import base


def cookie():
    """The header field that shows that one is logged in."""
    call = urllib.request.Request(
        base + "/api/login", b'{"password":"correct horse"}', {"Content-Type": "application/json"})
    with urllib.request.urlopen(call) as answer:
        return {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}
