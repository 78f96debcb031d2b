"""Go's own net/rpc against ours: its client against our server, its server against our client. The tests themselves are
Go's: go/netrpc."""

import os
import pathlib
import re
import subprocess

import pytest

from place import BUILT, ROOT, Place, finish
from test_go_client import GO

TESTS = pathlib.Path(__file__).parent / "go" / "netrpc"

pytestmark = pytest.mark.skipif(GO is None, reason="needs go (scripts/bootstrap --test)")


@pytest.fixture(scope="module")
def program():
    """The Go tests, compiled from the standard library alone: nothing is fetched."""
    built = ROOT / ".build" / "go"
    environment = {**os.environ, "GOCACHE": str(built / "cache"), "GOFLAGS": "", "GOPROXY": "off",
                   "GOTOOLCHAIN": "local", "GO111MODULE": "on", "CGO_ENABLED": "0"}
    done = subprocess.run([GO, "test", "-c", "-o", built / "netrpc", "."], cwd=TESTS, env=environment, text=True,
                          capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return built / "netrpc"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where Tests/NetRPCPeer serves."""
    server = Place(tmp_path_factory.mktemp("netrpc")).start("netrpc-peer", "serve")
    yield server.stdout.readline().strip()
    server.kill()
    finish(server)


@pytest.mark.parametrize(
    "test", re.findall(r"^func (Test\w+)\(t \*testing\.T\)", (TESTS / "netrpc_test.go").read_text(), re.MULTILINE))
def test_go_net_rpc(program, address, test):
    done = subprocess.run(
        [program, "-test.run", f"^{test}$", "-test.v", "-test.timeout", "60s"], text=True, capture_output=True,
        timeout=90, env={**os.environ, "MARTLET_ADDRESS": address, "MARTLET_PEER": str(BUILT / "netrpc-peer")})
    assert done.returncode == 0 and f"--- PASS: {test}" in done.stdout, done.stdout + done.stderr
