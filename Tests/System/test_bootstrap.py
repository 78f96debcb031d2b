"""scripts/bootstrap, with stand-ins for the programs it would call."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture
def machine(tmp_path):
    """A machine whose programs are the given one-line scripts, beside the ones that bootstrap itself is written with."""
    for name in ["bash", "env", "sed", "head", "sort", "id"]:
        (tmp_path / name).symlink_to(next(
            p for p in (pathlib.Path(d, name) for d in ("/usr/bin", "/bin")) if p.exists()))

    def run(*arguments, **programs):
        for name, body in programs.items():
            program = tmp_path / name.replace("_", "-")
            program.write_text(f"#!/bin/bash\n{body}\n")
            program.chmod(0o755)
        environment = {"PATH": str(tmp_path), "SWIFT": "swift"}
        return subprocess.run([ROOT / "scripts/bootstrap", *arguments], env=environment, text=True,
                              capture_output=True, timeout=20)

    return run


SWIFT = "echo 'Swift version 6.3.1 (swift-6.3.1-RELEASE)'"
INSTALLED = "printf installed"
FORBIDDEN = "echo 'apt was called' >&2; exit 99"


def test_nothing_missing_means_nothing_done(machine):
    done = machine("--test", swift=SWIFT, dpkg_query=INSTALLED, apt_get=FORBIDDEN, sudo=FORBIDDEN)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_only_what_is_missing_is_installed(machine, tmp_path):
    log = tmp_path / "calls"
    done = machine(
        swift=SWIFT, apt_get=f"echo \"$@\" >>{log}", sudo='exec "$@"',
        dpkg_query='case "$*" in *libuv1-dev*) exit 1 ;; *) printf installed ;; esac')
    assert done.returncode == 0, done.stderr
    update, install = log.read_text().splitlines()
    assert update.startswith("update")
    assert install.startswith("install") and install.split()[-1] == "libuv1-dev" and "libcrypt-dev" not in install


def test_a_missing_toolchain_is_said_plainly(machine):
    done = machine(dpkg_query=INSTALLED, apt_get=FORBIDDEN)
    assert done.returncode == 1
    assert "Swift toolchain is missing" in done.stderr and "swift.org/install" in done.stderr


def test_a_toolchain_that_is_too_old_is_named_with_its_version(machine):
    done = machine(swift="echo 'Swift version 5.10.1 (swift-5.10.1-RELEASE)'", dpkg_query=INSTALLED, apt_get=FORBIDDEN)
    assert done.returncode == 1
    assert "Swift 5.10.1 is too old" in done.stderr and "6.3" in done.stderr


def test_a_later_toolchain_is_welcome(machine):
    done = machine(swift="echo 'Swift version 6.10 (swift-6.10-RELEASE)'", dpkg_query=INSTALLED, apt_get=FORBIDDEN)
    assert done.returncode == 0, done.stderr


def test_another_system_gets_a_list_of_what_to_install(machine):
    done = machine(swift=SWIFT, pkg_config='[ "$2" != libuv ]')
    assert done.returncode == 1
    assert "not a Debian system" in done.stderr and "libuv" in done.stderr
    assert machine(swift=SWIFT, pkg_config="exit 0").returncode == 0


def test_a_wrong_flag_is_a_usage_error(machine):
    done = machine("--tests", swift=SWIFT)
    assert done.returncode == 2 and "usage" in done.stderr
