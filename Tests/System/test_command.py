"""What looks into the system: `martlet logs` and `call`, with real processes, pipes and terminals."""

import contextlib
import json
import os
import pathlib
import re
import signal
import smtplib
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from place import BUILT, Place, finish, wait_until
from terminal import Terminal


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path)
    yield place
    with contextlib.suppress(Exception):
        place.martlet("down")
    assert place.close() == [], "still running after the test"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A system in the background, for tests that change nothing others rely on."""
    place = Place(tmp_path_factory.mktemp("place"))
    place.up()
    yield place
    place.martlet("down")
    assert place.close() == [], "still running after the tests"


def one_line(text):
    lines = text.splitlines()
    assert len(lines) == 1, text
    return lines[0]


def terminal(place, *arguments, **environment):
    return Terminal([BUILT / "martlet", *arguments], place.folder,
                    {**place.environment, "TERM": "xterm", "NO_COLOR": "", **environment})


def log(place, text):
    assert place.post("logger", "/log", {"name": "event", "data": text})[0] == 202


# logs


def test_logs_are_the_lines_of_the_log_as_they_are_for_a_program(running):
    log(running, "one")
    wait_until(lambda: running.martlet("logs", "logger")[1])
    code, output, errors = running.martlet("logs", "-n", "100000")
    assert (code, errors) == (0, "")
    records = [json.loads(line) for line in output.splitlines()]
    assert {record["service"] for record in records} >= {"martlet", "logger", "broker"}
    written = (running.folder / "data/martlet.log").read_text()
    assert output in written and output.splitlines()[0] == written.splitlines()[0]


def test_logs_of_one_service_and_of_a_level(running):
    running.martlet("call", "broker", "/handle", '{"action":"nonsense"}')
    wait_until(lambda: running.martlet("logs", "broker", "--level", "warning")[1])
    for name in ["broker", "martlet"]:
        code, output, _ = running.martlet("logs", name)
        assert code == 0 and {json.loads(line)["service"] for line in output.splitlines()} == {name}
    output = running.martlet("logs", "--level=warning")[1]
    levels = {json.loads(line)["level"] for line in output.splitlines()}
    assert "warning" in levels and levels <= {"warning", "error", "critical"}
    assert len(running.martlet("logs", "-n3")[1].splitlines()) == 3
    assert running.martlet("logs", "-n", "0") == (0, "", "")


def test_logs_on_a_terminal_are_readable_and_coloured_unless_that_is_not_wanted(running):
    with terminal(running, "logs", "-n", "5", "logger") as screen:
        colored = screen.all()
    assert re.search(r"\x1b\[2m\d\d:\d\d:\d\d\.\d{3}\x1b\[0m \x1b\[32mINFO    \x1b\[0m logger ", colored)
    with terminal(running, "logs", "-n", "5", "logger", NO_COLOR="1") as screen:
        plain = screen.all()
    assert "\x1b" not in plain
    assert all(re.match(r"\d\d:\d\d:\d\d\.\d{3} [A-Z]+ +logger \S", line) for line in plain.splitlines()), plain
    with terminal(running, "logs", "-n", "5", "--json") as screen:
        assert [json.loads(line) for line in screen.all().splitlines()]


def test_logs_follow_outlives_the_system_and_sees_the_next_one(place):
    place.up()
    follower = place.start("martlet", "logs", "-f", "-n", "1", "logger")
    lines = [follower.stdout.readline()]
    reader = threading.Thread(target=lambda: lines.extend(iter(follower.stdout.readline, "")))
    reader.start()
    try:
        log(place, "first")
        wait_until(lambda: any("writeLog" in line for line in lines))
        place.martlet("down")
        count = len(lines)
        place.up()
        log(place, "second")
        wait_until(lambda: any("writeLog" in line for line in lines[count:]))
        assert {json.loads(line)["service"] for line in lines} == {"logger"}
        place.martlet("down")
        assert follower.poll() is None
    finally:
        follower.send_signal(signal.SIGINT)
        reader.join(20)
    assert finish(follower)[0] in (-signal.SIGINT, 130)


def test_logs_follow_reads_a_full_log_to_its_end_and_then_the_new_one(place):
    folder = place.folder / "data"
    folder.mkdir()
    file = folder / "martlet.log"
    file.write_text("before\n")
    follower = place.start("martlet", "logs", "-f")
    try:
        assert follower.stdout.readline() == "before\n"
        with open(file, "a") as old:
            os.rename(file, folder / "martlet.log.1")
            with open(file, "w") as new:
                new.write("in the new one\n")
            # Whoever had it open writes a little longer.
            old.write("last of the old one\n")
        assert [follower.stdout.readline() for _ in range(2)] == ["last of the old one\n", "in the new one\n"]
        with open(file, "a") as new:
            new.write("more\n")
        assert follower.stdout.readline() == "more\n"
    finally:
        follower.kill()
        finish(follower)
    # Both files make up what was logged.
    assert place.martlet("logs")[1] == "before\nlast of the old one\nin the new one\nmore\n"
    assert place.martlet("logs", "-n", "3")[1] == "last of the old one\nin the new one\nmore\n"


def test_logs_stop_when_nobody_reads_any_more(place):
    folder = place.folder / "data"
    folder.mkdir()
    (folder / "martlet.log").write_text("x" * 1000 + "\n")
    with open(folder / "martlet.log", "a") as file:
        follower = place.start("martlet", "logs", "-f")
        assert follower.stdout.readline()
        follower.stdout.close()

        def ended():
            file.write("more\n")
            file.flush()
            return follower.poll() is not None
        wait_until(ended)
    assert (follower.returncode, follower.stderr.read()) == (0, "")
    follower.stderr.close()


def test_logs_say_why_there_are_none(place):
    code, output, errors = place.martlet("logs")
    assert (code, output) == (1, "")
    assert one_line(errors) == "martlet: nothing has been logged in data; martlet up --detach begins a log there"
    process = place.start("martlet", "up")
    place.wait_until_ready()
    code, output, errors = place.martlet("logs")
    assert (code, output) == (1, "")
    assert one_line(errors) == (
        f"martlet: the system in data runs in the foreground, as process {process.pid}, and logs there")
    process.terminate()
    finish(process)


# call


def test_call_gets_and_posts_and_prints_the_body_as_it_is(running):
    assert running.martlet("call", "broker", "/ping") == (0, ".", "")
    body = '{"action":"log","log":{"name":"event","data":"called"}}'
    code, output, errors = running.martlet("call", "broker", "/handle", body)
    assert (code, json.loads(output), errors) == (0, {"error": False, "message": "logged!"}, "")
    code, output, _ = running.martlet("call", "logger", "/logs?limit=1")
    assert code == 0 and json.loads(output)["entries"][0]["data"] == "called"


def test_call_reads_json_from_standard_input(running):
    called = subprocess.run(
        [BUILT / "martlet", "call", "logger", "/log", "-"], cwd=running.folder, env=running.environment, text=True,
        input='{"name":"event","data":"from a pipe"}', capture_output=True, timeout=30)
    assert (called.returncode, called.stderr) == (0, "")
    assert json.loads(running.martlet("call", "logger", "/logs?limit=1")[1])["entries"][0]["data"] == "from a pipe"


def test_call_says_a_status_that_is_not_good_and_fails_for_errors(running):
    code, output, errors = running.martlet("call", "logger", "/nowhere")
    assert code == 1 and one_line(errors) == "martlet: logger answered 404 Not Found"
    code, output, errors = running.martlet(
        "call", "authentication", "/authenticate", '{"email":"admin@example.com","password":"wrong"}')
    assert code == 1 and json.loads(output)["error"] is True
    assert one_line(errors) == "martlet: authentication answered 400 Bad Request"
    assert running.martlet("call", "logger", "/log", "-X", "GET")[0] == 1


def test_call_on_a_terminal_puts_json_into_lines(running):
    with terminal(running, "call", "logger", "/logs?limit=1", NO_COLOR="1") as screen:
        shown = screen.all()
    assert shown.startswith('{\n  "entries": [\n    {\n      "id": ')
    with terminal(running, "call", "logger", "/logs?limit=1") as screen:
        assert '\x1b[36m"entries"\x1b[0m: [' in screen.all()
    with terminal(running, "call", "broker", "/ping") as screen:
        assert screen.all() == ".\n"


@contextlib.contextmanager
def peer(answer):
    """Something that answers HTTP in place of a service; yields its port and what was asked of it."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append((self.command, self.path, self.headers, body))
            answer(self)
        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answering(status, body, **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    return answer


def test_call_reaches_a_service_that_runs_alone_and_sends_what_it_was_given(place):
    with peer(answering(200, b"fine")) as (port, asked):
        called = place.martlet(
            "call", "logger", "/a%20b?c=d", '{"n": 1.0}', "-X", "put", "-H", "X-One: 1", "-HX-Two:2",
            "--header=content-type: application/merge-patch+json", LOGGER_PORT=str(port))
    assert called == (0, "fine", "")
    [(method, path, headers, body)] = asked
    assert (method, path, body) == ("PUT", "/a%20b?c=d", b'{"n": 1.0}')
    assert (headers["X-One"], headers["X-Two"]) == ("1", "2")
    assert headers.get_all("Content-Type") == ["application/merge-patch+json"]


def test_call_lets_nothing_of_an_answer_command_the_terminal(place):
    for kind, body in [("text/plain", b"a\x1b[2Jb\r\nc"), ("application/json", '{"k":"\u009b2J\u202e"}'.encode())]:
        with peer(answering(200, body, Content_Type=kind)) as (port, _):
            with terminal(place, "call", "logger", "/", LOGGER_PORT=str(port), NO_COLOR="1") as screen:
                shown = screen.all()
        assert "\x1b" not in shown and "\u009b" not in shown and "\u202e" not in shown
        with peer(answering(200, body, Content_Type=kind)) as (port, _):
            piped = subprocess.run([BUILT / "martlet", "call", "logger", "/"], cwd=place.folder, timeout=30,
                                   env={**place.environment, "LOGGER_PORT": str(port)}, capture_output=True)
        assert piped.stdout == body


def test_call_shows_a_stream_as_it_comes_and_redirects_without_following(place):
    shown = threading.Event()

    def stream(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"9\r\ndata: 1\n\n\r\n")
        shown.wait(20)
        handler.wfile.write(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n")

    with peer(stream) as (port, _):
        process = place.start("martlet", "call", "logger", "/logs/stream", "--timeout=0s", LOGGER_PORT=str(port))
        assert [process.stdout.readline() for _ in range(2)] == ["data: 1\n", "\n"]
        shown.set()
        assert finish(process) == (0, "data: 2\n\n", "")
    with peer(answering(302, b"", Location="http://elsewhere.example/")) as (port, _):
        assert place.martlet("call", "logger", "/", LOGGER_PORT=str(port)) == (
            0, "", "martlet: logger answered 302 Found\n")


def test_call_says_in_one_line_who_cannot_be_reached(place):
    code, output, errors = place.martlet("call", "logger", "/logs")
    assert (code, output) == (1, "")
    assert one_line(errors).startswith("martlet: logger cannot be reached: ")
    assert str(place.ports["logger"]) in errors
    place.up("--only", "broker")
    code, output, errors = place.martlet("call", "logger", "/logs")
    assert (code, output) == (1, "")
    assert one_line(errors) == "martlet: logger is stopped; martlet start logger starts it"
    hang = threading.Event()
    with peer(lambda handler: hang.wait(20)) as (port, _):
        place.martlet("down")
        code, _, errors = place.martlet("call", "logger", "/", "--timeout", "100ms", LOGGER_PORT=str(port))
        hang.set()
    assert (code, one_line(errors)) == (1, "martlet: logger has not answered in time")


# mail


def send_mail(place, subject, message="Hello world!", to="you@there.com"):
    mail = {"from": "me@example.com", "to": to, "subject": subject, "message": message}
    assert place.post("mail", "/send", mail)[0] == 202


def newest_mail(place):
    code, output, errors = place.martlet("mail", "list", "--json", "--limit=1")
    assert (code, errors) == (0, "")
    return json.loads(output)["messages"][0]


def test_mail_lists_shows_and_deletes_messages(running):
    send_mail(running, "Grüße 🐦", "Tag & Nacht")
    mail = newest_mail(running)
    code, table, errors = running.martlet("mail")
    assert (code, errors) == (0, "")
    assert table.splitlines()[0].split() == ["ID", "RECEIVED", "STATE", "FROM", "TO", "SUBJECT"]
    assert re.match(rf" *{mail['id']}  20\d\d-\d\d-\d\d \d\d:\d\d:\d\d  kept +me@example.com +you@there.com  Grüße 🐦$",
                    table.splitlines()[1])
    code, shown, errors = running.martlet("mail", "show", str(mail["id"]))
    assert (code, errors) == (0, "")
    assert "From: me@example.com\nTo: you@there.com\nSubject: Grüße 🐦\n" in shown and "Tag & Nacht" in shown
    assert json.loads(running.martlet("mail", "show", str(mail["id"]), "--json")[1])["subject"] == "Grüße 🐦"
    code, source, _ = running.martlet("mail", "source", str(mail["id"]))
    assert code == 0 and "Subject: =?utf-8?" in source.replace("UTF-8", "utf-8") and "MIME-Version: 1.0" in source

    assert running.martlet("mail", "delete", str(mail["id"])) == (0, "deleted\n", "")
    code, output, errors = running.martlet("mail", "show", str(mail["id"]))
    assert (code, output) == (1, "") and one_line(errors).startswith("martlet: mail: ")
    send_mail(running, "another")
    assert re.match(r"deleted \d+$", running.martlet("mail", "delete", "--all")[1])
    assert running.martlet("mail", "list") == (0, "the mailbox is empty\n", "")


def test_mail_cannot_command_the_terminal(running):
    with smtplib.SMTP("127.0.0.1", running.ports["smtp"], timeout=20) as smtp:
        smtp.sendmail("evil@example.com", ["you@there.com"], (
            "From: evil@example.com\r\nSubject: =?utf-8?q?a=1B[2Jb=0A=E2=80=AEc?=\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            "one=1B]0;title=07\r\ntwo=C2=9B2J\r\n"))
    number = str(newest_mail(running)["id"])
    for arguments in [["list"], ["show", number], ["source", number]]:
        with terminal(running, "mail", *arguments, NO_COLOR="1") as screen:
            shown = screen.all()
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", shown), (arguments, shown)
    with terminal(running, "mail", "show", number) as screen:
        assert "one\\u{1b}]0;title\\u{7}\ntwo\\u{9b}2J\n" in screen.all()


def test_mail_shows_the_token_where_the_mailbox_asks_for_one(place):
    token = "correct-horse-battery-staple"
    place.up("--only", "mail", MAILBOX_TOKEN=token)
    assert place.martlet("mail", MAILBOX_TOKEN=token) == (0, "the mailbox is empty\n", "")
    (place.folder / "token").write_text(token + "\n")
    assert place.martlet("mail", MAILER_MAILBOX_TOKEN_FILE="token")[0] == 0
    code, output, errors = place.martlet("mail")
    assert (code, output) == (1, "") and one_line(errors).startswith("martlet: mail: this needs the mailbox's token")


def test_mail_says_that_the_mail_service_is_away(place):
    place.up("--only", "broker")
    assert place.martlet("mail") == (1, "", "martlet: mail is stopped; martlet start mail starts it\n")


# events


def test_a_login_while_the_logger_is_away_reaches_it_once_it_is_back(place):
    """Loose coupling, as the README's tour shows it."""
    place.up()
    assert place.martlet("stop", "logger")[0] == 0
    assert place.log_in()[0] == 202

    def listener():
        queues = json.loads(place.martlet("events", "--json")[1])["queues"]
        return next(queue for queue in queues if queue["name"] == "listener")
    wait_until(lambda: listener()["messages"] == 1)
    assert place.martlet("start", "logger")[0] == 0
    wait_until(lambda: "admin@example.com logged in" in place.martlet("call", "logger", "/logs?limit=1")[1], seconds=60)
    wait_until(lambda: listener()["messages"] == 0)
    assert listener()["dead_letters"] == 0


def test_the_bus_runs_alone(place):
    bus = place.start("martlet", "bus", "--port", place.ports["bus"], LOG_LEVEL="critical")
    place.wait_until_ready("bus")
    assert place.martlet("events") == (0, "there are no queues yet\n", "")
    bus.terminate()
    assert finish(bus) == (0, "", "")
    assert place.martlet("bus", "--prot", "1") == (2, "", 'martlet bus: unknown flag "--prot"; did you mean --port?\n')


def test_events_are_read_from_the_bus_of_the_folder_or_the_one_that_is_named(place):
    (place.folder / "data").mkdir()
    for socket, environment in [("data/bus.sock", {}), ("elsewhere.sock", {"BUS_URL": "unix:elsewhere.sock"})]:
        code, output, errors = place.martlet("events", **environment)
        assert (code, output) == (1, "")
        assert one_line(errors) == f"martlet: the bus cannot be reached at {socket}: No such file or directory"
        owner = place.start("bus-helper", "own", f"{socket}.db", socket)
        try:
            assert owner.stdout.readline() == "ready\n"
            code, output, errors = place.martlet("events", **environment)
            assert (code, errors) == (0, "")
            assert [line.split() for line in output.splitlines()] == [
                ["QUEUE", "WAITING", "UNSETTLED", "DEAD", "CONSUMERS", "BYTES"], ["crash", "0", "0", "0", "0", "0"]]
            assert place.martlet("events", "dead", **environment) == (0, "there are no dead letters\n", "")
            assert place.martlet("events", "redrive", "--all", **environment) == (0, "put back 0\n", "")
        finally:
            owner.kill()
            finish(owner)
        # What is left of a bus that was killed.
        code, _, errors = place.martlet("events", **environment)
        assert (code, one_line(errors)) == (1, f"martlet: the bus cannot be reached at {socket}: Connection refused")


# What cannot be


@pytest.mark.parametrize(("arguments", "environment", "line"), [
    (["logs", "loger"], {}, 'martlet logs: there is no service "loger"; did you mean logger?'),
    (["logs", "-n", "many"], {}, 'martlet logs: -n is "many"; allowed: an integer from 0 to 100000'),
    (["logs", "--level=loud"], {}, 'martlet logs: --level is "loud"; allowed: trace, debug'),
    (["logs", "-x"], {}, 'martlet logs: unknown flag "-x"; see --help'),
    (["logs", "--folow"], {}, 'martlet logs: unknown flag "--folow"; did you mean --follow?'),
    (["call"], {}, "martlet call: NAME is missing; see --help"),
    (["call", "logger"], {}, "martlet call: PATH is missing; see --help"),
    (["call", "logger", "logs"], {}, "martlet call: PATH begins with /"),
    (["call", "logger", "/a b"], {}, "martlet call: PATH begins with /"),
    (["call", "logger", "/log", "{"], {}, "martlet call: JSON cannot be read: unexpected "),
    (["call", "logger", "/", "-X", "FETCH"], {}, 'martlet call: -X is "FETCH"; allowed: GET'),
    (["call", "logger", "/", "-H", "no colon"], {}, 'martlet call: -H is "no colon"; allowed: NAME: VALUE'),
    (["call", "logger", "/", "-H", "Host: x"], {}, 'martlet call: -H is "Host: x"; allowed: NAME: VALUE'),
    (["call", "logger", "/"], {"LOGGER_PORT": "x"}, 'martlet call: logger: LOGGER_PORT is "x"; allowed'),
    (["mail", "lsit"], {}, 'martlet mail: there is no action "lsit"; did you mean list?'),
    (["mail", "show"], {}, "martlet mail show: ID is missing; see --help"),
    (["mail", "show", "first"], {}, "martlet mail show: ID is a number that `martlet mail list` shows"),
    (["mail", "delete"], {}, "martlet mail delete: ID is missing, or --all for every message"),
    (["mail", "delete", "3", "--all"], {}, "martlet mail delete: --all and an ID contradict each other"),
    (["mail", "--limit=0"], {}, 'martlet mail list: --limit is "0"; allowed: an integer from 1 to 500'),
    (["events", "redrive"], {}, "martlet events redrive: NUMBER is missing, or --queue=QUEUE, or --all"),
    (["events", "discard", "x"], {}, "martlet events discard: NUMBER is one that `martlet events dead` shows"),
    (["events"], {"BUS_URL": "redis://x"}, 'martlet events list: BUS_URL is "redis://x"; allowed: unix:PATH'),
    (["completion", "csh"], {}, 'martlet completion: there is no action "csh"; did you mean'),
    (["help", "pu"], {}, 'martlet help: there is no command "pu"; did you mean up?'),
    (["help", "status", "now"], {}, "martlet help: status has no actions"),
    (["version", "1"], {}, 'martlet version: unexpected argument "1"'),
    (["status"], {"DATA_DIR": ""}, "martlet status: DATA_DIR is empty; allowed: "),
    (["status", "--data-dir="], {}, 'martlet status: --data-dir is ""; allowed: '),
])
def test_a_wrong_use_is_answered_with_one_line_and_exit_code_2(place, arguments, environment, line):
    code, output, errors = place.martlet(*arguments, **environment)
    assert (code, output) == (2, "")
    assert one_line(errors).startswith(line)


def test_every_command_of_the_help_explains_itself(place):
    commands = re.findall(r"^  ([a-z]+) ", place.martlet("help")[1], re.M)
    assert {"up", "status", "logs", "call", "mail", "events", "completion"} <= set(commands)
    for command in commands:
        code, output, errors = place.martlet("help", command)
        assert (code, errors) == (0, "")
        assert re.search(rf"^Usage: martlet {command}\b.*\[FLAGS\]$", output, re.M), output
        assert place.martlet(command, "--help") == (0, output, "")


# Completion


SHELLS = ["bash", "zsh", "fish"]


@pytest.fixture(params=SHELLS)
def shell(request, place):
    """An interactive shell that has read the completion, with martlet on its path."""
    environment = {**place.environment, "PATH": f"{BUILT}:{os.environ['PATH']}", "TERM": "dumb", "HOME": str(place.folder),
                   "PS1": "$ ", "PROMPT": "$ "}
    prepare, command = {
        "bash": ("source <(martlet completion bash)", ["bash", "--norc", "--noprofile", "-i"]),
        "zsh": ("autoload -Uz compinit; compinit -u; source <(martlet completion zsh)", ["zsh", "-f", "-i"]),
        "fish": ("martlet completion fish | source", ["fish", "--no-config", "-i"]),
    }[request.param]
    script = subprocess.run([BUILT / "martlet", "completion", request.param], text=True, capture_output=True)
    assert (script.returncode, script.stderr) == (0, "")
    if request.param == "fish":
        # Its own completion engine can be asked; a terminal would have to understand its redrawing.
        def complete(line):
            asked = subprocess.run(["fish", "--no-config", "-c", f"{prepare}; complete -C '{line}'"], text=True,
                                   cwd=place.folder, env=environment, capture_output=True, timeout=30)
            assert (asked.returncode, asked.stderr) == (0, ""), asked.stderr
            words = [answer.split("\t")[0] for answer in asked.stdout.splitlines()]
            assert len(words) == 1, words
            return line.rsplit(" ", 1)[0] + " " + words[0]
        yield complete
        return
    with Terminal(command, place.folder, environment) as screen:
        screen.type(f"{prepare}; echo re''ady\n")
        screen.read("ready\r?\n")

        def complete(line):
            """What one press of the tabulator makes of a line for which there is one answer."""
            screen.type(line)
            screen.type("\t")
            screen.type("\x01echo 'is[' '\x05]'\n")  # to the start of the line, and to its end
            return re.search(r"is\[ (.*?) ?\]\r?\n", screen.read(r"\nis\[ .*\]\r?\n")).group(1)
        yield complete


@pytest.mark.parametrize(("typed", "completed"), [
    ("martlet sto", "martlet stop"),
    ("martlet stop fr", "martlet stop front-end"),
    ("martlet call --timeout 3s au", "martlet call --timeout 3s authentication"),
    ("martlet up --only=logger,bro", "martlet up --only=logger,broker"),
    ("martlet logs --level crit", "martlet logs --level critical"),
    ("martlet logs --level=crit", "martlet logs --level=critical"),
    ("martlet logs --fol", "martlet logs --follow"),
    ("martlet help compl", "martlet help completion"),
])
def test_a_shell_completes(shell, typed, completed):
    assert shell(typed) == completed


def test_a_shell_completes_folders(shell, place):
    (place.folder / "elsewhere").mkdir()
    (place.folder / "else.txt").write_text("no folder")
    assert shell("martlet status --data-dir else").rstrip("/") == "martlet status --data-dir elsewhere"
