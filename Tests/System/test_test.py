"""scripts/test, in a tree of its own with a stand-in for the compiler: does it count, and does it notice?"""

import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PASSING = "def test_one(): pass\ndef test_two(): pass\n"
REPORT = '<testsuites><testsuite name="s" errors="0" tests="{tests}" failures="{failures}" skipped="0"/></testsuites>'


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/test", tmp_path / "scripts/test")
    (tmp_path / "Tests/System").mkdir(parents=True)

    def program(path, body):
        (tmp_path / path).write_text(f"#!/bin/bash\n{body}\n")
        (tmp_path / path).chmod(0o755)

    program("scripts/bootstrap", "exit 0")

    def run(system=PASSING, build="true", tests=3, failures=0, status=0, report=True):
        (tmp_path / "Tests/System/test_sample.py").write_text(system)
        written = f"echo '{REPORT.format(tests=tests, failures=failures)}' >\"${{@: -1}}\"" if report else "true"
        program("swift", f'case "$1" in build) {build} ;; test) {written}; exit {status} ;; esac')
        done = subprocess.run([tmp_path / "scripts/test"], text=True, capture_output=True, timeout=60,
                              env={"PATH": "/usr/bin:/bin", "SWIFT": str(tmp_path / "swift")})
        return done.returncode, done.stdout.splitlines()[-1]

    return run


def test_all_tests_are_counted(tree):
    assert tree() == (0, "5 passed, 0 failed")


def test_a_failed_swift_test_is_counted(tree):
    assert tree(failures=1, status=1) == (1, "4 passed, 1 failed")


def test_a_failed_system_test_is_counted(tree):
    assert tree(system=PASSING + "def test_three(): assert False\n") == (1, "5 passed, 1 failed")


def test_a_crash_of_the_test_program_is_a_failure(tree):
    assert tree(report=False, status=132) == (1, "2 passed, 1 failed")


def test_a_build_that_fails_is_a_failure(tree):
    assert tree(build="exit 1") == (1, "0 passed, 1 failed")


def test_a_run_without_tests_is_a_failure(tree):
    assert tree(tests=0) == (1, "2 passed, 1 failed")


def test_a_process_that_a_test_left_behind_is_stopped_and_counted(tree, tmp_path):
    forgotten = (
        "import pathlib, subprocess\n"
        "def test_it():\n"
        "    left = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "    pathlib.Path('left').write_text(str(left.pid))\n")
    assert tree(system=forgotten) == (1, "4 passed, 1 failed")
    pid = (tmp_path / "left").read_text()
    state = pathlib.Path(f"/proc/{pid}/stat")
    assert not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z"
