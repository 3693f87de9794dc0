"""The last counterexamples: before anything is searched, each is followed on the present spec.

They lie in the folder of the reports, one for each scope that was violated when it was last verified. One that still
happens is said at once. Its scope is searched all the same: the result of a profile depends on the spec alone, and the
search may know a shorter run by now. Only where the search finds nothing, as within a bound, is the stored run the scope's
result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from checker.check import How
from checker.errors import AssumptionError, SpecEvaluationError, UnreadableInput
from checker.load import Spec
from checker.report.folder import TRACE
from checker.trace.command import explore_command
from checker.trace.trace import Trace
from checker.verify.profile import Entry
from spec.language import ParameterError

HAPPENS, OTHERWISE = "still happens", "something else happens"
GONE, PARTED, UNUSED = "does not happen any more", "cannot be followed to its end", "not followed"


@dataclass(frozen=True, slots=True)
class Last:
    """What became of the last counterexample of a scope.

    Attributes
    ----------
    entry : str
        Name of the scope.
    verdict : str
        `HAPPENS`, `OTHERWISE`, `GONE`, `PARTED` (its steps cannot be taken any more) or `UNUSED`.
    said : str
        What is violated; or why it was not followed to its end.
    trace : Trace or None
        The run, as it violates something now.
    """

    entry: str
    verdict: str
    said: str
    trace: Trace | None = None


def path_of(folder: Path, entry: Entry) -> Path:
    """Where the counterexample of a scope is stored."""
    return folder / f"{entry.stem}.{TRACE}"


def follow(folder: Path, spec: Spec, entry: Entry, how: How, *, strict: bool) -> Last | None:
    """Follow the stored counterexample of a scope, if there is one.

    Raises
    ------
    LanguageError
        The spec is outside the language.
    """
    from checker.cli.traces import machine_for, read_trace
    from checker.trace.again import again, reproduced

    path = path_of(folder, entry)
    if not path.is_file():
        return None
    try:
        trace = read_trace(path)
        other = _unlike(trace, spec, entry, how, strict)
        if other:
            return Last(entry.name, UNUSED, other)
        machine, gone = machine_for(trace, spec, path)
        done = again(machine, trace)
    except (UnreadableInput, AssumptionError, ParameterError, SpecEvaluationError) as e:
        return Last(entry.name, UNUSED, str(e))
    v = done.violation
    if v is None or not _asked(entry, v.property, v.name):
        what = f"{trace.property} {trace.name}: {trace.clause}"
        if done.parting is None:
            return Last(entry.name, GONE, what)
        p = done.parting
        where = f"step {p.step} ({p.thread}) begins at {p.expected}; the thread stands at {p.seen}"
        lost = f"; this spec does not have: {', '.join(gone)}" if gone else ""
        return Last(entry.name, PARTED, f"{what}: {where}{lost}")
    from checker.trace.record import record

    same = trace.spec == spec.digest
    now = record(
        machine,
        v,
        variant=how.variant or "",
        shortest=trace.shortest if same else "not known, it follows the last counterexample",
        order=trace.order,
        seed=trace.seed,
    )
    now = replace(now, cause=trace.cause if same else now.cause)
    now = replace(now, command=explore_command(now, spec=how.spec))
    return Last(entry.name, HAPPENS if reproduced(trace, done) else OTHERWISE, f"{v.property} {v.name}: {v.clause}", now)


def _unlike(trace: Trace, spec: Spec, entry: Entry, how: How, strict: bool) -> str:
    """Why a trace is none of a scope; empty if its own is the same, or smaller as minimising makes it."""
    scope = trace.scope
    pairs: list[tuple[str, object, object]] = [
        ("scenario", scope.scenario, entry.scenario),
        ("atomicity", scope.atomicity, entry.atomicity),
        ("variant", scope.variant or "none", how.variant or "none"),
        ("strict", scope.strict, strict),
    ]
    if scope.scenario == entry.scenario:
        pairs += [("without", " ".join(scope.without), w) for w in entry.without if w not in scope.without]
        pairs += _other_parameters(trace, spec, entry)
    return "; ".join(f"it is of {name} {old}, not {new}" for name, old, new in pairs if old != new)


def _other_parameters(trace: Trace, spec: Spec, entry: Entry) -> Iterator[tuple[str, object, object]]:
    """The parameters that the scope of a trace has otherwise, and that minimising would not have made so."""
    declared = spec.parameters.declared()
    own = {**{k: p.default for k, p in declared.items()}, **spec.scenarios[entry.scenario].parameters}
    own |= {k: spec.parameters.parse(k, text) for k, text in entry.settings}
    free = spec.real_order.parameter if spec.real_order is not None else ""
    for name, value in trace.scope.parameters:
        if name in declared and name != free:
            old = spec.parameters.parse(name, str(value))
            if old != own[name] and not (declared[name].size and old < own[name]):
                yield f"parameter {name}", value, spec.parameters.in_words({name: own[name]})[name]


def _asked(entry: Entry, id: str, name: str) -> bool:
    return not entry.properties or id in ("P6", "P26") or id in entry.properties or name in entry.properties
