"""Where the system tests run what was built: a folder with ports of its own. Every program is started here, the whole
system (`martlet up`), a service alone (`martlet-logger`) or a command, and whatever is started ends with the place."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import time
import uuid

from web import free_ports, get, post

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = pathlib.Path(os.environ.get("MARTLET_BUILD", ROOT / ".build" / "debug"))
# The services and the settings that place them (docs/configuration.md).
PORTS = {
    "front-end": "FRONT_END_PORT", "broker": "BROKER_PORT", "authentication": "AUTHENTICATION_PORT",
    "logger": "LOGGER_PORT", "mail": "MAILER_PORT", "listener": "LISTENER_PORT", "bus": "BUS_PORT",
}
# Ports of other protocols than HTTP.
OTHER_PORTS = {"smtp": "MAILER_SMTP_PORT"}
SETTINGS = {**PORTS, **OTHER_PORTS}


class Place:
    """A folder, a port for each service, and the environment that says so."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ports = dict(zip(SETTINGS, free_ports(len(SETTINGS))))
        # Inherited by whatever is started here, so that what was left behind can be found.
        self.mark = f"MARTLET_TEST_PLACE={uuid.uuid4()}"
        name, value = self.mark.split("=")
        self.environment = dict(os.environ, **{name: value, "DATA_DIR": "data"})
        self.environment.update({setting: str(self.ports[service]) for service, setting in SETTINGS.items()})

    def url(self, service, path=""):
        return f"http://127.0.0.1:{self.ports[service]}{path}"

    def named_url(self, service, path=""):
        """As a browser is given it: by name, so that it is the origin that the other services expect."""
        return f"http://localhost:{self.ports[service]}{path}"

    # Programs

    @contextlib.contextmanager
    def running(self, *command, **environment):
        """A program that serves: `running("martlet", "up")`, `running("martlet-logger")`. It is ready inside the block,
        and ends after it as a person would end it. Its output is in `log(program)`."""
        program, *flags = command
        if program == "martlet":
            services = list(PORTS)
        else:
            services = [program.removeprefix("martlet-")]
            flags += ["--port", self.ports[services[0]]]
        with open(self.folder / f"{program}.log", "wb") as output:
            process = self.start(program, *flags, output=output, **environment)
        try:
            wait_until(lambda: process.poll() is not None or all(self.is_ready(service) for service in services))
            assert process.poll() is None, f"{program} ended with {process.returncode}:\n{self.log(program)}"
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def log(self, program):
        return (self.folder / f"{program}.log").read_text()

    def start(self, *command, output=subprocess.PIPE, **environment):
        """A command that goes on. Its output is collected by `finish`, or goes to a file."""
        program, *arguments = command
        return subprocess.Popen(
            [BUILT / program, *map(str, arguments)], cwd=self.folder, env={**self.environment, **environment},
            text=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

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
        status, _, answer = post(self.url(service, path), body)
        return status, answer

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
