"""The test page in Chromium, from the front end alone: what its buttons send, what it shows, and what it does when all goes wrong."""

import contextlib
import json
import re
import socket

import pytest

from page_peers import Broker, page

FINISHED = "return ['good', 'bad', ''].includes(document.getElementById('output').dataset.state)"
PRESSED = {
    "brokerBtn": ("/", None),
    "authBrokerBtn": (
        "/handle", {"action": "auth", "auth": {"email": "admin@example.com", "password": "verysecret"}}),
    "logBtn": ("/handle", {"action": "log", "log": {"name": "event", "data": "Some kind of data"}}),
    "mailBtn": ("/handle", {"action": "mail", "mail": {
        "from": "me@example.com", "to": "you@there.com", "subject": "Test email", "message": "Hello world!"}}),
    "logoutBtn": ("/handle", {"action": "logout"}),
    "logGBtn": ("/log-grpc", {"action": "log", "log": {"name": "event", "data": "Some kind of gRPC data"}}),
}
EVERYTHING = "auth log bus mail logout log-grpc"
REACHED = "return [...document.querySelectorAll('#path .reached b')].map((station) => station.textContent)"


@contextlib.contextmanager
def opened(browser, broker, services="auth log"):
    with broker.running() as address, page(address, services) as url:
        browser.open(url)
        yield url


def press(browser, button):
    browser.click(f"#{button}")
    browser.wait_until(FINISHED)


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("button", PRESSED)
def test_a_button_sends_exactly_what_the_original_sends(browser, button):
    broker = Broker()
    with opened(browser, broker, EVERYTHING):
        press(browser, button)
        assert broker.requests == [PRESSED[button]]
        shown = browser.text("#payload")
        body = PRESSED[button][1]
        assert "empty POST" in shown if body is None else json.loads(shown) == body
        assert json.loads(browser.text("#received")) == {"error": False, "message": "done"}
        outcome = browser.text("#output")
        assert "done" in outcome and "202 Accepted" in outcome and " ms" in outcome


@pytest.mark.parametrize("button", ["mailBtn", "logoutBtn", "logGBtn"])
def test_a_button_without_its_service_says_so_and_sends_nothing(browser, button):
    broker = Broker()
    with opened(browser, broker):
        attributes = "const b = document.getElementById(arguments[0]); return [b.getAttribute('aria-disabled'), b.innerText]"
        disabled, label = browser.run(attributes, button)
        assert disabled == "true" and "Not in this system yet" in label
        press(browser, button)
        assert "not in this system yet" in browser.text("#output")
        assert broker.requests == []


@pytest.mark.parametrize("button", ["brokerBtn", "authBrokerBtn", "logBtn"])
def test_a_button_whose_service_is_there_is_not_disabled(browser, button):
    with opened(browser, Broker()):
        assert browser.run("return document.getElementById(arguments[0]).getAttribute('aria-disabled')", button) is None


@pytest.mark.parametrize(("choice", "stations"), [
    ("http", ["Browser", "Broker", "Log service", "Log store"]), ("bus", ["Browser", "Broker", "Event bus"])])
def test_a_log_entry_goes_by_the_transport_that_is_chosen(browser, choice, stations):
    broker = Broker()
    with opened(browser, broker, EVERYTHING):
        browser.click(f"#transport [value={choice}]")
        press(browser, "logBtn")
        path, body = PRESSED["logBtn"]
        assert broker.requests == [(path, {**body, "transport": choice})]
        assert json.loads(browser.text("#payload")) == {**body, "transport": choice}
        assert browser.run(REACHED) == stations
        # It is of the log test alone, and the original's request comes back with the choice.
        press(browser, "mailBtn")
        browser.click("#transport [value='']")
        press(browser, "logBtn")
        assert broker.requests[1:] == [PRESSED["mailBtn"], PRESSED["logBtn"]]


def test_a_transport_that_is_not_there_cannot_be_chosen(browser):
    with opened(browser, Broker()):
        assert browser.run("return [...document.querySelectorAll('#transport :disabled')].map((input) => input.value)") == [
            "bus"]
        assert "not yet" in browser.text("#transport")


def test_each_press_has_a_trace_of_its_own_which_the_broker_is_told(browser):
    broker = Broker()
    with opened(browser, broker):
        assert not browser.run("return document.getElementById('trace').checkVisibility()")
        shown = []
        for button in ["logBtn", "logBtn", "brokerBtn"]:
            press(browser, button)
            shown.append(browser.text("#trace code"))
        assert len(set(shown)) == 3
        sent = [re.fullmatch(r"traceparent=00-([0-9a-f]{32})-[0-9a-f]{16}-01", query)[1] for query in broker.queries]
        assert sent == shown
        press(browser, "mailBtn")
        assert not browser.run("return document.getElementById('trace').checkVisibility()"), "nothing was sent"


def test_a_request_that_got_no_answer_has_a_trace_too(browser):
    with page(f"http://127.0.0.1:{closed_port()}") as url:
        browser.open(url)
        press(browser, "logBtn")
        assert re.fullmatch("[0-9a-f]{32}", browser.text("#trace code"))


def test_the_trace_can_be_copied(browser):
    with opened(browser, Broker()) as url:
        press(browser, "logBtn")
        browser.devtools("Browser.grantPermissions", origin=url, permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        browser.click("#copy")
        browser.wait_until("return document.getElementById('copied').textContent === 'Copied'")
        copied = browser.run("return navigator.clipboard.readText()")
        assert copied == browser.text("#trace code")


def test_the_time_that_a_test_took_stays_at_its_button(browser):
    took = "return document.querySelector('#' + arguments[0] + ' .took').textContent"
    with opened(browser, Broker()):
        press(browser, "logBtn")
        press(browser, "brokerBtn")
        assert all(re.fullmatch(r"\d+ ms", browser.run(took, button)) for button in ["logBtn", "brokerBtn"])
        assert browser.run(took, "authBrokerBtn") == ""


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_broker_on_this_machine_is_asked_by_the_name_that_the_page_was_opened_with(browser, name):
    broker = Broker()
    with broker.running() as address, page(address.replace("127.0.0.1", "localhost")) as url:
        browser.open(url.replace("127.0.0.1", name))
        press(browser, "brokerBtn")
        asked = [u for u in browser.requested_urls() if "traceparent" in u]
        assert len(asked) == 1 and asked[0].startswith(f"http://{name}:")
        assert browser.console() == []


def test_the_path_lights_up_to_the_last_station_a_success_has_passed(browser):
    with opened(browser, Broker()):
        press(browser, "logBtn")
        assert browser.run(REACHED) == ["Browser", "Broker", "Log service", "Log store"]
        press(browser, "brokerBtn")
        assert browser.run(REACHED) == ["Browser", "Broker"]


def test_a_refusal_is_shown_in_the_brokers_own_words(browser):
    with opened(browser, Broker(400, b'{"error":true,"message":"invalid credentials"}')):
        press(browser, "authBrokerBtn")
        assert "invalid credentials" in browser.text("#output")
        assert "400 Bad Request" in browser.text("#output")
        assert browser.run("return document.getElementById('output').dataset.state") == "bad"


def test_an_answer_with_error_true_is_a_failure_whatever_its_status(browser):
    with opened(browser, Broker(202, b'{"error":true,"message":"not really"}')):
        press(browser, "logBtn")
        assert browser.run("return document.getElementById('output').dataset.state") == "bad"


def test_an_answer_that_is_not_json_is_shown_as_it_is(browser):
    with opened(browser, Broker(502, b"<b>bad gateway</b>")):
        press(browser, "logBtn")
        assert browser.text("#received") == "<b>bad gateway</b>"
        assert browser.run("return document.querySelector('#received b')") is None


def test_markup_in_an_answer_stays_text(browser):
    message = '<img src=x onerror="document.title = 1">'
    with opened(browser, Broker(202, json.dumps({"error": False, "message": message}).encode())):
        press(browser, "logBtn")
        assert message in browser.text("#output")
        assert browser.run("return document.querySelectorAll('#output img, #received img').length") == 0


def test_a_broker_that_is_not_there_is_named_in_words(browser, screenshot):
    address = f"http://127.0.0.1:{closed_port()}"
    with page(address) as url:
        browser.open(url)
        press(browser, "brokerBtn")
        outcome = browser.text("#output")
        assert "cannot be reached" in outcome and address in outcome
        screenshot(browser)


def test_a_broker_that_never_answers_is_given_up_after_ten_seconds(browser):
    # The page's clock runs a hundred times as fast: what it asks for is checked, not waited for.
    script = browser.devtools("Page.addScriptToEvaluateOnNewDocument", source="""
        window.asked = [];
        const original = window.setTimeout;
        window.setTimeout = (work, time) => { window.asked.push(time); return original(work, time / 100); };
        """)["identifier"]
    try:
        with opened(browser, Broker(answer=None)):
            press(browser, "logBtn")
            assert "did not answer within 10 seconds" in browser.text("#output")
            assert browser.run("return window.asked") == [10_000]
    finally:
        browser.devtools("Page.removeScriptToEvaluateOnNewDocument", identifier=script)


def test_a_second_press_takes_the_place_of_the_first(browser):
    silent = Broker(answer=None)
    with opened(browser, silent):
        browser.click("#logBtn")
        browser.wait_until("return document.getElementById('output').dataset.state === 'busy'")
        press(browser, "mailBtn")
        assert "not in this system yet" in browser.text("#output")
        assert browser.run("return document.querySelectorAll('[aria-current]').length") == 0


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_every_test_can_be_run_by_keyboard_alone(browser, key):
    broker = Broker()
    with opened(browser, broker, EVERYTHING):
        for button in PRESSED:
            browser.press("Tab")
            if button == "mailBtn":
                # The transports of the log test are one stop before it.
                assert browser.run("return document.activeElement.name") == "transport"
                browser.press("Tab")
            focused, style = browser.run(
                "const e = document.activeElement; return [e.id, getComputedStyle(e).outlineStyle]")
            assert focused == button
            assert style == "solid", "the focus cannot be seen"
            browser.press(key)
            browser.wait_until("return document.getElementById('output').dataset.state === 'good'")
        assert broker.requests == list(PRESSED.values())
        browser.press("Tab", "Tab")
        assert browser.run("return document.activeElement.id") == "payload"
        browser.press(("Shift", "Tab"), ("Shift", "Tab"))
        assert browser.run("return document.activeElement.id") == "logGBtn"


def test_the_outcome_is_announced(browser):
    with opened(browser, Broker()):
        assert browser.run("const o = document.getElementById('output'); return [o.role, o.ariaLive]") == [
            "status", "polite"]


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_no_width_scrolls_sideways(browser, screenshot, width):
    long = {"error": False, "message": "word" * 80, "data": {"k" * 200: "v" * 4000}}
    with opened(browser, Broker(202, json.dumps(long).encode())):
        browser.resize(width, 800)
        press(browser, "authBrokerBtn")
        screenshot(browser)
        assert browser.run("return document.documentElement.scrollWidth") <= width


def test_a_phone_shows_the_outcome_of_a_press(browser):
    with opened(browser, Broker()):
        browser.resize(320, 480)
        press(browser, "brokerBtn")
        browser.wait_until("""
            const box = document.getElementById('output').getBoundingClientRect();
            return box.top >= 0 && box.bottom <= innerHeight""")


def test_reduced_motion_is_honoured(browser):
    with opened(browser, Broker()):
        duration = "return getComputedStyle(document.querySelector('.sky svg')).transitionDuration"
        assert browser.run(duration) == "0.5s"
        feature = [{"name": "prefers-reduced-motion", "value": "reduce"}]
        browser.devtools("Emulation.setEmulatedMedia", features=feature)
        try:
            assert browser.run(duration) == "0s"
        finally:
            browser.devtools("Emulation.setEmulatedMedia", features=[])


def test_the_page_breaks_no_rule_of_its_own_policy_and_asks_nobody_else(browser):
    broker = Broker()
    with broker.running() as address, page(address, EVERYTHING) as url:
        browser.open(url)
        for button in PRESSED:
            press(browser, button)
        assert [entry["message"] for entry in browser.console()] == []
        asked = [u for u in browser.requested_urls() if not u.startswith(("chrome", "data:", "about:"))]
        assert asked and all(u.startswith((url, address)) for u in asked), asked


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_themes_are_drawn(request, screenshot, theme):
    browser = request.getfixturevalue(f"{theme}_browser")
    browser.resize(1200, 900)
    with opened(browser, Broker(202, b'{"error":false,"message":"Authenticated!","data":{"id":2}}')):
        press(browser, "authBrokerBtn")
        background = browser.run("return getComputedStyle(document.body).backgroundColor")
        assert background == {"light": "rgb(246, 242, 232)", "dark": "rgb(14, 19, 27)"}[theme]
        screenshot(browser)


def test_the_test_whose_outcome_is_shown_is_marked(browser):
    marked = "return [...document.querySelectorAll('[aria-current=true]')].map((button) => button.id)"
    with opened(browser, Broker()):
        assert browser.run(marked) == []
        press(browser, "logBtn")
        press(browser, "authBrokerBtn")
        assert browser.run(marked) == ["authBrokerBtn"]


def test_everything_that_takes_the_focus_has_a_name_and_a_role(browser):
    with opened(browser, Broker()):
        browser.devtools("Accessibility.enable")
        nodes = browser.devtools("Accessibility.getFullAXTree")["nodes"]
        focusable = [
            (node["role"]["value"], node["name"]["value"]) for node in nodes if not node["ignored"]
            and any(p["name"] == "focusable" and p["value"]["value"] for p in node.get("properties", []))
            and node["role"]["value"] != "RootWebArea"]
        assert sorted(name for role, name in focusable if role == "region") == ["Received", "Sent"]
        assert sorted(name for role, name in focusable if role == "button") == [
            "Test Auth Logs in as the first user", "Test Broker Asks whether it is there", "Test Log Writes a log entry",
            "Test Logout Not in this system yet", "Test Mail Not in this system yet", "Test gRPC Log Not in this system yet"]
        assert sorted(name for role, name in focusable if role == "radio") == ["HTTP", "as set"]
        assert len(focusable) == 10
