"""The Makefile, as somebody meets it who has just cloned: `make help` is the truth about it."""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
# What the course's own Makefile has (contracts: the seed's targets), apart from those that need Docker.
SEED = [
    "up", "up_build", "down", "build_broker", "build_auth", "build_logger", "build_mail", "build_mailer", "build_front", "start",
    "stop",
]


def make(*arguments):
    return subprocess.run(["make", "-C", ROOT, "--no-print-directory", *arguments], text=True, capture_output=True,
                          timeout=60)


def explained():
    """Every target of the help with what is said of it."""
    shown = make("help")
    assert (shown.returncode, shown.stderr) == (0, ""), shown.stderr
    return dict(re.match(r"  (\S+) +(.*)", line).groups() for line in shown.stdout.splitlines())


def targets():
    """Every target of the file that a person could name."""
    return re.findall(r"^([a-z_]+):(?!=)", MAKEFILE, re.M)


def test_help_is_what_make_alone_prints():
    assert make().stdout == make("help").stdout


def test_every_target_is_explained_in_one_line_and_every_explained_target_exists():
    assert sorted(explained()) == sorted(targets())
    assert len(set(targets())) == len(targets())
    for target, text in explained().items():
        assert 10 < len(text) < 100 and not text.endswith("."), target


def test_no_target_is_mistaken_for_a_file():
    [phony] = re.findall(r"^\.PHONY: ((?:.*\\\n)*.*)", MAKEFILE, re.M)
    assert sorted(phony.replace("\\", " ").split()) == sorted(targets())


@pytest.mark.parametrize("target", targets())
def test_what_every_target_would_do_can_be_told(target):
    told = make("--dry-run", target)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("target", SEED)
def test_the_seeds_targets_are_there(target):
    assert target in targets()


@pytest.mark.parametrize("target", [target for target in targets() if target.startswith("build_")])
def test_what_is_built_alone_is_a_product_of_the_package(target):
    [product] = set(re.findall(r"--product (\S+)", make("--dry-run", target).stdout))
    assert f'executable: "{product}"' in (ROOT / "Package.swift").read_text()
