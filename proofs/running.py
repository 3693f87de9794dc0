"""Running many claims: each in a process of its own, several at a time, and none whose result is known."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proofs import cache, sources
from proofs.confirming.ask import environment
from proofs.counterexample import Counterexample
from proofs.results import NOT_PROVED, PROVED, Opinion, Result

EVERY = 0.25
"""Seconds between reports of progress."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to do.

    Attributes
    ----------
    claims : tuple of str
        Their names.
    jobs : int
        Processes at a time.
    solvers : tuple of str
        That are to confirm what z3 proves.
    export : Path, optional
        The folder to write each condition's query to.
    cached : bool
        Use and keep what is known from earlier runs.
    """

    claims: tuple[str, ...]
    jobs: int = 1
    solvers: tuple[str, ...] = ()
    export: Path | None = None
    cached: bool = True


@dataclass(slots=True)
class Running:
    """A claim that is being decided.

    Attributes
    ----------
    claim : str
    done, total : int
        Conditions.
    by : str
        The solvers that are asked at the moment.
    """

    claim: str
    done: int = 0
    total: int = 0
    by: str = ""
    _process: subprocess.Popen[bytes] = field(kw_only=True)
    _history: cache.History = field(kw_only=True)
    _began: float = field(default_factory=time.monotonic)
    _rest: bytes = b""
    _about: dict[str, Any] = field(default_factory=dict)
    _result: Result | None = None
    _unsat: dict[str, None] = field(default_factory=dict)

    @property
    def output(self) -> int:
        """Where its messages come from."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def read(self) -> bool:
        """Take in messages; returns whether the process goes on."""
        data = os.read(self.output, 1 << 16)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            kind, content = json.loads(line)
            if kind == "unsat":
                self._unsat[content] = None
            elif kind == "progress":
                self.done, self.total, self.by = content
            elif kind == "claim":
                self._about = content
            elif kind == "result":
                content["opinions"] = tuple(Opinion(**o) for o in content["opinions"])
                content["shown"] = Counterexample.restored(content["shown"]) if content["shown"] else None
                self._result = Result(**content)
            else:
                self._result = self._failed(content)
        return bool(data)

    def result(self) -> Result:
        """What became of the claim, when its process has ended."""
        code = self._process.wait()
        self.end()
        if self._result is not None:
            return self._result
        how = f"signal {-code} ({signal.strsignal(-code)})" if code < 0 else f"exit code {code}"
        return self._failed(f"its process ended with {how} before there was a verdict")

    def end(self) -> None:
        """End the process and all that it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def keep(self) -> None:
        """Keep what was found out so far; what the earlier runs knew is kept behind it."""
        seconds = self._history.seconds if self._result is None else self._result.seconds
        unsat = dict.fromkeys([*self._unsat, *self._history.unsat])
        cache.keep_history(self.claim, cache.History(seconds, tuple(unsat)))

    def _failed(self, detail: str) -> Result:
        about = {"statement": "", "go": "", "expected": PROVED, **self._about}
        about["assumptions"] = tuple(about.get("assumptions", ()))
        seconds = time.monotonic() - self._began
        return Result(id=self.claim, verdict=NOT_PROVED, seconds=seconds, solver="", conditions=0, detail=detail, **about)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def start(claim: str, wanted: Wanted, history: cache.History) -> Running:
    """Start deciding a claim."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "proofs.working"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
        process_group=0,
    )
    request = {
        "claim": claim,
        "known": history.unsat if wanted.cached else (),
        "solvers": wanted.solvers,
        "export": wanted.export and str(wanted.export.absolute()),
    }
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # it ended at once; its exit code says how
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
    return Running(claim, _process=process, _history=history)


def run(wanted: Wanted, tell: Callable[[int, Sequence[Running]], None]) -> Generator[tuple[Result, bool]]:
    """Decide the claims; gives each result, and whether it was known, in the order of the claims as soon as it can.

    Parameters
    ----------
    wanted : Wanted
    tell : callable
        Told several times a second how many claims are decided, and which are being decided.
    """
    keys = {c: cache.key(c, wanted.solvers) for c in wanted.claims} if wanted.cached else {}
    found: dict[str, tuple[Result, bool]] = {}
    if wanted.export is None:
        found = {c: (r, True) for c, k in keys.items() if (r := cache.result(k)) is not None}
    histories = {c: cache.history(c) if wanted.cached else cache.History() for c in wanted.claims if c not in found}
    waiting = sorted(histories, key=lambda c: (_weight(c, histories[c]), c))
    running: list[Running] = []
    with selectors.DefaultSelector() as selector:
        try:
            for claim in wanted.claims:
                while claim not in found:
                    while waiting and len(running) < wanted.jobs:
                        running.append(start(waiting[-1], wanted, histories[waiting.pop()]))
                        selector.register(running[-1].output, selectors.EVENT_READ, running[-1])
                    tell(len(found), running)
                    for event, _ in selector.select(EVERY):
                        one = event.data
                        if not one.read():
                            selector.unregister(one.output)
                            running.remove(one)
                            found[one.claim] = one.result(), False
                            if wanted.cached:
                                one.keep()
                                cache.keep(keys[one.claim], found[one.claim][0])
                yield found[claim]
        finally:
            for one in running:
                one.end()
                if wanted.cached:
                    one.keep()


def _weight(claim: str, history: cache.History) -> float:
    """Seconds that the claim took, or takes as it says."""
    if history.seconds is not None:
        return history.seconds
    return sources.read(sources.ROOT / "proofs" / "claims" / f"{claim}.py").weight
