"""Go's HTTP client against the logger, as it is deployed, and against a server of ours that does what no service does.
The tests themselves are Go's: go/httpclient."""

import os
import pathlib
import re
import shutil
import socket
import subprocess

import pytest

from place import ROOT, Place, finish

CLIENT = pathlib.Path(__file__).parent / "go" / "httpclient"
GO = shutil.which("go", path="/usr/bin:/usr/local/go/bin:" + os.environ.get("PATH", ""))


def declared_in(file):
    return re.findall(r"^func (Test\w+)\(t \*testing\.T\)", (CLIENT / file).read_text(), re.MULTILINE)


pytestmark = pytest.mark.skipif(GO is None, reason="needs go (scripts/bootstrap --test)")


@pytest.fixture(scope="module")
def program():
    """The Go tests, compiled from the standard library alone: nothing is fetched."""
    built = ROOT / ".build" / "go"
    environment = {**os.environ, "GOCACHE": str(built / "cache"), "GOFLAGS": "", "GOPROXY": "off",
                   "GOTOOLCHAIN": "local", "GO111MODULE": "on", "CGO_ENABLED": "0"}
    done = subprocess.run([GO, "test", "-c", "-o", built / "httpclient", "."], cwd=CLIENT, env=environment,
                          text=True, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return built / "httpclient"


@pytest.fixture(scope="module")
def logger(tmp_path_factory):
    place = Place(tmp_path_factory.mktemp("logger"))
    with place.running("martlet-logger"):
        yield place


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    """The URL of Tests/HTTPPeer."""
    server = Place(tmp_path_factory.mktemp("peer")).start("http-peer")
    yield server.stdout.readline().strip()
    server.kill()
    finish(server)


def passes(program, test, url):
    done = subprocess.run(
        [program, "-test.run", f"^{test}$", "-test.v", "-test.timeout", "60s"], text=True, capture_output=True,
        timeout=90, cwd=CLIENT, env={**os.environ, "MARTLET_URL": url, "NO_PROXY": "*"})
    assert done.returncode == 0 and f"--- PASS: {test}" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("test", declared_in("client_test.go"))
def test_go_client(program, logger, test):
    passes(program, test, logger.url("logger"))


@pytest.mark.parametrize("test", declared_in("trailer_test.go"))
def test_go_client_sees_the_trailers_of_an_answer(program, peer, test):
    passes(program, test, peer)


def test_a_connection_that_is_kept_alive_does_not_hold_up_the_end(program, tmp_path):
    place = Place(tmp_path)
    with place.running("martlet-logger") as logger:
        test = "TestRequestsInTurnShareOneConnection"
        idle = [socket.create_connection(("127.0.0.1", place.ports["logger"])) for _ in range(20)]
        try:
            subprocess.run([program, "-test.run", f"^{test}$"], check=True, capture_output=True, timeout=90,
                           env={**os.environ, "MARTLET_URL": place.url("logger")})
            logger.terminate()
            assert logger.wait(20) == 0, place.log("martlet-logger")
        finally:
            for connection in idle:
                connection.close()
