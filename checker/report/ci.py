"""What all reports for CI say of a check, each thing in one line of text that is inert on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.report.checked import Checked
from checker.report.style import inert, inert_line
from checker.report.trace_text import VERDICTS
from checker.trace.trace import Change, Pairs, Trace, TraceStep

LONGEST = 2000
"""Characters of a sentence that are shown."""

_HOLDS = frozenset(("ok", "known finding"))


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file; the file is relative to the folder that holds the spec's folder."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A violation, and its run where that is known."""

    id: str
    name: str
    clause: str
    witness: Pairs
    exit: int
    steps: int
    trace: Trace | None

    @property
    def kind(self) -> str:
        """The kind of violation that its exit code stands for."""
        return VERDICTS.get(self.exit, "violation")

    @property
    def title(self) -> str:
        """The property."""
        return f"{inert(self.id)} {inert(self.name)}"

    @property
    def what(self) -> str:
        """The failed clause and the values that make it false."""
        said = ", ".join(f"{inert(k)}={inert(v)}" for k, v in self.witness)
        return line(inert(self.clause) + (f" ({said})" if said else ""))

    @property
    def cause(self) -> str:
        """Why it failed, in a sentence; empty if that is not known."""
        said = "" if self.trace is None or self.trace.cause is None else line(self.trace.cause.sentence)
        return said[:1].upper() + said[1:]

    @property
    def at(self) -> Place | None:
        """Where it is best shown: the place of a throw, the clause, where the first thread waits, or the last step."""
        t = self.trace
        if t is None:
            return None
        waits = [w.source for w in t.stuck]
        return first_place([t.place, t.definition, *waits, *(s.source for s in t.steps[-1:])])


def failures(checked: Checked) -> list[Failure]:
    """The violations, the one to report first first; those whose run is not at hand come last."""
    shown = [
        Failure(t.property, t.name, t.clause, () if t.stuck else t.witness, t.exit, len(t.steps), t)
        for t in checked.traces
        if t.exit
    ]
    known = {(f.id, f.name, f.clause) for f in shown}
    return shown + [
        Failure(v["property"], v["name"], v["clause"], tuple(v["witness"].items()), v["exit"], v["steps"], None)
        for v in checked.result["violations"]
        if (v["property"], v["name"], v["clause"]) not in known
    ]


def undecided(result: Mapping[str, Any]) -> str:
    """Why a check says less than was asked; empty if it says it all."""
    if result["verdict"] in ("ok", "violation") and not result["stopped"]:
        return ""
    why = f"stopped by {line(result['stopped'])}" if result["stopped"] else f"ended with exit code {result['exit']}"
    nothing = "" if result["violations"] else f"; nothing was found to depth {result['depth']}"
    return why + nothing


def vacuous(checked: Sequence[Checked]) -> list[str]:
    """The properties that hold only because what they speak about happened nowhere in all these scenarios."""
    idle: dict[tuple[str, str], bool] = {}
    for row in (row for c in checked for row in c.result["properties"]):
        if row["verdict"] in _HOLDS or row["antecedent_reached"]:
            key = row["id"], row["name"]
            idle[key] = idle.get(key, True) and not row["antecedent_reached"]
    return [f"{inert(id)} {inert(name)}" for (id, name), never in idle.items() if never]


def findings(checked: Sequence[Checked]) -> list[tuple[Mapping[str, Any], list[str]]]:
    """Each known finding that was seen, and the names of the checks that saw it."""
    seen: dict[str, tuple[Mapping[str, Any], list[str]]] = {}
    for c in checked:
        for f in c.result["known_findings"]:
            seen.setdefault(f["id"], (f, []))[1].append(inert(c.name))
    return list(seen.values())


def threads_of(trace: Trace) -> list[str]:
    """The threads that take steps, in the order of the scope."""
    taking = dict.fromkeys(s.thread for s in trace.steps)
    known = [t for t in dict.fromkeys(trace.scope.threads) if t in taking]
    return known + [t for t in taking if t not in known]


def call(s: TraceStep) -> str:
    """The call that a step is about, with its result or what the thread does at its end."""
    args = ", ".join(f"{inert(k)}={inert(v)}" for k, v in s.args)
    said = f"{inert(s.action)}({args})"
    if s.thrown:
        return line(f"{said} throws: {inert(s.thrown)}")
    if s.result is not None:
        return line(f"{said} = {inert(s.result)}")
    return line(said) + {"acquire": " ... waits for the lock", "released": " ... has given the lock back"}.get(s.ends_at, "")


def shown(s: TraceStep) -> list[Change]:
    """The changes of a step but those of the observer."""
    return [c for c in s.changed if not c.ghost]


def change(c: Change) -> str:
    """A change."""
    return f"{inert(c.cell)}: {inert(c.before)} -> {inert(c.after)}"


def first_place(sources: Iterable[str]) -> Place | None:
    """The first of some texts that is ``file:line``, as a place; no absolute path or way out of the folder is left in it."""
    for source in sources:
        file, _, number = source.rpartition(":")
        path = "/".join(part for part in file.split("/") if part not in ("", ".", ".."))
        if path and number.isascii() and number.isdigit() and len(number) < 10 and int(number):
            return Place(line(path), int(number))
    return None


def line(text: object) -> str:
    """A sentence as one line without control characters, cut if it is very long."""
    said = str(text)
    return inert_line(said if len(said) <= LONGEST else said[: LONGEST - 1] + "…")
