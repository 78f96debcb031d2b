"""What was built, as it would be shipped."""

import subprocess

import pytest

from place import BUILT

PRODUCTS = [
    "martlet", "martlet-bus", "martlet-broker", "martlet-authentication", "martlet-logger", "martlet-listener",
    "martlet-mail", "martlet-front-end"]


@pytest.mark.parametrize("product", PRODUCTS)
def test_an_executable_carries_neither_foundation_nor_icu(product):
    linked = subprocess.run(["ldd", BUILT / product], text=True, capture_output=True, timeout=20)
    assert linked.returncode == 0, linked.stderr
    libraries = [line.split()[0] for line in linked.stdout.splitlines() if line.strip()]
    # Each has an HTTP interface, which speaks https when its settings say so.
    assert [l for l in libraries if l.startswith("libssl.")], libraries
    assert "libFoundation.so" not in libraries and not [l for l in libraries if "ICU" in l], libraries


def test_a_program_that_speaks_no_http_carries_no_tls():
    linked = subprocess.run(["ldd", BUILT / "bus-helper"], text=True, capture_output=True, timeout=20)
    assert linked.returncode == 0, linked.stderr
    assert "libuv." in linked.stdout and "libssl." not in linked.stdout, linked.stdout
