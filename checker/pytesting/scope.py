"""One scope checked within a test: what it found, where it is stored, and what a failed test says of it."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from checker.check import How
from checker.load import Spec
from checker.report.checked import Checked
from checker.report.ci import failures, line
from checker.report.style import Style, inert
from checker.report.trace_text import trace_text
from checker.verify.files import keep
from checker.verify.last import path_of
from checker.verify.listener import Listener
from checker.verify.profile import Profile
from checker.verify.rows import replay_command
from checker.verify.run import Wanted, verify
from checker.verify.text import verdict_of


@dataclass(frozen=True, slots=True)
class CheckedScope:
    """A scope that was checked.

    Attributes
    ----------
    result : dict
        As `checker.report.result` has it.
    text : str
        What was found, and the whole counterexample; empty if nothing is wrong.
    replay : str
        The command that follows the counterexample again; empty if there is none.
    """

    result: dict[str, Any]
    text: str
    replay: str


def check_scope(
    item: pytest.Item,
    spec: Spec,
    profile: Profile,
    how: How,
    *,
    strict: bool,
    memory: int | None = None,
) -> CheckedScope:
    """Check the one scope of a profile, and note its figures for JUnit."""
    (entry,) = profile.entries
    wanted = Wanted(how=how, strict=strict, memory=memory)
    (checked,) = verify(spec, profile, wanted, Listener()).checked
    found = dict(checked.result)
    facts = {"states": found["states"], "depth": found["depth"], "exhaustive": found["exhaustive"], "spec": spec.digest}
    item.user_properties += facts.items()
    replay, out = "", item.config.getoption("checker_out")
    folder = None if out is None else out / _stem(item)
    if folder is not None or checked.traces:
        folder = folder or temporary(item.config)
        keep(folder, entry, checked)
    if folder is not None and checked.traces:
        path = str(path_of(folder, entry))
        replay, found["counterexample"]["itf"] = replay_command(path, how), path
    return CheckedScope(found, "" if found["verdict"] == "ok" else text_of(checked), replay)


def _stem(item: pytest.Item) -> str:
    """A folder's name for a test, whatever its own name is."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in item.name)[:60]
    return f"{plain}-{hashlib.sha256(item.nodeid.encode()).hexdigest()[:8]}"


def text_of(checked: Checked) -> str:
    """What is wrong with a scope."""
    r = checked.result
    out = [f"{inert(checked.name)}: {verdict_of(r)}"]
    out += [f"stopped by {line(r['stopped'])}"] if r["stopped"] else []
    out += [f"violated: {f.title}: {f.what}" for f in failures(checked) if f.trace is None]
    for trace in checked.traces:
        out += ["", *trace_text(trace, Style())]
    return "\n".join(out)


def temporary(config: pytest.Config) -> Path:
    """A new folder among those that pytest makes for tests."""
    factory = getattr(config, "_tmp_path_factory", None)
    if isinstance(factory, pytest.TempPathFactory):
        return factory.mktemp("checker")
    return Path(tempfile.mkdtemp(prefix="checker-"))  # -p no:tmpdir


def jobs_of(config: pytest.Config) -> int | None:
    """Workers of a search: one where pytest-xdist has several processes already."""
    return 1 if hasattr(config, "workerinput") else None
