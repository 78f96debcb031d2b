"""The `martlet` command, as its users meet it: what it prints, what it answers, and what it leaves behind."""

import collections
import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import stat
import threading
import urllib.error

import pytest

from place import PORTS, Place, finish, wait_until
from web import get

ORDER = ["bus", "logger", "listener", "authentication", "mail", "broker", "front-end"]


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path)
    yield place
    with contextlib.suppress(Exception):
        place.martlet("down")
    assert place.close() == [], "still running after the test"


def one_line(text):
    """The only line of a text."""
    lines = text.splitlines()
    assert len(lines) == 1, text
    return lines[0]


# In the background


def test_up_detach_returns_when_everything_is_ready_and_down_ends_all(place):
    output = place.up()
    assert all(place.is_ready(service) for service in PORTS)
    addresses = re.findall(r"^  (\S+) +(http://\S+)$", output, re.M)
    assert addresses == [(name, place.url(name)) for name in ORDER]
    assert re.search(rf"^ +smtp://127.0.0.1:{place.ports['smtp']}$", output, re.M)
    assert f"Open http://127.0.0.1:{place.ports['front-end']} " in output

    status = place.status()
    assert place.processes() == [status["process"]]
    assert [(s["name"], s["state"], s["address"]) for s in status["services"]] == [
        (name, "running", f"127.0.0.1:{place.ports[name]}") for name in ORDER]

    code, table, errors = place.martlet("status")
    assert (code, errors) == (0, "")
    rows = [line.split() for line in table.splitlines()]
    assert rows[0] == ["SERVICE", "STATE", "ADDRESS", "FOR"]
    assert [row[:3] for row in rows[1:] if len(row) > 1] == [[name, "running", place.url(name)] for name in ORDER]
    assert [f"smtp://127.0.0.1:{place.ports['smtp']}"] in rows

    assert place.martlet("down") == (0, "everything has stopped\n", "")
    assert place.processes() == []
    assert place.martlet("down") == (0, "nothing runs in data\n", "")
    assert place.martlet("status") == (1, "", "martlet: nothing runs in data; martlet up starts it\n")
    assert not (place.folder / "data/control.sock").exists()


def test_what_it_writes_is_for_its_user_alone(place):
    (place.folder / "data").mkdir(mode=0o755)
    place.up()
    for path in (place.folder / "data").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    place.martlet("down")
    log = [json.loads(line) for line in (place.folder / "data/martlet.log").read_text().splitlines()]
    assert any(record["msg"].startswith("ready: ") for record in log)


def test_a_second_up_in_the_same_folder_is_told_of_the_first(place):
    place.up()
    process = place.status()["process"]
    assert place.up().splitlines()[0] == f"already running, as process {process}"
    code, _, errors = place.martlet("up")
    assert code == 1
    assert one_line(errors) == f"martlet: a system already runs in data as process {process}; see martlet status"
    assert place.processes() == [process]


def test_two_at_the_same_time_are_one_system(place):
    both = [place.start("martlet", "up", "--detach") for _ in range(2)]
    ended = [finish(process) for process in both]
    assert [(code, errors) for code, _, errors in ended] == [(0, "")] * 2, ended
    assert place.processes() == [place.status()["process"]]


def test_up_starts_what_was_stopped(place):
    place.up()
    place.martlet("stop", "front-end")
    place.up()
    assert place.states()["front-end"] == "running" and place.is_ready("front-end")


# One service


def test_up_only_starts_what_is_named_and_a_later_up_the_rest(place):
    output = place.up("--only", "front-end")
    assert place.url("front-end") in output and place.url("broker") not in output
    assert place.states() == {service: "running" if service == "front-end" else "stopped" for service in ORDER}
    place.up()
    assert place.states() == {service: "running" for service in ORDER}
    # Naming some does not stop the others.
    place.up("--only=logger,broker")
    assert place.states() == {service: "running" for service in ORDER}


def test_one_service_stops_and_starts_without_the_others(place):
    place.up()
    before = place.status()
    assert place.martlet("stop", "logger") == (0, "logger has stopped\n", "")
    assert place.states() == {name: "stopped" if name == "logger" else "running" for name in ORDER}
    with pytest.raises(urllib.error.URLError):
        get(place.url("logger"))
    # A login does not need the log.
    assert place.log_in()[0] == 202
    code, answer = place.post("broker", "/handle", {"action": "log", "log": {"name": "event", "data": "lost"}})
    assert code >= 400 and answer["error"] is True
    assert place.martlet("stop", "logger") == (0, "logger has stopped\n", "")

    runs = f"logger runs at http://127.0.0.1:{place.ports['logger']}\n"
    assert place.martlet("start", "logger") == (0, runs, "")
    assert place.post("broker", "/handle", {"action": "log", "log": {"name": "event", "data": "kept"}})[0] == 202
    assert place.martlet("start", "logger") == (0, runs, "")
    assert place.status()["process"] == before["process"]


def test_starts_and_stops_of_one_service_at_the_same_time_are_all_answered(place):
    place.up()
    ended = [finish(process) for process in [
        place.start("martlet", "stop" if number % 2 else "start", "logger") for number in range(10)]]
    assert all(code == 0 or "was told to stop before it ran" in errors for code, _, errors in ended), ended
    assert place.martlet("start", "logger")[0] == 0
    assert place.is_ready("logger") and place.states()["logger"] == "running"


def test_a_service_that_cannot_start_again_says_why_and_disturbs_nobody(place):
    place.up()
    place.martlet("stop", "broker")
    with taken(place.ports["broker"]):
        code, output, errors = place.martlet("start", "broker")
        assert (code, output) == (1, "")
        assert one_line(errors) == (
            f"martlet: broker: cannot listen on 127.0.0.1:{place.ports['broker']}: the address is already in use")
        [broker] = [service for service in place.status()["services"] if service["name"] == "broker"]
        assert broker["state"] == "failed" and "already in use" in broker["problem"]
        assert place.is_ready("logger") and place.is_ready("front-end")
    assert place.martlet("start", "broker")[0] == 0


# What cannot be


@contextlib.contextmanager
def taken(port):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        yield


@pytest.mark.parametrize("mode", [[], ["--detach"]], ids=["foreground", "detached"])
@pytest.mark.parametrize("service", ["logger", "front-end"])
def test_a_taken_port_is_named_with_its_service_and_nothing_is_left(place, service, mode):
    with taken(place.ports[service]):
        code, _, errors = place.martlet("up", *mode)
    assert code == 1
    assert one_line(errors) == (
        f"martlet: {service}: cannot listen on 127.0.0.1:{place.ports[service]}: the address is already in use")
    assert place.processes() == []
    assert not (place.folder / "data/control.sock").exists()
    place.up()


@pytest.mark.parametrize("mode", [[], ["--detach"]], ids=["foreground", "detached"])
def test_a_folder_that_cannot_be_made_is_named(place, mode):
    (place.folder / "file").write_text("in the way")
    for folder in ["file", "file/data", "/proc/martlet"]:
        code, output, errors = place.martlet("up", *mode, "--data-dir", folder)
        assert (code, output) == (1, "")
        assert re.match(rf"martlet: cannot (make|write into) the folder {folder}: \S", one_line(errors))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written_is_named(place):
    (place.folder / "data").mkdir(mode=0o500)
    code, _, errors = place.martlet("up")
    assert (code, one_line(errors)) == (1, "martlet: cannot write into the folder data: Permission denied")


@pytest.mark.parametrize(("arguments", "environment", "line"), [
    (["up", "--nonsense", "1"], {}, 'martlet up: unknown flag "--nonsense"; see --help'),
    (["up", "--hots=::1"], {}, 'martlet up: unknown flag "--hots"; did you mean --host?'),
    (["up", "--host", "nowhere"], {}, 'martlet up: --host is "nowhere"; allowed: an IP address'),
    (["up", "--only", "nobody"], {},
     f'martlet up: --only is "nobody"; allowed: some of {",".join(ORDER)}'),
    (["up", "--detach=maybe"], {}, 'martlet up: --detach is "maybe"; allowed: true'),
    (["up", "everything"], {}, 'martlet up: unexpected argument "everything"'),
    (["up"], {"LOG_LEVEL": "loud"}, 'martlet up: LOG_LEVEL is "loud"; allowed: trace'),
    (["up"], {"LOGGER_PORT": "eighty"}, 'martlet up: logger: LOGGER_PORT is "eighty"; allowed: an integer'),
    (["up"], {"LOGGER_PORT": "0"}, "martlet up: LOGGER_PORT is 0; "),
    (["up"], {"LOGGER_PORT": "8099", "BROKER_PORT": "8099"},
     "martlet up: BROKER_PORT is 8099, which is the port of logger"),
    (["up"], {"ADMIN_TOKEN": "a" * 40, "ADMIN_TOKEN_FILE": "x"},
     "martlet up: authentication: ADMIN_TOKEN and ADMIN_TOKEN_FILE are both set"),
    (["up"], {"FRONT_END_BROKER_URL": "javascript:x"}, "martlet up: front-end: BROKER_URL: "),
    (["status", "now"], {}, 'martlet status: unexpected argument "now"'),
    (["down", "--json"], {}, 'martlet down: unknown flag "--json"'),
    (["start"], {}, "martlet start: NAME is missing; see --help"),
    (["stop", "logger", "broker"], {}, 'martlet stop: unexpected argument "broker"'),
    (["stop", "loger"], {}, 'martlet stop: there is no service "loger"; did you mean logger?'),
    (["stop", "database"], {}, 'martlet stop: there is no service "database"; there are bus, logger, listener, '),
    (["pu"], {}, 'martlet: there is no command "pu"; did you mean up?'),
    (["serve"], {}, 'martlet: there is no command "serve"; see martlet help'),
])
def test_a_wrong_command_line_is_answered_with_one_line_and_exit_code_2(place, arguments, environment, line):
    code, output, errors = place.martlet(*arguments, **environment)
    assert (code, output) == (2, "")
    assert one_line(errors).startswith(line)
    assert not (place.folder / "data").exists()


@pytest.mark.parametrize(("arguments", "says"), [
    (["help"], "up --detach"), (["--help"], "up --detach"), (["up", "--help"], "Usage: martlet up [FLAGS]"),
    (["up", "--detach", "--help"], "LOGGER_"), (["down", "--help"], "Usage: martlet down [FLAGS]"),
    (["status", "--help"], "--json"), (["start", "--help"], "Usage: martlet start NAME [FLAGS]"),
    (["help", "stop"], "Usage: martlet stop NAME [FLAGS]"), (["version"], "martlet 0."),
])
def test_help_is_printed_where_it_is_asked_for(place, arguments, says):
    code, output, errors = place.martlet(*arguments)
    assert (code, errors) == (0, "") and says in output


def test_no_command_at_all_is_a_usage_error(place):
    code, output, errors = place.martlet()
    assert (code, output) == (2, "") and "Usage: martlet COMMAND" in errors


# Signals


@contextlib.contextmanager
def half_a_request(place):
    """A POST to the logger whose head has been read and whose body is yet to come."""
    body = b'{"name":"half","data":"finished"}'
    with socket.create_connection(("127.0.0.1", place.ports["logger"]), timeout=20) as connection:
        connection.sendall(
            b"POST /log HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body))
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        yield connection, body


def is_closed(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_what_was_begun_finish(place, number):
    process = place.start("martlet", "up")
    place.wait_until_ready()
    with half_a_request(place) as (connection, body):
        process.send_signal(number)
        wait_until(lambda: is_closed(place.ports["logger"]))
        assert process.poll() is None
        assert place.states()["broker"] in ("stopping", "stopped")
        connection.sendall(body)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 202 ") and b"connection: close" in answer.lower()
    assert finish(process)[0] == 0
    assert not (place.folder / "data/control.sock").exists()


def test_a_second_signal_ends_it_at_once(place):
    process = place.start("martlet", "up")
    place.wait_until_ready()
    with half_a_request(place):
        process.send_signal(signal.SIGINT)
        wait_until(lambda: is_closed(place.ports["logger"]))
        process.send_signal(signal.SIGINT)
        assert finish(process, seconds=5)[0] == 130


def test_a_signal_while_it_starts_ends_it_without_complaint(place):
    process = place.start("martlet", "up", LOG_LEVEL="critical")
    wait_until(lambda: (place.folder / "data/control.sock").exists())
    process.terminate()
    assert finish(process) == (0, "", "")


# Killed


def test_every_answered_entry_is_there_exactly_once_after_a_kill(place):
    place.up()
    first = place.status()["process"]
    answered = collections.deque()

    def write(writer):
        with contextlib.suppress(OSError, ValueError):
            for number in range(100_000):
                status, _ = place.post("logger", "/log", {"name": "killed", "data": f"{writer}-{number}"})
                if status == 202:
                    answered.append(f"{writer}-{number}")

    writers = [threading.Thread(target=write, args=[n]) for n in range(8)]
    for writer in writers:
        writer.start()
    try:
        wait_until(lambda: len(answered) >= 300)
    finally:
        os.kill(first, signal.SIGKILL)
        for writer in writers:
            writer.join(20)
    # What a killed process leaves behind: its control socket and its lock file.
    assert (place.folder / "data/control.sock").is_socket() and (place.folder / "data/lock").exists()
    assert place.martlet("status")[0] == 1
    assert place.martlet("down") == (0, "nothing runs in data\n", "")

    place.up()
    assert place.status()["process"] != first
    kept, cursor = collections.Counter(), ""
    while cursor is not None:
        page = json.loads(get(place.url("logger", f"/logs?name=killed&limit=1000{cursor}"))[2])
        kept.update(entry["data"] for entry in page["entries"])
        cursor = f"&cursor={page['next']}" if page.get("next") else None
    assert set(answered) - set(kept) == set()
    assert [data for data, count in kept.items() if count > 1] == []


# Folders


@pytest.mark.parametrize("name", ["data with spaces, and “more”", "d" * 120 + "/" + "e" * 120, "./data/./"])
def test_any_folder_will_do(place, name):
    """A UNIX socket's path has at most 107 bytes; the folder may be deeper than that."""
    place.environment["DATA_DIR"] = name
    place.up()
    assert set(place.states().values()) == {"running"}
    assert place.martlet("stop", "broker")[0] == 0
    assert (place.folder / name / "logger" / "logs.db").exists()
    assert place.martlet("down") == (0, "everything has stopped\n", "")
    assert not (place.folder / name / "control.sock").exists()


# Each service alone


@pytest.mark.parametrize("service", ORDER)
def test_a_service_runs_alone_and_ends_with_a_signal(place, service):
    process = place.start(
        f"martlet-{service}", "--port", place.ports[service], LOG_LEVEL="critical", SMTP_PORT=str(place.ports["smtp"]))
    if service == "listener":
        # Without a bus it has nothing to do, and says so.
        wait_until(lambda: not is_closed(place.ports[service]))
        wait_until(lambda: get(place.url(service, "/readyz"))[2].startswith("bus: "))
    else:
        place.wait_until_ready(service)
    process.terminate()
    assert finish(process) == (0, "", "")


def test_a_service_is_configured_by_its_environment_and_a_flag_wins(place):
    port = place.ports["logger"]
    process = place.start("martlet-logger", "--port", port, PORT="1", DSN="sqlite:elsewhere.db", LOG_FORMAT="json")
    place.wait_until_ready("logger")
    process.terminate()
    code, output, _ = finish(process)
    settings = json.loads(output.splitlines()[0])
    assert code == 0 and (place.folder / "elsewhere.db").exists()
    assert settings["PORT"] == f"{port} (flag --port)"
    assert settings["DSN"] == "sqlite:elsewhere.db (environment DSN)"


def test_a_secret_comes_from_a_file_and_is_never_printed(place):
    token = "correct-horse-battery-staple-0123456789"
    (place.folder / "token").write_text(token + "\n")
    port = place.ports["authentication"]
    process = place.start("martlet-authentication", "--port", port, ADMIN_TOKEN_FILE="token")
    place.wait_until_ready("authentication")
    answers = {
        given: status_of(port, f"GET /users HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {given}\r\n")
        for given in [token, token[:-1] + "8"]}
    process.terminate()
    code, output, errors = finish(process)
    assert code == 0 and token not in output + errors
    assert answers[token] == 200 and answers[token[:-1] + "8"] in (401, 403)


def status_of(port, head):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head.encode() + b"Connection: close\r\n\r\n")
        return int(connection.recv(100).split()[1])


@pytest.mark.parametrize(("service", "arguments", "environment", "line"), [
    ("logger", ["--port", "99999"], {}, 'martlet-logger: --port is "99999"; allowed: an integer from 0 to 65535'),
    ("logger", ["--prot", "1"], {}, 'martlet-logger: unknown flag "--prot"; did you mean --port?'),
    ("logger", [], {"DSN": "postgres://u:secret@host/db"},
     "martlet-logger: DSN has a value that cannot be read; allowed: sqlite:PATH"),
    ("authentication", [], {"ADMIN_TOKEN": "short"},
     "martlet-authentication: ADMIN_TOKEN has a value that cannot be read"),
    ("authentication", [], {"ADMIN_TOKEN_FILE": "nowhere"},
     'martlet-authentication: ADMIN_TOKEN_FILE: cannot read "nowhere"'),
    ("authentication", [], {"ADMIN_TOKEN": "a" * 40, "ADMIN_TOKEN_FILE": "x"},
     "martlet-authentication: ADMIN_TOKEN and ADMIN_TOKEN_FILE are both set"),
    ("broker", [], {"AUTH_URL": "ftp://x"}, 'martlet-broker: AUTH_URL is "ftp://x"; allowed: a URL'),
    ("front-end", [], {"BROKER_URL": "javascript:x"}, "martlet-front-end: BROKER_URL: "),
    ("broker", [], {"OTEL_BSP_MAX_QUEUE_SIZE": "1"},
     "martlet-broker: OTEL_BSP_MAX_EXPORT_BATCH_SIZE is 512, more than "),
])
def test_a_service_refuses_wrong_settings_with_one_line_and_exit_code_2(place, service, arguments, environment, line):
    code, output, errors = place.run(f"martlet-{service}", *arguments, **environment)
    assert (code, output) == (2, "")
    assert one_line(errors).startswith(line)


def test_a_service_alone_names_a_taken_port(place):
    port = place.ports["logger"]
    with taken(port):
        code, output, errors = place.run("martlet-logger", "--port", port, LOG_LEVEL="warning")
    assert code == 1
    why = f"cannot listen on 127.0.0.1:{port}: the address is already in use"
    assert one_line(errors) == f"martlet-logger: {why}"
    assert json.loads(one_line(output))["msg"] == f"logger ends: {why}"


def a_file_that_is_no_database(folder):
    (folder / "logs.db").write_bytes(b"A" * 5000)
    return "is not a SQLite database"


def a_file_that_is_damaged(folder):
    store = sqlite3.connect(folder / "logs.db")
    store.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000));")
    store.close()
    os.truncate(folder / "logs.db", 20000)
    return "is damaged"


def a_folder_in_the_way(folder):
    (folder / "logs.db").mkdir()
    return "cannot be opened"


@pytest.mark.parametrize("make", [a_file_that_is_no_database, a_file_that_is_damaged, a_folder_in_the_way])
def test_a_store_that_cannot_be_used_is_one_line_and_exit_code_1(place, make):
    says = make(place.folder)
    code, _, errors = place.run("martlet-logger", "--port", "0", DSN="sqlite:logs.db")
    assert code == 1
    assert re.match(rf"martlet-logger: logs\.db {says}\b", one_line(errors)), errors


@contextlib.contextmanager
def locked(path):
    """A database that another process has to itself, as a backup or a repair may."""
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.executescript("CREATE TABLE t (x); BEGIN EXCLUSIVE;")
        yield other
    finally:
        other.close()


def readiness(place, service):
    try:
        return get(place.url(service, "/readyz"))
    except OSError:
        return None, None, ""


def test_a_locked_store_is_waited_for_and_readyz_says_so(place):
    with locked(place.folder / "logs.db"):
        process = place.start("martlet-logger", "--port", place.ports["logger"], DSN="sqlite:logs.db")
        wait_until(lambda: readiness(place, "logger")[0] == 503)
        status, _, why = readiness(place, "logger")
        assert status == 503 and one_line(why).startswith("store: logs.db is locked by another process.")
        assert get(place.url("logger", "/livez"))[0] == 200
        status, headers, answer = get(place.url("logger", "/logs"))
        assert (status, headers["Retry-After"]) == (503, "1")
        assert "waits for its store" in json.loads(answer)["message"]
    place.wait_until_ready("logger")
    assert place.post("logger", "/log", {"name": "event", "data": "kept"})[0] == 202
    process.terminate()
    code, output, errors = finish(process)
    assert (code, errors) == (0, "")
    assert any(json.loads(line)["msg"].startswith("waits for its store: ") for line in output.splitlines())


def test_a_volume_that_comes_late_is_waited_for(place):
    (place.folder / "link").symlink_to("volume")
    process = place.start("martlet-logger", "--port", place.ports["logger"], "--data-dir", "link")
    wait_until(lambda: "leads nowhere" in readiness(place, "logger")[2])
    (place.folder / "volume").mkdir()
    place.wait_until_ready("logger")
    process.terminate()
    assert finish(process)[0] == 0 and (place.folder / "volume/logger/logs.db").exists()


def test_a_store_that_stays_locked_is_one_line_and_exit_code_1(place):
    with locked(place.folder / "logs.db"):
        code, _, errors = place.run("martlet-logger", "--port", "0", DSN="sqlite:logs.db", STARTUP_TIMEOUT="1s")
    assert code == 1
    assert one_line(errors).startswith("martlet-logger: logs.db is locked by another process.")


def test_a_service_that_waits_ends_with_a_signal(place):
    with locked(place.folder / "logs.db"):
        process = place.start(
            "martlet-logger", "--port", place.ports["logger"], DSN="sqlite:logs.db", LOG_LEVEL="critical")
        wait_until(lambda: readiness(place, "logger")[0] == 503)
        process.terminate()
        assert finish(process) == (0, "", "")


def test_up_waits_for_a_store_and_starts_the_others_meanwhile(place):
    (place.folder / "data/logger").mkdir(parents=True)
    with locked(place.folder / "data/logger/logs.db"):
        process = place.start("martlet", "up")
        wait_until(lambda: readiness(place, "logger")[2].startswith("store: "))
        place.wait_until_ready(*(set(PORTS) - {"logger"}))
        states = place.states()
        assert states.pop("logger") == "starting" and set(states.values()) == {"running"}
        process.terminate()
        assert finish(process)[0] == 0


def test_up_names_what_cannot_start_at_once_though_another_still_waits(place):
    (place.folder / "data/authentication").mkdir(parents=True)
    with locked(place.folder / "data/authentication/users.db"), socket.create_server(
            ("127.0.0.1", place.ports["front-end"])):
        code, _, errors = place.martlet("up")
    assert code == 1
    assert one_line(errors).startswith("martlet: front-end: cannot listen on 127.0.0.1:"), errors


def test_up_goes_on_without_what_is_stopped_while_it_waits(place):
    (place.folder / "data/logger").mkdir(parents=True)
    with locked(place.folder / "data/logger/logs.db"):
        process = place.start("martlet", "up")
        place.wait_until_ready(*(set(PORTS) - {"logger"}))
        assert place.martlet("stop", "logger")[0] == 0
        wait_until(lambda: place.states()["logger"] == "stopped")
    assert place.martlet("start", "logger")[0] == 0
    assert set(place.states().values()) == {"running"}
    process.terminate()
    assert finish(process)[0] == 0


def test_a_folder_that_a_service_cannot_make_is_one_line_and_exit_code_1(place):
    (place.folder / "file").write_text("in the way")
    for folder in ["file", "/proc/martlet"]:
        code, _, errors = place.run("martlet-logger", "--port", "0", "--data-dir", folder)
        assert code == 1
        assert one_line(errors).startswith(f"martlet-logger: Cannot create {folder}"), errors
