"""Events between processes: what one publishes arrives where it belongs, once, whatever is killed on the way."""

import contextlib
import http.server
import json
import threading

import pytest

from page_peers import serving
from place import Place, wait_until
from web import free_ports, get, post

CREDENTIALS = {"email": "admin@example.com", "password": "verysecret"}
LOGGED_IN = ("authentication", "admin@example.com logged in")


class Peers(Place):
    """Services as processes of their own, in one data folder, where the bus has its socket."""

    def begin(self, name, port=None, **environment):
        """Starts a service and waits until it answers."""
        port = port or self.ports[name]
        environment = {
            "LOGGER_URL": self.url("logger"), "AUTH_URL": self.url("authentication"),
            "SMTP_PORT": str(self.ports["smtp"]), **environment}
        with open(self.folder / f"{name}-{port}.log", "ab") as output:
            process = self.start(f"martlet-{name}", "--port", port, output=output, **environment)
        wait_until(lambda: process.poll() is not None or answers(port))
        assert process.poll() is None, (self.folder / f"{name}-{port}.log").read_text()
        return process

    def log(self, number, **headers):
        return post(
            self.url("broker", "/handle"),
            {"action": "log", "log": {"name": "event", "data": str(number)}, "transport": "bus"}, **headers)

    def entries(self):
        """All entries of the logger, the oldest first, as name and data."""
        code, _, text = get(self.url("logger", "/logs?limit=1000"))
        assert code == 200, text
        return [(entry["name"], entry["data"]) for entry in reversed(json.loads(text)["entries"])]

    def mails(self):
        """All mails of the mailbox, the newest first."""
        return json.loads(get(self.url("mail", "/messages"))[2])["messages"]

    def waiting(self, queue):
        """Messages and dead letters of a queue, as the bus last counted them."""
        found = {}
        for line in get(self.url("bus", "/metrics"))[2].splitlines():
            for name in ("messages", "dead_letters"):
                if line.startswith(f'martlet_bus_{name}{{queue="{queue}"}} '):
                    found[name] = int(line.split()[-1])
        return found.get("messages"), found.get("dead_letters")


def answers(port):
    try:
        return get(f"http://127.0.0.1:{port}/livez", timeout=2)[0] == 200
    except OSError:
        return False


def kill(process):
    process.kill()
    process.wait()


def events(*numbers):
    return sorted(("event", str(number)) for number in numbers)


@pytest.fixture
def peers(tmp_path):
    peers = Peers(tmp_path)
    yield peers
    peers.close()


def test_an_event_arrives_at_the_logger_once_and_two_listeners_share_the_work(peers):
    for name in ("bus", "logger", "broker", "listener"):
        peers.begin(name)
    peers.begin("listener", port=free_ports(1)[0])
    for number in range(60):
        status, _, answer = peers.log(number)
        assert (status, answer) == (202, {"error": False, "message": "logged via RabbitMQ"})
    wait_until(lambda: len(peers.entries()) >= 60)
    assert sorted(peers.entries()) == events(*range(60))


def test_nothing_is_lost_or_doubled_when_listener_bus_and_logger_are_killed_at_work(peers):
    running = {name: peers.begin(name) for name in ("bus", "logger", "broker", "listener")}
    sent = 0
    for victim in ["listener", "bus", "logger"] * 2:
        for number in range(30):
            # With a key, as a careful client: what is not answered is sent again, and is one event.
            wait_until(lambda: peers.log(sent, Idempotency_Key=f"event-{sent}")[0] == 202)
            sent += 1
            if number == 15:
                kill(running[victim])
                running[victim] = peers.begin(victim)
    wait_until(lambda: len(peers.entries()) >= sent, 60)
    wait_until(lambda: peers.waiting("listener") == (0, 0), 60)
    assert sorted(peers.entries()) == events(*range(sent))


def test_a_listener_that_is_killed_with_an_event_in_hand_leaves_it_to_another(peers):
    came, release = threading.Event(), threading.Event()
    keys = []

    class Slow(http.server.BaseHTTPRequestHandler):
        """A logger that holds its first request until the sender is dead, and takes every later one."""
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            keys.append(self.headers["Idempotency-Key"])
            if len(keys) == 1:
                came.set()
                release.wait(30)
            with contextlib.suppress(OSError):
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_):
            pass

    for name in ("bus", "broker"):
        peers.begin(name)
    with serving(Slow) as logger:
        first = peers.begin("listener", LOGGER_URL=logger)
        assert peers.log(1)[0] == 202
        assert came.wait(20)
        kill(first)
        release.set()
        peers.begin("listener", LOGGER_URL=logger)
        wait_until(lambda: len(keys) == 2)
        wait_until(lambda: peers.waiting("listener") == (0, 0))
    # By which the logger knows that it has the entry.
    assert keys[0] == keys[1]


def test_a_login_needs_neither_bus_nor_logger_and_both_hear_of_it_later_though_it_is_killed(peers):
    authentication = peers.begin("authentication")
    status, headers, answer = post(peers.url("authentication", "/authenticate"), CREDENTIALS)
    assert (status, answer["message"]) == (202, "Logged in user admin@example.com\n")
    cookie = headers["Set-Cookie"].split(";")[0]
    assert post(peers.url("authentication", "/logout"), {}, Cookie=cookie)[0] == 202
    assert post(peers.url("authentication", "/logout"), {}, Cookie=cookie)[0] == 401
    code, _, ready = get(peers.url("authentication", "/readyz"))
    assert code == 200 and ready.startswith("ok\nbus: ")
    # What nobody has heard of yet is on disk.
    kill(authentication)
    for name in ("bus", "logger", "listener", "authentication"):
        peers.begin(name)
    wait_until(lambda: peers.entries() == [LOGGED_IN])
    wait_until(lambda: peers.waiting("mail") == (1, 0))


def test_each_sign_in_and_out_is_told_of_once_though_all_who_carry_it_are_killed_under_it(peers):
    running = {name: peers.begin(name) for name in ("bus", "logger", "listener", "authentication", "mail")}
    signed_out = 0
    for victim in ["authentication", "bus", "mail", "listener", "authentication"]:
        for number in range(3):
            _, headers, _ = post(peers.url("authentication", "/authenticate"), CREDENTIALS)
            cookie = headers["Set-Cookie"].split(";")[0]
            assert post(peers.url("authentication", "/logout"), {}, Cookie=cookie)[0] == 202
            signed_out += 1
        # At once: some of it may not be published yet, or not crossed out.
        kill(running[victim])
        running[victim] = peers.begin(victim)
    wait_until(lambda: len(peers.entries()) >= signed_out, 60)
    wait_until(lambda: len(peers.mails()) >= signed_out, 60)
    wait_until(lambda: peers.waiting("listener") == (0, 0) and peers.waiting("mail") == (0, 0), 60)
    assert peers.entries() == [LOGGED_IN] * signed_out
    assert [mail["subject"] for mail in peers.mails()] == ["You signed out"] * signed_out


def test_in_one_process_events_wait_while_their_consumer_is_stopped_and_logins_while_the_bus_is(tmp_path):
    peers = Peers(tmp_path)
    try:
        peers.up()
        for name in ("listener", "logger"):
            assert peers.martlet("stop", name)[0] == 0
        status, headers, answer = post(peers.url("broker", "/handle"), {"action": "auth", "auth": CREDENTIALS})
        assert (status, answer["message"]) == (202, "Authenticated!")
        assert peers.log(1)[0] == 202
        cookie = headers["Set-Cookie"]
        assert cookie.startswith("martlet_session=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
        status, headers, answer = post(
            peers.url("broker", "/handle"), {"action": "logout"}, Cookie=cookie.split(";")[0])
        assert (status, answer) == (202, {"error": False, "message": "Signed out"})
        assert "Max-Age=0" in headers["Set-Cookie"]
        for name in ("logger", "listener"):
            assert peers.martlet("start", name)[0] == 0
        wait_until(lambda: sorted(peers.entries()) == [LOGGED_IN, ("event", "1")])
        wait_until(peers.mails)
        [mail] = peers.mails()
        assert (mail["to"], mail["subject"]) == (["admin@example.com"], "You signed out")
        plain = get(peers.url("mail", f"/messages/{mail['id']}/plain"))[2]
        assert plain.startswith("Hello Admin,\n\nyou signed out at 20")

        assert peers.martlet("stop", "bus")[0] == 0
        assert peers.log_in()[0] == 202
        assert peers.martlet("start", "bus")[0] == 0
        wait_until(lambda: len(peers.entries()) == 3)
        assert peers.martlet("down")[0] == 0
    finally:
        assert peers.close() == [], "still running after the test"
