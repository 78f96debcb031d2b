"""HTTP as a test asks it: straight to loopback, whatever proxy the environment names."""

import contextlib
import json
import random
import socket
import urllib.error
import urllib.request

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(url, timeout=10):
    """Status, headers and text, whatever the status."""
    return _exchange(url, timeout)


def post(url, body, timeout=20, **headers):
    """The same for a POST of JSON; the answer is read as JSON."""
    headers = {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers=headers)
    status, answered, text = _exchange(request, timeout)
    return status, answered, json.loads(text)


def _exchange(request, timeout):
    try:
        with _opener.open(request, timeout=timeout) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def free_ports(count):
    """Ports that are free, and stay so until they are used: not those that the kernel gives to connections and to who asks
    for any (from 32768 on). All are held at once, so that no two are the same."""
    with contextlib.ExitStack() as stack:
        ports = []
        while len(ports) < count:
            probe = stack.enter_context(socket.socket())
            port = random.randrange(20_000, 32_000)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                ports.append(port)
        return ports
