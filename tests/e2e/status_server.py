#!/usr/bin/env python3
"""A server that answers each request with the next of the statuses that it is given, and goes on with the last.

Prints its address. The body is {"state": "done"} with 200, and no JSON otherwise.
"""
import http.server
import sys

STATUSES = [int(word) for word in sys.argv[1:]]


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        status = STATUSES.pop(0) if len(STATUSES) > 1 else STATUSES[0]
        body = b'{"state": "done"}' if status == 200 else b"nothing here"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
