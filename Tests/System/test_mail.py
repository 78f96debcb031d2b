"""The mail service against others' programs: smtplib and swaks send to it, Python's email package reads what it writes."""

import email
import email.policy
import json
import shutil
import smtplib
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

import mail as mails

SWAKS = shutil.which("swaks")


@pytest.fixture(scope="module")
def mail(tmp_path_factory):
    with mails.running(tmp_path_factory.mktemp("mail")) as running:
        yield running


def parsed(source):
    message = email.message_from_bytes(source, policy=email.policy.default)
    for part in message.walk():
        assert part.defects == [], part.defects
    return message


# What the service writes

SUBJECTS = [
    "Test email", "Grüße aus Köln", "日本語の件名がとても長いのでいくつかの行に分けなければなりません、そうでしょう",
    "=?UTF-8?q?not_encoded?=", "😀" * 60, " blanks  around ", "x" * 300, "word " * 100, "tab\there", "=", "\"quoted\" (comment) <a@b>",
    "Bcc: someone@example.com", "é" * 900,
]
MESSAGES = [
    "Hello world!", "", "Zwölf Boxkämpfer\njagen Viktor", "a\r\nb\rc\n", ".\n..\n. x", "From me", "=3D=", "x" * 5000, "é" * 5000,
    "trailing \nblanks\t\n", "<script>alert(1)</script> & 'quotes' \"too\"", "\u0000\u0001\u007f", "\u2028line\u0085ends",
]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_pythons_email_package_reads_the_subject_that_was_given(mail, subject):
    assert mail.post("/send", {"to": "you@there.com", "subject": subject, "message": "m"})[0] == 202
    source = mail.source(mail.messages()[0]["id"])
    message = parsed(source)
    assert message["Subject"] == subject
    assert [name for name, _ in message.items()] == [
        "Date", "Message-ID", "MIME-Version", "From", "To", "Subject", "Content-Type"]
    assert max(map(len, source.split(b"\r\n"))) <= 78


@pytest.mark.parametrize("text", MESSAGES)
def test_pythons_email_package_reads_the_text_that_was_given(mail, text):
    assert mail.post("/send", {"to": "you@there.com", "subject": "s", "message": text})[0] == 202
    source = mail.source(mail.messages()[0]["id"])
    message = parsed(source)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().replace("\r\n", "\n") == lines + "\n"
    escaped = lines.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;").replace("'", "&#39;")
    assert f">{escaped}</p>" in html.get_content().replace("\r\n", "\n")
    assert b"\n" not in source.replace(b"\r\n", b"") and b"\r" not in source.replace(b"\r\n", b"")


def test_names_beside_addresses_come_through(mail):
    names = ["Ada Lovelace", "Zoë", 'Back\\slash "quoted"', "日本", "a.b", "x" * 200, "=?UTF-8?q?x?="]
    for name in names:
        quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        status, text = mail.post("/send", {"from": f"{quoted} <me@example.com>", "to": "you@there.com", "subject": "s"})
        assert status == 202, text
        sender = parsed(mail.source(mail.messages()[0]["id"]))["From"].addresses[0]
        assert (sender.display_name, sender.addr_spec) == (name, "me@example.com")


# What it takes by SMTP

def smtp(mail):
    return smtplib.SMTP("127.0.0.1", mail.smtp, local_hostname="client.example", timeout=20)


def test_smtplib_sends_to_several(mail):
    message = email.message.EmailMessage()
    message["Subject"], message["From"], message["To"] = "Für Élise", "Zoë <z@example.com>", "a@example.com"
    message.set_content("Zwölf Boxkämpfer\n.\n..leading dots\n")
    message.add_alternative("<p>Zwölf <b>Boxkämpfer</b></p>", subtype="html")
    message.add_attachment(bytes(range(256)), maintype="image", subtype="png", filename="Bild ä.png")
    with smtp(mail) as client:
        client.ehlo()
        assert {"pipelining", "8bitmime", "size", "enhancedstatuscodes"} <= set(client.esmtp_features)
        source = message.as_bytes(policy=email.policy.SMTP)
        assert client.sendmail("z@example.com", ["a@example.com", "b@example.com"], source) == {}
    kept = mail.messages()[0]
    assert (kept["subject"], kept["from"]) == ("Für Élise", "Zoë <z@example.com>")
    assert kept["to"] == ["a@example.com", "b@example.com"]
    number = kept["id"]
    assert mail.get(f"/messages/{number}/plain")[2] == "Zwölf Boxkämpfer\n.\n..leading dots\n"
    assert "<b>Boxkämpfer</b>" in mail.get(f"/messages/{number}/html")[2]
    detail = json.loads(mail.get(f"/messages/{number}")[2])
    assert detail["attachments"] == [{"number": 0, "name": "Bild ä.png", "type": "image/png", "size": 256}]
    kept = mail.source(number)
    assert kept.startswith(b"Return-Path: <z@example.com>\r\nReceived: from client.example ([127.0.0.1])\r\n")
    assert kept.endswith(source)


def test_eight_bit_content_is_kept_as_it_is(mail):
    content = "Subject: 8 bit\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nÜber\r\n"
    with smtp(mail) as client:
        client.sendmail("a@example.com", ["b@example.com"], content.encode(), ["BODY=8BITMIME"])
    assert mail.source(mail.messages()[0]["id"]).endswith(content.encode())


def test_a_refused_recipient_does_not_spoil_the_others(mail):
    with smtp(mail) as client:
        refused = client.sendmail("a@example.com", ["b@example.com", "no-address"], "Subject: two\r\n\r\nx\r\n")
    assert list(refused) == ["no-address"] and refused["no-address"][0] == 553
    assert mail.messages()[0]["to"] == ["b@example.com"]


def test_a_message_that_says_it_has_1_gb_is_refused_before_it_comes(mail):
    with smtp(mail) as client:
        client.ehlo()
        assert client.docmd("MAIL FROM:<a@example.com> SIZE=1073741824")[0] == 552
        assert client.docmd("NOOP")[0] == 250


def resident(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024


def test_a_message_of_1_gb_that_does_not_say_so_is_refused_and_costs_no_memory(tmp_path):
    with mails.running(tmp_path) as mail:
        with smtp(mail) as client:
            client.sendmail("a@example.com", ["b@example.com"], "Subject: warm\r\n\r\nx\r\n")
        before = resident(mail.pid)
        with socket.create_connection(("127.0.0.1", mail.smtp), timeout=20) as client:
            client.sendall(b"EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n")
            line = b"x" * 998 + b"\r\n"
            chunk, sent = line * 1000, 0
            try:
                while sent < 1 << 30:
                    sent += client.send(chunk)
            except OSError:
                pass  # it was cut off
            assert sent < 200 << 20
            client.settimeout(20)
            said = b""
            try:
                while piece := client.recv(65536):
                    said += piece
            except OSError:
                pass
        # The reset that cuts the sender off may overtake the reply.
        assert b" 354 " not in said.split(b"\r\n")[-1] and b"250 2.0.0 kept" not in said
        assert resident(mail.pid) - before < 48 << 20
        assert [message["subject"] for message in mail.messages()] == ["warm"]


def test_many_clients_at_once_lose_nothing(mail):
    before = len(mail.messages())

    def send(number):
        with smtp(mail) as client:
            for round in range(10):
                client.sendmail("a@example.com", ["b@example.com"], f"Subject: many {number}.{round}\r\n\r\nx\r\n")

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(send, range(20)))
    found = [message["subject"] for message in mail.messages(text="many ")]
    assert len(found) == len(set(found)) == 200
    assert len(mail.messages()) == before + 200


@pytest.mark.skipif(SWAKS is None, reason="needs swaks (scripts/bootstrap --test)")
@pytest.mark.parametrize("flags", [
    [], ["--pipeline"], ["--protocol", "SMTP"], ["--from", "<>"], ["--attach-type", "text/csv", "--attach", "a,b"],
])
def test_swaks_is_satisfied(mail, flags):
    done = subprocess.run(
        [SWAKS, "--server", f"127.0.0.1:{mail.smtp}", "--to", "you@there.com", "--from", "me@example.com", "--helo", "client",
         "--header", "Subject: from swaks", "--body", "line\n.\nline", *flags],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    kept = mail.messages()[0]
    assert kept["subject"] == "from swaks" and kept["to"] == ["you@there.com"]
    assert "line\n.\nline" in mail.get(f"/messages/{kept['id']}/plain")[2]


def test_commands_in_one_piece_are_answered_in_order(mail):
    with socket.create_connection(("127.0.0.1", mail.smtp), timeout=20) as client:
        client.sendall(
            b"EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject: one\r\n\r\nx\r\n.\r\n"
            b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject: two\r\n\r\nx\r\n.\r\nQUIT\r\n")
        said = b""
        while piece := client.recv(65536):
            said += piece
    codes = [line[:3] for line in said.decode().splitlines() if line[3] == " "]
    assert codes == "220 250 250 250 354 250 250 250 354 250 221".split()
    assert [message["subject"] for message in mail.messages()[:2]] == ["two", "one"]
