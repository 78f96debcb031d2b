"""From the button to the store and back: Chromium against the whole system."""

import json
import re
from urllib.parse import urlsplit

import pytest

from place import Place, wait_until
from web import get

FINISHED = "return ['good', 'bad', ''].includes(document.getElementById('output').dataset.state)"
REACHED = "return [...document.querySelectorAll('#path .reached b')].map((station) => station.textContent)"


def press(browser, button):
    browser.click(f"#{button}")
    browser.wait_until(FINISHED)
    return json.loads(browser.text("#received")) if browser.run("return document.querySelector('#received .key')") else None


@pytest.fixture
def page(browser, system):
    browser.open(system.named_url("front-end"))
    return browser


def test_broker_button(page, screenshot):
    assert press(page, "brokerBtn") == {"error": False, "message": "Hit the broker"}
    assert "200 OK" in page.text("#output")
    assert page.run(REACHED) == ["Browser", "Broker"]
    screenshot(page)


def test_auth_button(page, screenshot):
    received = press(page, "authBrokerBtn")
    assert (received["error"], received["message"]) == (False, "Authenticated!")
    user = received["data"]
    assert (user["id"], user["email"], user["first_name"], user["last_name"], user["active"]) == (
        2, "admin@example.com", "Admin", "User", 1)
    assert "password" not in user
    assert "202 Accepted" in page.text("#output")
    assert page.run(REACHED) == ["Browser", "Broker", "Auth service", "User store"]
    screenshot(page)


def test_log_button(page, system, screenshot):
    assert press(page, "logBtn") == {"error": False, "message": "logged!"}
    assert page.run(REACHED) == ["Browser", "Broker", "Log service", "Log store"]
    screenshot(page)
    status, _, entries = get(system.url("logger", "/logs?name=event"))
    assert status == 200 and "Some kind of data" in entries


def test_mail_button(page, system, screenshot):
    assert press(page, "mailBtn") == {"error": False, "message": "mail sent to you@there.com"}
    assert page.run(REACHED) == ["Browser", "Broker", "Mail service", "Mailbox"]
    screenshot(page)
    status, _, mails = get(system.url("mail", "/messages?to=you@there.com"))
    assert status == 200 and json.loads(mails)["messages"][0]["subject"] == "Test email"


def test_an_entry_appears_among_the_lines_without_loading_the_page_again(page):
    page.wait_until("return document.getElementById('log-state').dataset.state === 'live'")
    before = page.run("return document.querySelectorAll('#lines li').length")
    press(page, "logBtn")
    page.wait_until("return document.querySelectorAll('#lines li').length > arguments[0]", before)
    assert "Some kind of data" in page.text("#lines li")


def test_the_trace_of_a_press_is_in_the_log_of_each_service_it_passed(page, system):
    press(page, "logBtn")
    trace = page.text("#trace code")
    lines = [json.loads(line) for line in system.log("martlet").splitlines() if trace in line]
    assert {line["service"] for line in lines} == {"broker", "logger"}


def test_a_mail_is_read_and_deleted_on_the_page(page, screenshot):
    press(page, "mailBtn")
    page.wait_until("return document.querySelector('#mails strong')?.textContent === 'Test email'")
    before = page.run("return document.querySelectorAll('#mails li').length")
    page.click("#mails button")
    page.wait_until("return document.querySelector('#part iframe')?.getAttribute('sandbox') === ''")
    page.wait_until("return performance.getEntriesByType('resource').some((entry) => entry.name.endsWith('/html'))")
    assert "you@there.com" in page.text("#fields")
    screenshot(page)
    for tab in ["Plain", "Source"]:
        page.run("[...document.querySelectorAll('#tabs button')].find((tab) => tab.textContent === arguments[0]).click()", tab)
        page.wait_until("return document.querySelector('#part pre').textContent.includes('Hello world!')")
    page.click("#delete")
    page.click("#delete")
    page.wait_until("return document.querySelectorAll('#mails li').length < arguments[0]", before)
    assert [entry["message"] for entry in page.console()] == []


def test_logging_out_ends_the_session_and_leaves_a_mail_in_the_mailbox(page, system, screenshot):
    def signed_out():
        _, _, mails = get(system.url("mail", "/messages"))
        return sum(mail["subject"] == "You signed out" for mail in json.loads(mails)["messages"])

    before = signed_out()
    assert press(page, "authBrokerBtn")["error"] is False
    assert press(page, "logoutBtn")["error"] is False
    wait_until(lambda: signed_out() == before + 1)
    # The session is over: there is nobody left to sign out, and nobody to write to.
    press(page, "logoutBtn")
    page.wait_until("return document.querySelector('#mails strong')?.textContent === 'You signed out'")
    screenshot(page)
    assert signed_out() == before + 1


def test_a_log_over_the_bus_reaches_the_logger_once(page, system):
    before = json.loads(get(system.url("logger", "/logs?limit=1"))[2])["entries"]
    page.run("document.querySelector('input[name=transport][value=bus]').click()")
    assert press(page, "logBtn")["error"] is False

    def new():
        entries = json.loads(get(system.url("logger", "/logs"))[2])["entries"]
        return [entry for entry in entries if not before or entry["id"] > before[0]["id"]]

    wait_until(lambda: len(new()) == 1)
    assert new()[0]["data"] == "Some kind of data"


def test_a_button_whose_service_is_not_there_yet_says_so(page, screenshot):
    press(page, "logGBtn")
    assert "not in this system yet" in page.text("#output")
    screenshot(page)


def test_by_keyboard_alone(page):
    page.press("Tab", "Tab", "Tab", "Enter")
    page.wait_until(FINISHED)
    assert "logged!" in page.text("#output")


def test_the_page_stays_within_its_policy_and_on_this_machine(page, system):
    policy = get(system.named_url("front-end"))[1]["Content-Security-Policy"]
    assert re.search(r"default-src 'none'", policy) and system.named_url("broker") in policy and "unsafe" not in policy
    for button in ["brokerBtn", "authBrokerBtn", "logBtn", "mailBtn", "logoutBtn", "logGBtn"]:
        press(page, button)
    assert [entry["message"] for entry in page.console()] == []
    asked = [urlsplit(u) for u in page.requested_urls() if not u.startswith(("chrome", "data:", "about:"))]
    assert {u.port for u in asked} == {system.ports["front-end"], system.ports["broker"]}
    assert {u.hostname for u in asked} == {"localhost"}


def test_a_system_that_has_stopped_is_said_in_words(browser, tmp_path, screenshot):
    place = Place(tmp_path)
    with place.running("martlet", "up") as process:
        browser.open(place.named_url("front-end"))
        press(browser, "brokerBtn")
    assert process.returncode == 0
    press(browser, "logBtn")
    assert "cannot be reached" in browser.text("#output")
    screenshot(browser)
