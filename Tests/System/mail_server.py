"""aiosmtpd as a mail server, in a process of its own. Prints its port, then a line of JSON for each message.

Usage: mail_server.py OPTIONS (JSON): port, starttls and implicit (a certificate and its key), auth (user, password),
require_tls, refuse (a reply to RCPT), fail (how many messages are refused with 451 first).
"""
import asyncio
import json
import sys

sys.dont_write_bytecode = True

from aiosmtpd.smtp import SMTP, AuthResult  # noqa: E402

from mail import server_context  # noqa: E402

options = json.loads(sys.argv[1])
failures = options.get("fail", 0)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if options.get("refuse"):
            return options["refuse"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global failures
        if failures > 0:
            failures -= 1
            return "451 not now"
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "content": envelope.content.decode("latin-1"),
            "tls": session.ssl is not None, "hello": session.host_name,
            "user": session.auth_data.login.decode() if session.auth_data else None,
            "options": envelope.mail_options,
        }), flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    user, password = options["auth"]
    known = data.login == user.encode() and data.password == password.encode()
    return AuthResult(success=known, handled=False, auth_data=data)


def make():
    starttls, auth = options.get("starttls"), options.get("auth")
    return SMTP(
        Handler(), hostname="localhost", tls_context=server_context(*starttls) if starttls else None,
        require_starttls=bool(options.get("require_tls")), authenticator=authenticate if auth else None,
        auth_required=bool(auth), auth_require_tls=bool(starttls), decode_data=False)


async def main():
    implicit = options.get("implicit")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        make, "127.0.0.1", options.get("port", 0), ssl=server_context(*implicit) if implicit else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
