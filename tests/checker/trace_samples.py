"""Real traces of every kind, and one in which every string is hostile, for the tests of reports."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from checker.load import load
from checker.lowering.machine import Machine
from checker.report.result import result
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.check_liveness import check_liveness
from checker.trace.record import record
from checker.trace.trace import Minimised, Need, Reduction, Trace
from spec.language import Edit

SPECS = Path(__file__).parent / "specs"

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]><!-- --><![CDATA[",
    "%0A::error::owned",
    "\n::error file=a,line=1::owned\r\n##[error]owned",
    "\r\n\r\n# [x](http://evil.example) ![y](http://evil.example/y.png) www.evil.example @everyone #1 :tada:",
    "| a | b |\n|---|---|\n",
    "```\n~~~\n````mermaid\n",
    "</details></code></pre><details open>",
    "\x00\x07\x1b[31m\x1b]0;t\x07\x7f\x85\u2028\u202e\ud800\ufffe",
    "end\nloop #35; ;:%%{init: {}}%% Note over t0: x\n",
    "[click](1) {0} {{1}} \\[x\\](javascript:alert(1)) $$x$$ ${{ x }}",
    "&lt;b&gt; &#60; &amp;amp; 'quoted' \"quoted\"",
    "C:\\x\\..\\..\\/../../etc/passwd ",
    "very long " * 2000,
)
"""What a user's spec may call things."""


@cache
def sample(variant: str) -> Trace:
    """The trace of a known bug."""
    return checked_sample(variant)[1]


@cache
def checked_sample(variant: str) -> tuple[dict[str, Any], Trace]:
    """The result of the search for a known bug, and its trace."""
    v = load().variants[variant]
    spec = load(None, v.edits)
    return _search(Machine(spec, spec.scenarios[v.scenario], v.parameters, atomicity=v.atomicity), variant)


@cache
def litmus(folder: str, scenario: str) -> tuple[dict[str, Any], Trace]:
    """The result and the trace of a scenario under tests/checker/specs.

    ``liveness circle`` is a deadlock; ``liveness neglect`` a loop of steps, ``liveness ending`` a state that lasts for
    ever.
    """
    spec = load(SPECS / folder)
    return _search(Machine(spec, spec.scenarios[scenario], {}))


@cache
def throw() -> tuple[dict[str, Any], Trace]:
    """The result and the trace of a throw of the heap: it frees a span whose state it does not know."""
    spec = load(None, (Edit("grow.grow", "    s.state = IN_USE\n", "    s.state = 2\n"),))
    return _search(Machine(spec, spec.scenarios["quick"], {}, properties=[]))


def _search(machine: Machine, variant: str = "") -> tuple[dict[str, Any], Trace]:
    outcome = BreadthFirst(machine, Limits()).run()
    if not outcome.violations:
        check_liveness(machine, outcome, Limits())
    trace = record(machine, outcome.violations[0], variant=variant)
    return result(machine, outcome, {"total": 0.0, "compile": 0.0}, strict=False), trace


def minimised(trace: Trace) -> Trace:
    """The trace as the minimiser would hand it on: sizes before and after, and what each step is needed for."""
    needs = tuple(Need(s.index, s.index % 2 == 1, "without it the clause holds" * (s.index % 2)) for s in trace.steps)
    cause = None if trace.cause is None else replace(trace.cause, needs=needs)
    sizes = (Reduction("steps", 41, len(trace.steps)), Reduction("threads", 3, 1))
    return replace(trace, cause=cause, minimised=Minimised(sizes, 12, 3456, True, ""))


@cache
def hostile() -> Trace:
    """A trace in which every string holds hostile text; equal strings stay equal."""
    return cast(Trace, spoiled(replace(minimised(sample("B08")), command="checker explore")))


def spoiled(thing: Any, known: dict[str, str] | None = None) -> Any:
    """The same with hostile text before or after every string; other values are left alone."""
    known = {} if known is None else known
    if isinstance(thing, str):
        bad = HOSTILE[len(known) % len(HOSTILE)]
        return known.setdefault(thing, thing + bad if len(known) % 2 else bad + thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        return replace(thing, **{f.name: spoiled(getattr(thing, f.name), known) for f in fields(thing)})
    if isinstance(thing, (tuple, list)):
        return type(thing)(spoiled(x, known) for x in thing)
    if isinstance(thing, frozenset):
        return frozenset(spoiled(x, known) for x in sorted(thing))
    if isinstance(thing, dict):
        return {k: spoiled(v, known) for k, v in thing.items()}
    return thing


def spoiled_result(result: dict[str, Any]) -> dict[str, Any]:
    """A result in which every string is hostile but the words of its contract."""
    bad = spoiled({k: v for k, v in result.items() if k not in ("verdict", "counterexample")})
    bad["properties"] = [{**b, "verdict": r["verdict"]} for b, r in zip(bad["properties"], result["properties"], strict=True)]
    bad["parameters"] = {spoiled(k): spoiled(v) for k, v in result["parameters"].items()}
    return {**bad, "verdict": result["verdict"], "counterexample": None}
