"""What the page shows of the services' data, in Chromium: the log's lines as they come (the real logger), and the mailbox
(a stand-in for the mail service)."""

import contextlib
import json
from urllib.parse import urlsplit

import pytest

from page_peers import Broker, Mailbox, Quiet, logger, page, serving
from web import free_ports, get, post

LINES = "return [...document.querySelectorAll('#lines li')].map((line) => [...line.children].slice(1).map((part) => part.textContent))"
SUBJECTS = "return [...document.querySelectorAll('#mails strong')].map((subject) => subject.textContent)"
LIVE = "return document.getElementById('log-state').dataset.state === 'live'"
FINISHED = "return ['good', 'bad', ''].includes(document.getElementById('output').dataset.state)"


class Opened:
    """The page with a logger and a mailbox behind it."""

    def __init__(self, browser, url, logger, mailbox, broker):
        self.browser, self.url, self.logger, self.mailbox, self.broker = browser, url, logger, mailbox, broker

    def write(self, name, data):
        write(self.logger, name, data)

    def lines(self):
        return self.browser.run(LINES)

    def wait_for_lines(self, *expected):
        self.browser.wait_until(f"return JSON.stringify((() => {{ {LINES} }})()) === arguments[0]",
                                json.dumps(expected, separators=(",", ":")))

    def wait_for_subjects(self, *expected):
        self.browser.wait_until(f"return JSON.stringify((() => {{ {SUBJECTS} }})()) === arguments[0]",
                                json.dumps(expected, separators=(",", ":"), ensure_ascii=False))

    def read(self, position):
        self.browser.wait_until("return document.querySelectorAll('#mails button').length > arguments[0]", position)
        self.browser.run("document.querySelectorAll('#mails button')[arguments[0]].click()", position)
        self.browser.wait_until("""
            return !document.getElementById('mail').hidden && document.getElementById('subject').textContent
                === document.querySelector('#mails [aria-current] strong').textContent""")

    def choose(self, tab):
        [position] = [i for i, name in enumerate(self.tabs()) if name.startswith(tab)]
        self.browser.run("document.querySelectorAll('#tabs button')[arguments[0]].click()", position)

    def tabs(self):
        return self.browser.run("return [...document.querySelectorAll('#tabs button')].map((tab) => tab.textContent)")


def write(address, name, data):
    assert post(address + "/log", {"name": name, "data": data})[0] == 202


@contextlib.contextmanager
def opening(browser, folder, mailbox=None, broker=None):
    mailbox, broker = mailbox or Mailbox(), broker or Broker()
    with broker.running() as asked, mailbox.running() as mail, logger(folder) as log:
        with page(asked, "auth log mail", LOGGER_URL=log, MAIL_URL=mail) as url:
            yield Opened(browser, url, log, mailbox, broker)
            browser.open("about:blank")


@pytest.fixture
def opened(browser, tmp_path):
    with opening(browser, tmp_path) as opened:
        yield opened


# The log


def test_lines_that_are_there_are_shown_and_new_ones_come_live_newest_first(opened, screenshot):
    opened.write("event", "one")
    opened.write("event", "two")
    opened.browser.open(opened.url)
    opened.wait_for_lines(["event", "two"], ["event", "one"])
    opened.browser.wait_until(LIVE)
    opened.write("authentication", "three")
    opened.wait_for_lines(["authentication", "three"], ["event", "two"], ["event", "one"])
    assert opened.browser.text("#log-state") == "Live"
    screenshot(opened.browser)


def test_a_log_without_lines_says_so(opened):
    opened.browser.open(opened.url)
    opened.browser.wait_until(LIVE)
    assert "Nothing is logged yet" in opened.browser.text("#no-lines")
    opened.write("event", "first")
    opened.wait_for_lines(["event", "first"])
    assert not opened.browser.run("return document.getElementById('no-lines').checkVisibility()")


def test_a_paused_log_says_so_and_shows_what_it_missed_when_it_goes_on(opened):
    opened.browser.open(opened.url)
    opened.browser.wait_until(LIVE)
    opened.browser.click("#pause")
    assert opened.browser.text("#log-state") == "Paused"
    opened.write("event", "missed")
    # Nothing is asked for any more, so nothing can come.
    assert opened.browser.run("return document.getElementById('pause').textContent") == "Resume"
    assert opened.lines() == []
    opened.browser.click("#pause")
    opened.wait_for_lines(["event", "missed"])
    opened.browser.wait_until(LIVE)


def test_a_log_goes_on_after_a_restart_of_the_logger(browser, tmp_path):
    [port] = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    with Broker().running() as broker, page(broker, "log", LOGGER_URL=address) as url:
        with logger(tmp_path, port):
            write(address, "event", "before")
            browser.open(url)
            browser.wait_until(LIVE)
        browser.wait_until("return document.getElementById('log-state').dataset.state === 'bad'")
        browser.wait_until("return document.getElementById('log-state').textContent.includes('cannot be reached')")
        with logger(tmp_path, port):
            write(address, "event", "after")
            browser.wait_until(LIVE)
            browser.wait_until("return document.querySelectorAll('#lines li').length === 2")
            assert [data for _, data in browser.run(LINES)] == ["after", "before"]
        browser.open("about:blank")


def test_markup_in_a_line_stays_text_and_a_long_one_is_cut(opened):
    hostile = '<img src=x onerror="document.title = 1">'
    opened.write(hostile, "x" * 100_000)
    opened.browser.open(opened.url)
    opened.browser.wait_until("return document.querySelectorAll('#lines li').length === 1")
    [[name, data]] = opened.lines()
    assert name == hostile and len(data) < 3_000 and data.endswith("(cut)")
    assert opened.browser.run("return document.querySelectorAll('#lines img').length") == 0


def test_many_lines_at_once_are_bounded(opened):
    opened.browser.open(opened.url)
    opened.browser.wait_until(LIVE)
    for number in range(260):
        opened.write("event", str(number))
    opened.browser.wait_until("return document.querySelector('#lines li')?.children[2].textContent === '259'")
    assert [data for _, data in opened.lines()] == [str(number) for number in range(259, 59, -1)]


# The mailbox


def test_the_mailbox_lists_its_mails_and_shows_one(opened, screenshot):
    opened.mailbox.put("First")
    opened.mailbox.put("Grüße", sender="Jürg <j@example.ch>", to=["a@b.c", "d@e.f"], html="<h1>Hallo</h1>")
    opened.browser.open(opened.url)
    opened.wait_for_subjects("Grüße", "First")
    assert "Choose a mail" in opened.browser.text("#no-mail")
    opened.read(0)
    fields = opened.browser.text("#fields")
    assert "Jürg <j@example.ch>" in fields and "a@b.c, d@e.f" in fields
    assert opened.tabs() == ["HTML", "Plain", "Source"]
    frame = opened.browser.run("""
        const frame = document.querySelector('#part iframe');
        return [frame.getAttribute('sandbox'), new URL(frame.src).pathname, frame.referrerPolicy, frame.title]""")
    assert frame == ["", "/mailbox/2/html", "no-referrer", "The mail as HTML"]
    screenshot(opened.browser)
    opened.read(1)
    assert opened.tabs() == ["Plain", "Source"]
    opened.browser.wait_until("return document.querySelector('#part pre').textContent === 'Hello world!'")


def test_a_mailbox_without_mails_says_so(opened):
    opened.browser.open(opened.url)
    opened.browser.wait_until("return document.getElementById('no-mails').checkVisibility()")
    assert "No mail has come in yet" in opened.browser.text("#no-mails")


def test_a_mail_that_a_test_has_sent_appears_soon(browser, tmp_path):
    mailbox = Mailbox()

    class Sending(Broker):
        def __init__(self):
            super().__init__()
            self.requests = self

        def append(self, request):
            mailbox.put(request[1]["mail"]["subject"])

    with opening(browser, tmp_path, mailbox, Sending()) as opened:
        browser.open(opened.url)
        browser.wait_until("return document.getElementById('no-mails').checkVisibility()")
        browser.click("#mailBtn")
        browser.wait_until(FINISHED)
        opened.wait_for_subjects("Test email")


def test_a_hostile_mail_runs_nothing_fetches_nothing_and_leads_nowhere(browser, tmp_path, screenshot):
    fetched = []

    class Trap(Quiet):
        def do_GET(self):
            fetched.append(self.path)
            self.answer(200, b"caught", Content_Type="text/html")

        do_POST = do_HEAD = do_OPTIONS = do_GET

    with serving(Trap) as trap, opening(browser, tmp_path) as opened:
        source = f"Subject: =?UTF-8?Q?x?=\r\nX-Evil: <script src={trap}/source></script>\r\n\r\n<img src={trap}/text>"
        opened.mailbox.put(
            f"<img src={trap}/subject onerror='document.title=1'>", sender=f"<script>document.title=1</script> <x@{trap}>",
            to=[f"<iframe src={trap}/to>"], plain=f"<img src={trap}/plain>", source=source,
            attachments=[("../<b>evil</b>.html", "text/html", b"<script>document.title = 1</script>")],
            html=f"""<!DOCTYPE html><html><head>
                <meta http-equiv=refresh content="0; url={trap}/refresh"><base href="{trap}/">
                <link rel=stylesheet href="{trap}/style"><link rel=prefetch href="{trap}/prefetch">
                <link rel=dns-prefetch href="{trap}"><link rel=preconnect href="{trap}">
                <style>@import url({trap}/import); @font-face {{ font-family: f; src: url({trap}/font) }}
                body {{ background: url({trap}/background); font-family: f }}</style>
                <script>parent.document.title = 1; fetch('{trap}/script')</script></head>
                <body onload="top.location = '{trap}/onload'"><p>The text of it</p>
                <img src={trap}/image srcset="{trap}/srcset 2x"><iframe src={trap}/frame></iframe>
                <object data={trap}/object></object><embed src={trap}/embed><video src={trap}/video poster={trap}/poster
                autoplay></video><audio src={trap}/audio autoplay></audio><svg><image href={trap}/svg /></svg>
                <form action={trap}/form><button>go</button></form><a href={trap}/link ping={trap}/ping>link</a>
                </body></html>""")
        browser.open(opened.url)
        title = browser.run("return document.title")
        opened.read(0)
        browser.wait_until("return performance.getEntriesByType('resource').some((r) => r.name.endsWith('/html'))")
        screenshot(browser)
        for tab in ["Plain", "Source"]:
            opened.choose(tab)
            browser.wait_until("return document.querySelector('#part pre').textContent.includes('<img src=')")
        opened.choose("Files")
        href, download = browser.run(
            "const a = document.querySelector('.attachments a'); return [a.getAttribute('href'), a.hasAttribute('download')]")
        assert (href, download) == ("/mailbox/1/attachments/0", True)
        _, headers, body = get(opened.url + href)
        assert (headers["Content-Type"], headers["Content-Disposition"]) == ("application/octet-stream", "attachment")
        assert "document.title" in body
        assert browser.run("return document.title") == title
        assert browser.run("return location.href").startswith(opened.url)
        assert browser.run("return document.querySelectorAll('main img, main script, #mail b, #mails iframe').length") == 0
        assert fetched == []
        browser.console()


def test_deleting_asks_once_more_and_then_deletes_that_mail(opened):
    for subject in ["one", "two", "three"]:
        opened.mailbox.put(subject)
    opened.browser.open(opened.url)
    opened.wait_for_subjects("three", "two", "one")
    opened.read(1)
    opened.browser.click("#delete")
    assert opened.browser.text("#delete") == "Delete for good?"
    assert opened.mailbox.requests == []
    opened.browser.press("Tab")
    assert opened.browser.text("#delete") == "Delete", "whoever goes elsewhere has thought better of it"
    opened.browser.click("#delete")
    opened.browser.click("#delete")
    opened.wait_for_subjects("three", "one")
    assert opened.mailbox.requests == [("DELETE", "/messages/2")]
    assert opened.browser.run("return document.getElementById('mail').hidden")


def test_older_mails_can_be_had(opened):
    for number in range(35):
        opened.mailbox.put(f"{number}")
    opened.browser.open(opened.url)
    opened.wait_for_subjects(*[f"{number}" for number in range(34, 4, -1)])
    opened.browser.click("#older")
    opened.wait_for_subjects(*[f"{number}" for number in range(34, -1, -1)])
    assert opened.browser.run("return document.getElementById('older').hidden")


def test_tabs_and_mails_by_keyboard_alone(opened):
    opened.mailbox.put("One", html="<p>hi</p>")
    opened.browser.open(opened.url)
    opened.wait_for_subjects("One")
    opened.browser.run("document.getElementById('pause').focus()")
    opened.browser.press("Tab")
    if opened.browser.run("return document.activeElement.id") == "lines":
        opened.browser.press("Tab")
    assert opened.browser.run("return document.activeElement.dataset.id") == "1"
    opened.browser.press("Enter")
    opened.browser.wait_until("return !document.getElementById('mail').hidden")
    opened.browser.press("Tab", "Tab")
    chosen = "return [document.activeElement.textContent, document.activeElement.getAttribute('aria-selected')]"
    assert opened.browser.run(chosen) == ["HTML", "true"]
    for key, tab in [("\ue014", "Plain"), ("\ue014", "Source"), ("\ue014", "HTML"), ("\ue012", "Source"), ("\ue011", "HTML")]:
        opened.browser.press(key)
        assert opened.browser.run(chosen) == [tab, "true"]
    assert opened.browser.run("return [...document.querySelectorAll('[role=tab]')].map((tab) => tab.tabIndex)") == [0, -1, -1]


def test_a_mail_service_that_is_away_is_said_in_words_and_found_again(browser, tmp_path):
    mailbox = Mailbox()
    with contextlib.ExitStack() as stack:
        opened = stack.enter_context(opening(browser, tmp_path, mailbox))
        mailbox.answer = lambda path: (503, "application/json", b'{"error":true,"message":"not now"}')
        browser.open(opened.url)
        browser.wait_until("return document.getElementById('mailbox-state').textContent.includes('cannot be reached')")
        mailbox.put("There")
        del mailbox.answer
        opened.wait_for_subjects("There")
        assert browser.text("#mailbox-state") == ""


def test_a_mailbox_behind_a_token_says_so(browser, tmp_path):
    mailbox = Mailbox()
    mailbox.answer = lambda path: (401, "application/json", b'{"error":true,"message":"no"}')
    with opening(browser, tmp_path, mailbox) as opened:
        browser.open(opened.url)
        browser.wait_until("return document.getElementById('mailbox-state').textContent.includes('token')")


# Both


def fill(opened):
    opened.write("event" * 20, "word " * 200)
    opened.write("authentication", "admin@example.com logged in")
    opened.mailbox.put("Signed out", sender="Martlet <no-reply@localhost>", to=["admin@example.com"])
    opened.mailbox.put("s" * 300, sender="f" * 200, to=["t" * 300], plain="p" * 1000,
                       html="<h1>Hello world!</h1>", attachments=[("n" * 300, "application/pdf", b"x" * 5000)])


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_no_width_scrolls_sideways(opened, screenshot, width):
    fill(opened)
    opened.browser.resize(width, 800)
    opened.browser.open(opened.url)
    opened.browser.wait_until(LIVE)
    opened.read(0)
    for tab in ["Plain", "Source", "Files", "HTML"]:
        opened.choose(tab)
        assert opened.browser.run("return document.documentElement.scrollWidth") <= width
    screenshot(opened.browser)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_themes_are_drawn(request, tmp_path, screenshot, theme):
    browser = request.getfixturevalue(f"{theme}_browser")
    browser.resize(1200, 900)
    with opening(browser, tmp_path) as opened:
        fill(opened)
        browser.open(opened.url)
        browser.wait_until(LIVE)
        opened.read(1)
        screenshot(browser)


def test_the_page_breaks_no_rule_of_its_own_policy_and_asks_nobody_else(opened):
    opened.mailbox.put("One", html="<style>p { color: red }</style><p style='margin: 0'>hi</p><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>")
    opened.browser.open(opened.url)
    opened.browser.wait_until(LIVE)
    opened.read(0)
    opened.write("event", "line")
    opened.wait_for_lines(["event", "line"])
    for tab in ["Plain", "Source", "HTML"]:
        opened.choose(tab)
    opened.browser.wait_until("return performance.getEntriesByType('resource').filter((r) => r.name.endsWith('/html')).length > 0")
    assert [entry["message"] for entry in opened.browser.console()] == []
    asked = {urlsplit(u).netloc for u in opened.browser.requested_urls() if not u.startswith(("chrome", "data:", "about:"))}
    assert asked == {urlsplit(opened.url).netloc}


def test_a_page_that_may_show_nothing_asks_for_nothing(browser):
    with Broker().running() as broker, page(broker, "auth log mail") as url:
        browser.open(url)
        assert browser.run("return [...document.querySelectorAll('.panel')].map((panel) => panel.checkVisibility())") == [
            False, False]
        assert [u for u in browser.requested_urls() if "/logs" in u or u.endswith("/mailbox")] == []
