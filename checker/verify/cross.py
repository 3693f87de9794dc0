"""Cross-check: a small scope is searched again by the reference engine, as it was and without reductions.

The reference must find the same states level by level. Without reductions there are more states, some of them deeper, but
their canonical forms are those of the search, and no violation or property may come out otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checker.check import PYTHON, Check, How, search_of
from checker.lowering.machine import Machine
from checker.reduce.quotient import quotient
from checker.search.breadth_first import Limits
from checker.search.check_liveness import check_liveness
from checker.search.outcome import Outcome

SAME, DIFFERENT, LEFT_OUT = "the same", "different", "not searched again"

UNREDUCED = 10
"""Without reductions a scope may have this many times as many states."""

Made = Callable[[Sequence[str] | None], Machine]


@dataclass(frozen=True, slots=True)
class Cross:
    """What became of it.

    Attributes
    ----------
    facts : dict
        For the result object.
    differences : tuple of str
        What the searches disagree on.
    """

    facts: dict[str, Any]
    differences: tuple[str, ...]


def cross_check(make: Made, limits: Limits, how: How, done: Check, machine: Machine, most: int) -> Cross:
    """Search again what was searched.

    Parameters
    ----------
    make : callable
        Makes the machine of the scope anew, with some reductions or with all (None).
    limits, how
        As it was searched.
    done, machine
        What was found, by the machine that the counters are in.
    most : int
        States beyond which nothing is searched again.
    """
    if done.outcome.states > most or done.outcome.stopped:
        why = f"more than {most:,} states" if done.outcome.states > most else "it was stopped"
        return Cross({"verdict": LEFT_OUT, "reference": why, "unreduced": why}, ())
    facts: dict[str, Any] = {"verdict": SAME, "reference": "the same engine"}
    differences: list[str] = []
    if how.engine != PYTHON:
        again = make(how.reductions)
        out = _searched(again, limits, how)
        differences += _compared("reference", {**_counts(done.outcome), **_verdicts(done.outcome, machine)}, out, again)
        facts["reference"] = "the same"
    if not machine.canonical.reductions:
        facts["unreduced"] = "nothing was reduced"
    else:
        facts["unreduced"], more = _unreduced(make, limits, how, done.outcome, machine, most * UNREDUCED)
        differences += more
    if differences:
        facts.update(verdict=DIFFERENT, differences=differences)
    return Cross(facts, tuple(differences))


def _unreduced(make: Made, limits: Limits, how: How, out: Outcome, machine: Machine, most: int) -> tuple[str, list[str]]:
    """The search without reductions: in words, and where it differs."""
    plain = make(())
    again = _searched(plain, replace(limits, states=most), replace(how, reductions=()))
    if again.stopped:
        return f"not compared: more than {most:,} states", []
    expected = _verdicts(out, machine)
    # Among the states of one form some lie deeper, so that a bound may cut off others than it did.
    left_out = () if out.violations else ("depth",) if limits.depth is None else ("depth", "exhaustive", "decided", "verdict")
    differences = _compared("unreduced", {k: v for k, v in expected.items() if k not in left_out}, again, plain)
    if not out.violations and not again.violations:
        same = quotient(make(()), make(how.reductions), limits.depth)
        if not same.exact:
            differences.append(f"forms of states: {same.missing} are missing, {same.extra} are unknown (unreduced)")
    return f"the same, in {again.states:,} states", differences


def _searched(machine: Machine, limits: Limits, how: How) -> Outcome:
    outcome = search_of(machine, limits, replace(how, engine=PYTHON)).run()
    if how.liveness and (how.go_on or not outcome.violations):
        check_liveness(machine, outcome, limits, reductions=how.reductions)
    return outcome


def _counts(out: Outcome) -> dict[str, Any]:
    return {"states": out.states, "transitions": out.transitions, "levels": out.levels}


def _verdicts(out: Outcome, machine: Machine) -> dict[str, Any]:
    """What no engine or reduction may change."""
    properties = zip(machine.properties, machine.antecedents, strict=True)
    return {
        "verdict": out.verdict,
        "exhaustive": out.exhaustive,
        "depth": out.depth,
        "violations": sorted((v.property, v.name, v.clause, -1 if v.exit == 13 else len(v.schedule)) for v in out.violations),
        "decided": sorted((id, name, said) for (id, name), said in out.decided.items()),
        "antecedents met": sorted({(p.id, p.name) for p, n in properties if n and p.kind not in ("liveness", "reachable")}),
        "known findings": sorted(f.id for f, n in zip(machine.findings, machine.explained, strict=True) if n),
    }


def _compared(other: str, expected: dict[str, Any], out: Outcome, machine: Machine) -> list[str]:
    seen = {**_counts(out), **_verdicts(out, machine)}
    return [f"{what}: {old!r}, but {seen[what]!r} ({other})" for what, old in expected.items() if seen[what] != old]
