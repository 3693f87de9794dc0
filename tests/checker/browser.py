"""A headless Chromium that is driven through the DevTools protocol over a pipe: enough to test a page as a person uses it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from itertools import count
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--disable-smooth-scrolling",  # else a page still moves when it is clicked
    "--no-first-run",
    "--remote-debugging-pipe",
)

_PIPES = """
import fcntl, os, sys
told, answers = (fcntl.fcntl(int(n), fcntl.F_DUPFD, 20) for n in sys.argv[1:3])
os.dup2(told, 3)
os.dup2(answers, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""The browser reads what it is told from descriptor 3 and answers on 4."""


def installed() -> str | None:
    """The browser's file, if there is one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One browser process; use it in a ``with``."""

    def __enter__(self) -> Browser:
        found = installed()
        assert found is not None, "no Chromium is installed"
        self._home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs, mine = os.pipe()
        answers, their_answers = os.pipe()
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                _PIPES,
                str(theirs),
                str(their_answers),
                found,
                *OPTIONS,
                f"--user-data-dir={self._home.name}",
            ],
            pass_fds=(theirs, their_answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(their_answers)
        self._out, self._in = os.fdopen(mine, "wb", buffering=0), os.fdopen(answers, "rb")
        self._numbers = count(1)
        self._unread = b""
        self.events: list[dict[str, Any]] = []
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.call("Browser.close")
        finally:
            self._out.close()
            self._in.close()
            self._process.wait()
            self._home.cleanup()

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Send a command and wait for its answer; events that come before it are kept."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        self._out.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def wait_for(self, method: str, session: str) -> None:
        """Wait for an event of a page."""
        while not any(e.get("method") == method and e.get("sessionId") == session for e in self.events):
            self.events.append(self._read())

    def page(self) -> Page:
        """A new page."""
        return Page(self)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            part = os.read(self._in.fileno(), 1 << 20)
            assert part, "the browser has gone"
            self._unread += part
        text, _, self._unread = self._unread.partition(b"\0")
        answer: dict[str, Any] = json.loads(text)
        return answer


class Page:
    """One page of a browser."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM", "Accessibility"):
            self._call(f"{domain}.enable")

    def open(self, address: str) -> None:
        """Load a document, and wait until it is there."""
        self._browser.events = [e for e in self._browser.events if e.get("sessionId") != self._session]
        self._call("Page.navigate", url=address)
        self._browser.wait_for("Page.loadEventFired", self._session)

    def emulate(self, width: int, height: int, *, dark: bool = False, paper: bool = False, script: bool = True) -> None:
        """Set the size of the window, the colour scheme, the medium, and whether scripts run."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._call("Emulation.setEmulatedMedia", media="print" if paper else "", features=features)
        self._call("Emulation.setScriptExecutionDisabled", value=not script)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, *keys: str) -> None:
        """Press keys, by the names that events have for them."""
        for key in keys:
            text = {"text": key} if len(key) == 1 else {}
            self._call("Input.dispatchKeyEvent", type="keyDown", key=key, **_codes(key), **text)
            self._call("Input.dispatchKeyEvent", type="keyUp", key=key, **_codes(key))

    def click(self, selector: str) -> None:
        """Click in the middle of the first element that a selector finds."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        self.drawn()
        x, y = self.evaluate(
            f"(() => {{ const r = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def drawn(self) -> None:
        """Wait until what the page has done so far is on the screen: only there clicks find it."""
        self.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def accessible(self) -> list[dict[str, Any]]:
        """The nodes of the accessibility tree that are not ignored."""
        nodes = self._call("Accessibility.getFullAXTree")["nodes"]
        return [n for n in nodes if not n["ignored"]]

    def screenshot(self, *, full: bool = False) -> bytes:
        """A picture of the window, or of the whole page."""
        return base64.b64decode(self._call("Page.captureScreenshot", format="png", captureBeyondViewport=full)["data"])

    @property
    def complaints(self) -> list[str]:
        """Errors, warnings and refusals that the page has caused since it was opened."""
        self.evaluate("1")
        out = []
        for e in self._browser.events:
            if e.get("sessionId") != self._session:
                continue
            if e["method"] == "Log.entryAdded":
                out.append(e["params"]["entry"]["text"])
            elif e["method"] == "Runtime.exceptionThrown":
                out.append(str(e["params"]["exceptionDetails"]))
            elif e["method"] == "Runtime.consoleAPICalled":
                out.append(str(e["params"]["args"]))
        return out

    @property
    def requests(self) -> list[str]:
        """Addresses that the page has asked for since it was opened."""
        asked = (e for e in self._browser.events if e.get("sessionId") == self._session)
        return [e["params"]["request"]["url"] for e in asked if e["method"] == "Network.requestWillBeSent"]

    @property
    def refused(self) -> set[str]:
        """Of these, the ones that the page's own policy has stopped."""
        mine = [e for e in self._browser.events if e.get("sessionId") == self._session]
        stopped = {e["params"]["requestId"] for e in mine if e["params"].get("blockedReason") == "csp"}
        asked = (e["params"] for e in mine if e["method"] == "Network.requestWillBeSent")
        return {p["request"]["url"] for p in asked if p["requestId"] in stopped}

    def close(self) -> None:
        """Close the page."""
        self._browser.call("Target.closeTarget", targetId=self._target)

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._browser.call(method, self._session, **parameters)


def _codes(key: str) -> dict[str, Any]:
    known = {"ArrowLeft": 37, "ArrowRight": 39, "Home": 36, "End": 35, "Tab": 9, "Enter": 13, " ": 32}
    return {"windowsVirtualKeyCode": known.get(key, ord(key.upper()) if len(key) == 1 else 0), "code": key}
