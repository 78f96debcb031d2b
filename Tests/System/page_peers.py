"""Peers for the test page: the real front end, and brokers of every temper.

All listen on a free loopback port and end with the `with` block.
"""

import contextlib
import http.server
import json
import tempfile
import threading

from place import Place


@contextlib.contextmanager
def serving(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, *_):
        pass

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def page(broker, services="auth log"):
    """The front end by itself, told of this broker and of these services."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(folder)
        with place.running("martlet-front-end", BROKER_URL=broker, PAGE_SERVICES=services):
            yield place.url("front-end")


class Broker:
    """A broker that gives one answer to everything, and keeps what it was asked. Without an answer it stays silent."""

    def __init__(self, status=202, answer=b'{"error":false,"message":"done"}'):
        self.status, self.body = status, answer
        self.requests = []
        self.released = threading.Event()

    @contextlib.contextmanager
    def running(self):
        broker = self

        class Handler(Quiet):
            def do_OPTIONS(self):
                self.answer(200, b"", **broker.cors(self), Access_Control_Allow_Headers="Content-Type")

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                broker.requests.append((self.path, json.loads(body) if body else None))
                if broker.body is None:
                    broker.released.wait(30)
                    self.close_connection = True
                    return
                self.answer(broker.status, broker.body, Content_Type="application/json", **broker.cors(self))

        with serving(Handler) as address:
            try:
                yield address
            finally:
                self.released.set()

    @staticmethod
    def cors(request):
        return {"Access_Control_Allow_Origin": request.headers.get("Origin", "null"), "Vary": "Origin"}
