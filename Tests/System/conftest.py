"""What the system tests share. Everything listens on free loopback ports and is stopped by the fixture that started it."""

import re

import pytest

from place import ROOT, Place
from webdriver import Browser

SCREENSHOTS = ROOT / ".build" / "screenshots"


@pytest.fixture(scope="session")
def light_browser():
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def dark_browser():
    browser = Browser(dark=True)
    yield browser
    browser.close()


@pytest.fixture
def browser(light_browser):
    """A browser with a laptop's window and an empty console."""
    light_browser.resize(1200, 900)
    light_browser.open("about:blank")
    light_browser.console()
    light_browser.requested_urls()
    return light_browser


@pytest.fixture
def screenshot(request):
    """Keeps a picture of the page under .build/screenshots, named after the test."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^A-Za-z0-9]+", "-", request.node.name).strip("-")

    def take(browser, suffix=""):
        path = SCREENSHOTS / f"{name}{suffix}.png"
        browser.wait_until("return document.getAnimations().length === 0")
        browser.screenshot(path)
        assert path.stat().st_size > 1_000
        return path

    return take


@pytest.fixture(scope="session")
def system(tmp_path_factory):
    """The whole system, ready, for every test that does not change what others rely on."""
    place = Place(tmp_path_factory.mktemp("system"))
    with place.running("martlet", "up"):
        yield place
