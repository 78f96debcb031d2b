"""A small WebDriver client (https://www.w3.org/TR/webdriver2/): Chromium, headless, driven by Debian's chromedriver.

Only what the tests here need. Every wait has an end, and closing stops what was started.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element's reference, fixed by the specification
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Space": "\ue00d", "Shift": "\ue008"}


class WebDriverError(Exception):
    pass


class Browser:
    # Straight to chromedriver, whatever proxy the environment names.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def __init__(self, dark=False):
        self.folder = tempfile.mkdtemp(prefix="martlet-browser-")
        self.driver = None
        self.session = None
        try:
            self._start(dark)
        except BaseException:
            self.close()
            raise

    def _start(self, dark):
        # Chromium keeps crash reports and caches under HOME: it gets one of its own, deleted afterwards.
        environment = dict(os.environ, HOME=self.folder, TMPDIR=self.folder)
        self.driver = subprocess.Popen(
            [shutil.which("chromedriver") or "/usr/bin/chromedriver", "--port=0", "--allowed-ips=127.0.0.1"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
        self.base = f"http://127.0.0.1:{self._driver_port()}"
        arguments = [
            "--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions",
            "--disable-domain-reliability", "--no-proxy-server", "--disable-dev-shm-usage", "--hide-scrollbars",
            # Nothing may leave the machine: any name but these resolves to nothing.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
            f"--user-data-dir={self.folder}/profile",
        ]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium refuses to sandbox itself as root
        if dark:
            arguments.append("--blink-settings=preferredColorScheme=0")
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "timeouts": {"script": 20_000, "pageLoad": 20_000, "implicit": 0},
        }}})
        self.session = answer["sessionId"]

    def _driver_port(self):
        found = []
        ready = threading.Event()

        def read():
            # Reads on to the end, so that chromedriver never blocks on a full pipe.
            for line in self.driver.stdout:
                match = re.search(r"started successfully on port (\d+)", line)
                if match and not found:
                    found.append(int(match[1]))
                    ready.set()
            ready.set()

        threading.Thread(target=read, daemon=True).start()
        if not ready.wait(20) or not found:
            raise WebDriverError("chromedriver did not start")
        return found[0]

    def close(self):
        if self.session:
            try:
                self._call("DELETE", f"/session/{self.session}")
            except (WebDriverError, OSError):
                pass
            self.session = None
        if self.driver:
            self.driver.terminate()
            try:
                self.driver.wait(10)
            except subprocess.TimeoutExpired:
                self.driver.kill()
                self.driver.wait()
            self.driver = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def _call(self, method, path, body=None):
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(
            self.base + path, data=data, method=method, headers={"Content-Type": "application/json"})
        try:
            with self.opener.open(request, timeout=40) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error).get("value", {})
            raise WebDriverError(f"{value.get('error')}: {value.get('message')}") from None

    def call(self, method, path, body=None):
        return self._call(method, f"/session/{self.session}{path}", body)

    # What a person does

    def open(self, url):
        self.call("POST", "/url", {"url": url})

    def find(self, css):
        return self.call("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def click(self, css):
        # The page scrolls smoothly where it scrolls by itself; a click does not wait for that.
        self.run("document.querySelector(arguments[0]).scrollIntoView({ behavior: 'instant', block: 'center' })", css)
        self.call("POST", f"/element/{self.find(css)}/click")

    def press(self, *keys):
        """Presses and releases keys one after the other; a tuple is a chord: ("Shift", "Tab")."""
        actions = []
        for key in keys:
            chord = [KEYS.get(k, k) for k in (key if isinstance(key, tuple) else (key,))]
            actions += [{"type": "keyDown", "value": k} for k in chord]
            actions += [{"type": "keyUp", "value": k} for k in reversed(chord)]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    # What a person sees

    def text(self, css):
        return self.call("GET", f"/element/{self.find(css)}/text")

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait_until(self, script, *arguments, seconds=15):
        """Waits until the script's value is true; returns it."""
        end = time.monotonic() + seconds
        while True:
            value = self.run(script, *arguments)
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"never true: {script}")
            time.sleep(0.02)

    def resize(self, width, height):
        """The size of the page itself, in CSS pixels, below what a window may have."""
        self.devtools("Emulation.setDeviceMetricsOverride",
                      width=width, height=height, deviceScaleFactor=1, mobile=False)

    def screenshot(self, path):
        """The whole page, not only what fits into the window."""
        height = self.run("return document.documentElement.scrollHeight")
        width = self.run("return document.documentElement.clientWidth")
        shot = self.devtools("Page.captureScreenshot", captureBeyondViewport=True,
                             clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def devtools(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def console(self):
        """The console's messages since the last call."""
        return self.call("POST", "/se/log", {"type": "browser"})

    def requested_urls(self):
        """Every address that the page asked for since the last call, whether or not it was let through."""
        urls = []
        for entry in self.call("POST", "/se/log", {"type": "performance"}):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                urls.append(message["params"]["request"]["url"])
        return urls
