"""Peers for the test page: the real front end and logger, brokers of every temper, and a stand-in for the mailbox.

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


def page(broker, services="auth log", **settings):
    """The front end by itself, told of this broker and of these services. It shows nothing of the logger and the mail
    service, unless `settings` say where they are."""
    relay = "on" if settings else "off"
    return running("martlet-front-end", BROKER_URL=broker, PAGE_SERVICES=services, PAGE_RELAY=relay, **settings)


def logger(folder, port=None):
    """The logger by itself, with its entries in this folder."""
    return running("martlet-logger", port, DATA_DIR=str(folder))


@contextlib.contextmanager
def running(product, port=None, **settings):
    with tempfile.TemporaryDirectory() as folder:
        place = Place(folder)
        service = product.removeprefix("martlet-")
        place.ports[service] = port or place.ports[service]
        with place.running(product, **settings):
            yield place.url(service)


class Broker:
    """A broker that gives one answer to everything, and keeps what it was asked. Without an answer it stays silent."""

    def __init__(self, status=202, answer=b'{"error":false,"message":"done"}'):
        self.status, self.body = status, answer
        self.requests = []
        self.queries = []
        self.released = threading.Event()

    @contextlib.contextmanager
    def running(self):
        broker = self

        class Handler(Quiet):
            def do_OPTIONS(self):
                self.answer(200, b"", **broker.cors(self), Access_Control_Allow_Headers="Content-Type")

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path, _, query = self.path.partition("?")
                broker.requests.append((path, json.loads(body) if body else None))
                broker.queries.append(query)
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
        return {"Access_Control_Allow_Origin": request.headers.get("Origin", "null"),
                "Access_Control_Allow_Credentials": "true", "Vary": "Origin"}


class Mailbox:
    """Stands in for the mail service's `/messages`: keeps what a test puts in."""

    def __init__(self):
        self.mails = {}
        self.requests = []

    def put(self, subject, sender="me@example.com", to=("you@there.com",), plain="Hello world!", html=None, source=None,
            attachments=()):
        number = len(self.mails) + 1
        self.mails[number] = {
            "summary": {
                "id": number, "message_id": f"{number}@localhost", "from": sender, "sender": "me@example.com",
                "to": list(to), "subject": subject, "size": 400, "created_at": f"2026-11-20T12:00:{number % 60:02}.5Z",
                "state": "kept", "attempts": 0},
            "plain": plain, "html": html, "source": source or f"Subject: {subject}\r\n\r\n{plain}\r\n",
            "attachments": list(attachments)}
        return number

    @contextlib.contextmanager
    def running(self):
        box = self

        class Handler(Quiet):
            def do_GET(self):
                self.reply(*box.answer(self.path))

            def do_DELETE(self):
                box.requests.append(("DELETE", self.path))
                found = box.mails.pop(int(self.path.split("/")[2]), None)
                self.reply(200 if found else 404, "application/json", b'{"error":false,"message":"deleted"}')

            def reply(self, status, kind, body, **headers):
                self.answer(status, body, Content_Type=kind, **headers)

        with serving(Handler) as address:
            yield address

    def answer(self, path):
        path, _, query = path.partition("?")
        parts = path.strip("/").split("/")
        if parts == ["messages"]:
            wanted = dict(pair.split("=") for pair in query.split("&") if pair)
            limit, cursor = int(wanted.get("limit", 100)), int(wanted.get("cursor", 1 << 60))
            found = [mail["summary"] for number, mail in sorted(self.mails.items(), reverse=True) if number < cursor]
            page = {"messages": found[:limit]}
            if len(found) > limit:
                page["next"] = str(found[limit - 1]["id"])
            return 200, "application/json", json.dumps(page).encode()
        mail = self.mails.get(int(parts[1]))
        if mail is None:
            return 404, "application/json", b'{"error":true,"message":"there is no message with this id"}'
        files = [{"number": index, "name": name, "type": kind, "size": len(data)}
                 for index, (name, kind, data) in enumerate(mail["attachments"])]
        if len(parts) == 2:
            detail = dict(mail["summary"], headers=[], plain=mail["plain"] is not None, html=mail["html"] is not None,
                          attachments=files)
            return 200, "application/json", json.dumps(detail).encode()
        if parts[2] == "attachments":
            return 200, "application/octet-stream", mail["attachments"][int(parts[3])][2]
        # A careless service: whatever it says, the page's server decides what the browser may do with it.
        return 200, "text/html; charset=utf-8", mail[parts[2]].encode()
