"""The mail service as an operator runs it, and a mail server of somebody else's to hand mail to (aiosmtpd)."""

import contextlib
import json
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from place import Place
from web import get

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Mail:
    """A running mail service: its HTTP interface, and where its mailbox takes mail."""

    def __init__(self, process, http, smtp):
        self.process, self.http, self.smtp = process, http, smtp

    @property
    def pid(self):
        return self.process.pid

    def url(self, path):
        return f"http://127.0.0.1:{self.http}{path}"

    def get(self, path):
        return get(self.url(path))

    def post(self, path, body, timeout=20):
        """Status and text."""
        request = urllib.request.Request(
            self.url(path), data=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
        try:
            with _opener.open(request, timeout=timeout) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def messages(self, **query):
        """All of them, newest first, over as many pages as there are."""
        found, cursor = [], None
        while True:
            asked = {"limit": 500, **query, **({"cursor": cursor} if cursor else {})}
            status, _, text = self.get(f"/messages?{urllib.parse.urlencode(asked)}")
            assert status == 200, text
            page = json.loads(text)
            found += page["messages"]
            cursor = page.get("next")
            if not cursor:
                return found

    def source(self, number):
        """The bytes, as they are."""
        with _opener.open(self.url(f"/messages/{number}/source"), timeout=20) as response:
            return response.read()


@contextlib.contextmanager
def running(folder, **environment):
    """The same folder again has the same mails."""
    place = Place(folder)
    with place.running("martlet-mail", "--smtp-port", place.ports["smtp"], **environment) as process:
        yield Mail(process, place.ports["mail"], place.ports["smtp"])


def certificate(folder):
    """A certificate of its own for localhost, and its key."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True, timeout=60)
    return cert, key


def server_context(cert, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context
