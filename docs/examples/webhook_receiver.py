import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

with open(os.environ['WEBHOOK_SECRET']) as file:
    key = base64.b64decode(file.readline().strip().removeprefix('whsec_'))
seen = set()  # keep it in your database

def is_ours(headers, body):
    """Whether the request has our signature, and is not an old one that is sent by somebody else."""
    message_id, timestamp = headers.get('webhook-id', ''), headers.get('webhook-timestamp', '')
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > 300:
        return False
    signed = f'{message_id}.{timestamp}.'.encode() + body
    expected = 'v1,' + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(expected, one) for one in headers.get('webhook-signature', '').split(' '))

class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('content-length', 0)))
        if not is_ours(self.headers, body):
            self.send_response(401)
        else:
            if self.headers['webhook-id'] not in seen:
                seen.add(self.headers['webhook-id'])
                task = json.loads(body)['data']
                print(task['id'], task['status'], task['error_code'], flush=True)
            self.send_response(204)
        self.end_headers()

    def log_message(self, *words):
        pass

HTTPServer(('127.0.0.1', int(os.environ.get('PORT', '5000'))), Receiver).serve_forever()
