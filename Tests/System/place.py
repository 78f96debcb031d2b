"""A folder in which a person types `martlet` commands, with ports of its own. Whatever they start ends with it."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request
import uuid

from system import BUILT, PORTS, SETTINGS, free_ports, get

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Place:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ports = dict(zip(SETTINGS, free_ports(len(SETTINGS))))
        # Inherited by whatever is started here, so that what was left behind can be found.
        self.mark = f"MARTLET_TEST_PLACE={uuid.uuid4()}"
        name, value = self.mark.split("=")
        self.environment = dict(os.environ, **{name: value, "DATA_DIR": "data"})
        self.environment.update({setting: str(self.ports[service]) for service, setting in SETTINGS.items()})

    def url(self, service, path="/"):
        return f"http://127.0.0.1:{self.ports[service]}{path}"

    # Commands

    def start(self, *command, **environment):
        """A command that goes on. Its output is collected by `finish`."""
        program, *arguments = command
        return subprocess.Popen(
            [BUILT / program, *map(str, arguments)], cwd=self.folder, env={**self.environment, **environment},
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *command, **environment):
        """Exit code, output and errors of a command that ends."""
        return finish(self.start(*command, **environment))

    def martlet(self, *arguments, **environment):
        return self.run("martlet", *arguments, **environment)

    def up(self, *arguments, **environment):
        code, output, errors = self.martlet("up", "--detach", *arguments, **environment)
        assert (code, errors) == (0, ""), (code, output, errors)
        return output

    def status(self, *arguments):
        code, output, errors = self.martlet("status", "--json", *arguments)
        assert (code, errors) == (0, ""), (code, output, errors)
        return json.loads(output)

    def states(self):
        return {service["name"]: service["state"] for service in self.status()["services"]}

    # Services

    def is_ready(self, service):
        try:
            return get(self.url(service, "/readyz"), timeout=2)[0] == 200
        except OSError:
            return False

    def wait_until_ready(self, *services):
        wait_until(lambda: all(self.is_ready(service) for service in services or PORTS))

    def post(self, service, path, body):
        """Status and the answer's JSON."""
        request = urllib.request.Request(
            self.url(service, path), data=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
        try:
            with _opener.open(request, timeout=20) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def log_in(self):
        return self.post(
            "broker", "/handle", {"action": "auth", "auth": {"email": "admin@example.com", "password": "verysecret"}})

    # What is left

    def processes(self):
        """The ids of all that was started here and still runs."""
        found = []
        for environment in pathlib.Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if self.mark.encode() in environment.read_bytes().split(b"\0"):
                    found.append(int(environment.parent.name))
        return found

    def close(self):
        """Ends what still runs, and says which processes should not have."""
        left = self.processes()
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        wait_until(lambda: not self.processes())
        return left


def finish(process, seconds=40):
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return process.returncode, output, errors


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "never true"
        time.sleep(0.01)
