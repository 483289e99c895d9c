"""A server that does what Cloudinary documents of uploads, and what it is told to go wrong with.

cloudinary.py FOLDER   prints its port. FOLDER/mode says what it does: ok, 400, 500, hang, cut, garbage;
                       FOLDER/calls gets a line of JSON for each request; pictures lie in FOLDER/pictures.

https://cloudinary.com/documentation/image_upload_api_reference
"""
import hashlib
import http.server
import json
import re
import sys
import threading
import time
from pathlib import Path

folder = Path(sys.argv[1])
secret = "very-Secret_1"
lock = threading.Lock()


def parts(body, boundary):
    """The fields of a form; a file's content is bytes."""
    fields = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.strip(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head).group(1).decode()
        fields[name] = content if b"filename=" in head else content.decode()
    return fields


def signature(fields):
    """All but the file, the key and what the account is, sorted, and the secret."""
    signed = {k: v for k, v in fields.items() if k not in ("file", "api_key", "resource_type", "cloud_name", "signature")}
    text = "&".join(f"{k}={v}" for k, v in sorted(signed.items())) + secret
    algorithm = (folder / "algorithm").read_text().strip()
    return hashlib.new(algorithm, text.encode()).hexdigest()


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = folder / "pictures" / Path(self.path).name
        if (folder / "mode").read_text().strip() == "blind":
            return self.answer(500, b"")
        self.answer(200, path.read_bytes(), "image/png") if path.exists() else self.answer(404, b"")

    def do_POST(self):
        mode = (folder / "mode").read_text().strip()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        boundary = self.headers["Content-Type"].split("boundary=")[1].encode()
        fields = parts(body, boundary)
        with lock, open(folder / "calls", "a") as calls:
            calls.write(json.dumps({"path": self.path, **{k: v for k, v in fields.items() if k != "file"}}) + "\n")
        if mode == "hang":
            time.sleep(60)
        elif mode == "cut":
            self.close_connection = True
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"secure_url\":")
        elif mode == "garbage":
            self.answer(200, b"<html>hello</html>")
        elif mode != "ok":
            self.refuse(int(mode), "as you wish")
        elif fields.get("api_key") != "12345" or fields.get("signature") != signature(fields):
            self.refuse(401, "Invalid Signature")
        elif abs(time.time() - int(fields["timestamp"])) > 3600:
            self.refuse(400, "Stale request")
        elif self.path == "/v1_1/demo/image/upload":
            self.upload(fields)
        elif self.path == "/v1_1/demo/image/destroy":
            path = folder / "pictures" / (Path(fields["public_id"]).name + ".png")
            with lock:
                result = "ok" if path.exists() else "not found"
                path.unlink(missing_ok=True)
            self.answer(200, json.dumps({"result": result}).encode())
        else:
            self.refuse(404, "nothing here")

    def upload(self, fields):
        assert fields["folder"] == "tattoo-contest", fields
        name = fields["public_id"] + ".png"
        (folder / "pictures" / name).write_bytes(fields["file"])
        # Each time another version, as there.
        version = len((folder / "calls").read_text().splitlines())
        url = f"http://127.0.0.1:{server.server_port}/demo/image/upload/v{version}/tattoo-contest/{name}"
        self.answer(200, json.dumps({"secure_url": url, "public_id": "tattoo-contest/" + fields["public_id"]}).encode())

    def refuse(self, status, message):
        self.answer(status, json.dumps({"error": {"message": message}}).encode())

    def answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


(folder / "pictures").mkdir()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
print(server.server_port, flush=True)
server.serve_forever()
