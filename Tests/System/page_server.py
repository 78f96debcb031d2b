"""Peers for the test page: a server that gives the page out as the front end does, and brokers of every temper.

All listen on a free loopback port and end with the `with` block.
"""

import contextlib
import html
import http.server
import json
import pathlib
import threading

ASSETS = pathlib.Path(__file__).resolve().parents[2] / "Sources/C/FrontEndAssets/assets"
TYPES = {
    "/app.css": "text/css; charset=utf-8",
    "/app.js": "text/javascript; charset=utf-8",
    "/favicon.svg": "image/svg+xml",
}


def content_security_policy(broker):
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self' {broker}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")


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


def page(broker, services="auth log"):
    """The page for this broker; services as the front end lists them."""

    class Page(Quiet):
        def do_GET(self):
            if self.path in TYPES:
                self.answer(200, (ASSETS / self.path[1:]).read_bytes(), Content_Type=TYPES[self.path])
                return
            text = (ASSETS / "index.html").read_text(encoding="utf-8")
            text = text.replace("{{broker}}", html.escape(broker)).replace("{{services}}", html.escape(services))
            self.answer(200, text.encode(), Content_Type="text/html; charset=utf-8",
                        Content_Security_Policy=content_security_policy(broker))

    return serving(Page)


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
