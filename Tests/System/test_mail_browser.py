"""Mail made to do harm, shown by Chromium: no script runs, and nothing is fetched."""

import email.message
import http.server
import smtplib
import threading

import pytest

import mail as mails

HOSTILE = """<!DOCTYPE html><html><head>
<meta http-equiv="refresh" content="0; url={trap}/refresh">
<base href="{trap}/base/">
<link rel="stylesheet" href="{trap}/style.css"><link rel="prefetch" href="{trap}/prefetch"><link rel="icon" href="{trap}/icon">
<style>@import url("{trap}/import.css"); body {{ background: url("{trap}/background.png") }}
@font-face {{ font-family: x; src: url("{trap}/font") }} p {{ font-family: x; color: rgb(1, 2, 3) }}</style>
<script>document.title = "ran"; fetch("{trap}/fetch")</script><script src="{trap}/script.js"></script>
</head><body onload="document.title = 'ran'">
<p id="text">Grüße <b>fett</b></p>
<img src="{trap}/pixel.png" onerror="document.title = 'ran'"><img src="x" onerror="document.title = 'ran'">
<img id="inline" src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7">
<svg onload="document.title = 'ran'"><image href="{trap}/svg.png"/></svg>
<iframe src="{trap}/frame"></iframe><iframe srcdoc="<script>top.document.title = 'ran'</script>"></iframe>
<object data="{trap}/object"></object><embed src="{trap}/embed"><video src="{trap}/video" autoplay></video>
<audio src="{trap}/audio" autoplay></audio><a id="link" href="javascript:document.title='ran'">x</a>
<form id="form" action="{trap}/form" method="post"><input name="a"><button id="submit">send</button></form>
<script>setTimeout(() => document.getElementById("form").submit())</script>
<details open ontoggle="document.title = 'ran'"><summary>x</summary></details>
</body></html>"""


@pytest.fixture
def trap():
    """A server that nobody may ask for anything; what is asked for is kept."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def hostile(tmp_path, trap):
    address, asked = trap
    message = email.message.EmailMessage()
    message["Subject"] = "=?UTF-8?q?=3Cscript=3Edocument=2Etitle=3D'ran'=3C/script=3E?="
    message["From"], message["To"] = "a@example.com", "b@example.com"
    message.set_content("<script>document.title = 'ran'</script>")
    message.add_alternative(HOSTILE.format(trap=address), subtype="html")
    message.add_attachment(
        b"<script>document.title = 'ran'</script>", maintype="text", subtype="html", filename="../../x.html")
    with mails.running(tmp_path) as mail:
        with smtplib.SMTP("127.0.0.1", mail.smtp, timeout=20) as client:
            client.send_message(message)
        yield mail, asked


def settled(browser):
    """Once the page has loaded, and whatever might run after that had its time: that nothing comes has no end to wait for."""
    browser.wait_until("return document.readyState === 'complete'")
    threading.Event().wait(0.5)


def test_html_is_shown_and_nothing_of_it_runs_or_is_fetched(browser, hostile, screenshot):
    mail, asked = hostile
    url = mail.url("/messages/1/html")
    browser.open(url)
    settled(browser)
    assert browser.text("#text") == "Grüße fett"
    assert browser.run("return getComputedStyle(document.getElementById('text')).color") == "rgb(1, 2, 3)"
    assert browser.run("return document.getElementById('inline').naturalWidth") == 1
    assert browser.run("return document.title") == ""
    assert browser.run("return location.href") == url
    # An origin of its own: nothing of the mailbox can be read from here.
    assert browser.run("return window.origin") == "null"
    browser.click("#link")
    browser.click("#submit")
    settled(browser)
    assert browser.run("return document.title") == "" and browser.run("return location.href") == url
    assert asked == []
    screenshot(browser)


@pytest.mark.parametrize("path", ["plain", "source", ""])
def test_the_other_forms_are_text_to_the_browser(browser, hostile, path):
    mail, asked = hostile
    browser.open(mail.url(f"/messages/1/{path}".rstrip("/")))
    settled(browser)
    assert browser.run("return document.title") == ""
    assert ("<script>" if path else r"\u003cscript\u003e") in browser.run("return document.body.innerText")
    assert asked == []


def test_a_page_of_another_site_cannot_read_or_delete_mail(browser, hostile, trap):
    mail, _ = hostile
    address, _ = trap
    browser.open(address.replace("127.0.0.1", "localhost") + "/elsewhere")
    script = """
        const done = arguments[arguments.length - 1];
        fetch(arguments[0], {method: arguments[1]}).then((r) => r.text()).then(done, () => done("refused"));
    """
    for method, path in [("GET", "/messages"), ("DELETE", "/messages"), ("DELETE", "/messages/1"), ("GET", "/messages/1/html")]:
        assert browser.call(
            "POST", "/execute/async", {"script": script, "args": [mail.url(path), method]}) == "refused"
    assert len(mail.messages()) == 1
