"""A headless Chromium, driven through its debugging pipe: no port, no driver, no network."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser():
    """Path of a Chromium; skips the test where there is none."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    pytest.skip(f"no Chromium is installed (looked for {', '.join(NAMES)})")


class Page:
    """One tab; `errors` and `requests` collect what its console and its network saw.

    Requests that the page's own policy stopped are not among them.
    """

    def __init__(self, browser, width=1100, height=800):
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        # Chromium reads commands from file 3 and answers on file 4
        words = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'
        flags = [
            "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
            "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={self._folder.name}",
            f"--window-size={width},{height}", "about:blank",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", words, "bash", str(to_browser), str(from_browser), browser, *flags],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._buffer, self._number, self._session = b"", 0, None
        self.errors, self._asked = [], {}
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self.resize(width, height)

    @property
    def requests(self):
        """Addresses that were asked for, other than data within the page."""
        return [url for url in self._asked.values() if not url.startswith("data:")]

    def forget(self):
        """Start anew to note errors and requests."""
        self.errors.clear()
        self._asked.clear()

    def resize(self, width, height=800):
        """Size of the window in CSS pixels; a narrow one is a phone."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip

    def open(self, path, fragment=""):
        """Load a file and wait until it is there."""
        # by way of an empty page: a change of the fragment alone loads nothing
        for url in ("about:blank", Path(path).as_uri() + fragment):
            self._loaded = False
            self._call("Page.navigate", url=url)
            while not self._loaded:
                self._take()

    def evaluate(self, script):
        """Value of an expression in the page."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def settle(self):
        """Wait until what was started has ended, as far as a fifth of a second tells."""
        wait = "new Promise(done => setTimeout(done, 200))"
        self._call("Runtime.evaluate", expression=wait, awaitPromise=True)

    def type(self, text):
        """Type into what has the focus."""
        self._call("Input.insertText", text=text)

    def picture(self, path, whole=True):
        """Save what is seen, or the whole page, as PNG."""
        data = self._call("Page.captureScreenshot", captureBeyondViewport=whole)["data"]
        Path(path).write_bytes(base64.b64decode(data))

    def media(self, name):
        """Show the page as for the "screen" or as it is printed, "print"."""
        self._call("Emulation.setEmulatedMedia", media=name)

    def close(self):
        """End the browser."""
        os.close(self._write)
        os.close(self._read)
        self._process.terminate()
        self._process.wait(timeout=30)
        self._folder.cleanup()

    def _call(self, method, **params):
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._take()).get("id") != self._number:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def _take(self):
        """The next message; events are kept."""
        while b"\0" not in self._buffer:
            part = os.read(self._read, 1 << 20)
            assert part, "the browser ended"
            self._buffer += part
        raw, self._buffer = self._buffer.split(b"\0", 1)
        message = json.loads(raw)
        event, params = message.get("method"), message.get("params", {})
        if event == "Page.loadEventFired":
            self._loaded = True
        elif event == "Network.requestWillBeSent":
            self._asked[params["requestId"]] = params["request"]["url"]
        elif event == "Network.loadingFailed" and params.get("blockedReason") == "csp":
            del self._asked[params["requestId"]]
        elif event in ("Runtime.exceptionThrown", "Log.entryAdded") or (
            event == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning")
        ):
            self.errors.append(params)
        return message
