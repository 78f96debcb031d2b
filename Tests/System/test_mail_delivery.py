"""The mail service hands mail to somebody else's server (aiosmtpd): encryption, logins, retries, and a kill -9."""

import contextlib
import itertools
import json
import os
import pathlib
import queue
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import mail as mails
from place import wait_until
from web import free_ports

FOLDER = pathlib.Path(__file__).parent
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
HAS_PEER = subprocess.run([PYTHON, "-c", "import aiosmtpd"], capture_output=True).returncode == 0
pytestmark = pytest.mark.skipif(not HAS_PEER, reason="needs python3-aiosmtpd (scripts/bootstrap --test)")


class MailServer:
    def __init__(self, process):
        self.process = process
        self.port = int(process.stdout.readline())
        self.received = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.received.put(json.loads(line))

    def next(self):
        return self.received.get(timeout=20)


@contextlib.contextmanager
def mail_server(**options):
    process = subprocess.Popen(
        [PYTHON, FOLDER / "mail_server.py", json.dumps(options)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(FOLDER)})
    try:
        yield MailServer(process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return [str(path) for path in mails.certificate(tmp_path_factory.mktemp("certificate"))]


def settings(server, **more):
    return {"MAIL_HOST": "localhost", "MAIL_PORT": str(server.port), **more}


def send(mail, subject="s", to="you@there.com"):
    status, text = mail.post("/send", {"to": to, "subject": subject, "message": "m"})
    assert status == 202, text


def state(mail):
    return mail.messages()[0]["state"]


def test_mail_arrives_as_it_was_written(tmp_path):
    with mail_server() as server, mails.running(tmp_path, **settings(server, MAIL_DOMAIN="client.example")) as mail:
        send(mail, "Grüße", '"quoted local"@there.com')
        got = server.next()
        assert got["from"] == "no-reply@localhost" and got["to"] == ['"quoted local"@there.com']
        assert got["hello"] == "client.example" and not got["tls"] and got["user"] is None
        wait_until(lambda: state(mail) == "sent")
        assert got["content"].encode("latin-1") == mail.source(1)
        assert any(option.startswith("SIZE=") for option in got["options"])


@pytest.mark.parametrize("word", ["tls", "starttls", "anything"])
def test_starttls(tmp_path, certificate, word):
    with mail_server(starttls=certificate, require_tls=True) as server:
        with mails.running(tmp_path, **settings(server, MAIL_ENCRYPTION=word, MAIL_CA_FILE=certificate[0])) as mail:
            send(mail)
            assert server.next()["tls"]


def test_tls_from_the_first_byte(tmp_path, certificate):
    with mail_server(implicit=certificate) as server:
        with mails.running(tmp_path, **settings(server, MAIL_ENCRYPTION="ssl", MAIL_CA_FILE=certificate[0])) as mail:
            send(mail)
            server.next()
            wait_until(lambda: state(mail) == "sent")


def test_tls_where_the_server_offers_none_is_plain_as_in_the_original(tmp_path):
    with mail_server() as server, mails.running(tmp_path, **settings(server, MAIL_ENCRYPTION="tls")) as mail:
        send(mail)
        assert not server.next()["tls"]


def test_none_stays_plain_where_the_server_offers_tls(tmp_path, certificate):
    with mail_server(starttls=certificate) as server:
        with mails.running(tmp_path, **settings(server, MAIL_ENCRYPTION="none")) as mail:
            send(mail)
            assert not server.next()["tls"]


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(tmp_path, certificate):
    with mail_server(implicit=certificate) as server:
        with mails.running(tmp_path, **settings(server, MAIL_ENCRYPTION="ssl")) as mail:
            send(mail)
            wait_until(lambda: mail.messages()[0]["attempts"] > 0 and mail.messages()[0].get("last_error"))
            kept = mail.messages()[0]
            assert kept["state"] == "queued" and "certificate" in kept["last_error"]
            assert server.received.empty()


def test_login(tmp_path, certificate):
    login = {"MAIL_USERNAME": "user", "MAIL_PASSWORD": "päss word"}
    with mail_server(starttls=certificate, auth=["user", "päss word"]) as server:
        secure = settings(server, MAIL_ENCRYPTION="tls", MAIL_CA_FILE=certificate[0], **login)
        with mails.running(tmp_path, **secure) as mail:
            send(mail)
            got = server.next()
            assert got["user"] == "user" and got["tls"]
            assert "päss word" not in (tmp_path / "martlet-mail.log").read_text()


def test_a_wrong_password_is_tried_again_later_because_a_setting_can_be_put_right(tmp_path, certificate):
    with mail_server(starttls=certificate, auth=["user", "right"]) as server:
        wrong = settings(server, MAIL_ENCRYPTION="tls", MAIL_CA_FILE=certificate[0], MAIL_USERNAME="user", MAIL_PASSWORD="wrong")
        with mails.running(tmp_path, **wrong) as mail:
            send(mail)
            wait_until(lambda: mail.messages()[0].get("last_error"))
            assert state(mail) == "queued" and "535" in mail.messages()[0]["last_error"]


def test_a_refused_recipient_is_a_dead_letter_at_once(tmp_path):
    with mail_server(refuse="550 5.1.1 no such user") as server, mails.running(tmp_path, **settings(server)) as mail:
        send(mail)
        wait_until(lambda: state(mail) == "dead")
        kept = mail.messages(state="dead")[0]
        assert kept["attempts"] == 1 and "550 5.1.1 no such user" in kept["last_error"]
        assert mail.post("/messages/1/redrive", {})[0] == 202
        wait_until(lambda: state(mail) == "dead")
        assert mail.post("/messages/9/redrive", {})[0] == 404


def test_a_server_that_is_busy_or_away_gets_the_mail_later_with_the_same_id(tmp_path):
    (port,) = free_ports(1)
    with mails.running(tmp_path, MAIL_HOST="127.0.0.1", MAIL_PORT=str(port)) as mail:
        send(mail)
        wait_until(lambda: mail.messages()[0].get("last_error"))
        with mail_server(port=port, fail=1) as server:
            got = server.next()
            wait_until(lambda: state(mail) == "sent")
            kept = mail.messages()[0]
            assert kept["attempts"] >= 3 and f"Message-ID: <{kept['message_id']}>" in got["content"]


def answered(mail, prefix):
    """Sends until it is killed; gives the subjects whose mail was answered."""
    done = []
    for number in itertools.count():
        subject = f"{prefix}-{number}"
        try:
            if mail.post("/send", {"to": "you@there.com", "subject": subject, "message": "m"}, timeout=10)[0] == 202:
                done.append(subject)
        except OSError:
            return done


def kill_under_load(mail, prefix, seconds):
    with ThreadPoolExecutor(16) as pool:
        threads = [pool.submit(answered, mail, f"{prefix}-{thread}") for thread in range(16)]
        threading.Event().wait(seconds)
        os.kill(mail.pid, signal.SIGKILL)
        return [subject for thread in threads for subject in thread.result()]


def test_killed_under_load_it_has_every_answered_mail_exactly_once(tmp_path):
    promised = []
    for round in range(3):
        with mails.running(tmp_path) as mail:
            promised += kill_under_load(mail, f"round{round}", 1.0)
    assert len(promised) > 300
    with mails.running(tmp_path) as mail:
        kept = [message["subject"] for message in mail.messages()]
    assert len(kept) == len(set(kept)), "a mail is there twice"
    assert set(promised) <= set(kept)


def test_killed_while_it_delivers_it_delivers_every_answered_mail_after_all(tmp_path):
    with mail_server() as server:
        promised = []
        for round in range(2):
            with mails.running(tmp_path, **settings(server)) as mail:
                promised += kill_under_load(mail, f"round{round}", 0.7)
        assert len(promised) > 50
        with mails.running(tmp_path, **settings(server)) as mail:
            wait_until(lambda: all(m["state"] == "sent" for m in mail.messages()), 60)
            ids = {m["subject"]: m["message_id"] for m in mail.messages()}
        delivered = {}
        while not server.received.empty():
            content = server.received.get()["content"]
            fields = dict(line.split(": ", 1) for line in content.split("\r\n\r\n")[0].split("\r\n") if ": " in line)
            delivered.setdefault(fields["Subject"], set()).add(fields["Message-ID"])
    assert set(promised) <= set(delivered)
    # At least once, and then with the same id, by which a reader knows.
    for subject in promised:
        assert delivered[subject] == {f"<{ids[subject]}>"}
