"""python-socketio's own server, for comparison: socketio-peer.py PORT

POST /submit tells all clients of a new entry, and answers.
"""
import re
import sys

import socketio
from aiohttp import web

server = socketio.AsyncServer(async_mode="aiohttp")
application = web.Application()
server.attach(application)
number = 0


async def submit(request):
    global number
    number += 1
    caption = re.search(r"round<\d+>", await request.text()).group()
    entry = {
        "id": f"1795576664435-{number:06}", "category": "best", "caption": caption,
        "imageUrl": None, "createdAt": 1795576664435, "artist": "Anonymous Artist",
    }
    await server.emit("newSubmission", entry)
    return web.json_response({"success": True})


application.router.add_post("/submit", submit)
web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), print=None)
