"""Takes what a webhook tells. WEBHOOK_SECRET is the whsec_… that you were shown once."""

import base64
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name, at = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        signature = base64.b64encode(hmac.digest(KEY, f"{name}.{at}.".encode() + body, "sha256")).decode()
        given = self.headers["webhook-signature"].split()  # two, while a secret is being changed
        genuine = any(hmac.compare_digest(f"v1,{signature}", each) for each in given)
        if not genuine or abs(time.time() - int(at)) > 300:
            self.send_error(400)
            return
        self.send_response(204)  # first say thank you, then work
        self.end_headers()
        print(name, json.loads(body)["type"], flush=True)  # a name that you have seen before is a repeat


HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Receiver).serve_forever()
