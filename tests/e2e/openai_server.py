#!/usr/bin/env python3
"""An OpenAI-compatible server that is not mock-llm: the standard library, plain HTTP/1.0 answers, its own words.

Prints its address, answers POST <prefix>/chat/completions for the key in KEY, and keeps asking for a key otherwise.
"""
import http.server
import json
import os

KEY = os.environ["KEY"]


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers.get("Authorization") != "Bearer " + KEY:
            # As careless as some servers are: it quotes what it was sent.
            message = "Incorrect API key provided: " + str(self.headers.get("Authorization"))
            return self.answer(401, {"error": {"message": message, "type": "invalid_request_error", "code": "invalid_api_key"}})
        if self.path != "/some/prefix/chat/completions":
            return self.answer(404, {"error": {"message": "no such path " + self.path, "type": "invalid_request_error"}})
        prompt = request["messages"][-1]["content"]
        self.answer(200, {
            "id": "c1", "object": "chat.completion", "created": 1, "model": request["model"] + "-0613",
            "choices": [{"index": 0, "finish_reason": "stop",
                         "message": {"role": "assistant", "content": f"heard {len(prompt)} characters ✓"}}],
            "usage": {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}})


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}/some/prefix", flush=True)
server.serve_forever()
