"""Gates: what must have been looked at for "no violation" to mean much.

- ``vacuity``: every property that some scope decides has met what it speaks about in some scope;
- ``findings``: every known finding whose scope is among those of the profile was seen again;
- ``coverage=N``: at least N percent of the branches and scheduling points that the threads can get to were reached. What
  the spec declares as unreached is left aside, and a branch that was missed counts once, whatever stands in it.

A gate that holds may be said to hold whatever else went wrong. One that does not is judged only if all scopes came to
their end, because the rest might have met it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.load import Spec
from checker.report.reach import Entry as Reached
from checker.report.reach import Reach
from checker.verify.profile import Entry
from spec.language import Finding, Property

VACUITY, FINDINGS, COVERAGE = "vacuity", "findings", "coverage"
MET, MISSED, OPEN = "met", "not met", "not judged"
_THROWS = ("P6", "P26")


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate that was asked for; ``least`` is the percentage of `COVERAGE`."""

    kind: str
    least: int = 0

    def __str__(self) -> str:
        return f"{self.kind}={self.least}" if self.kind == COVERAGE else self.kind


Row = Mapping[str, Any]
Rows = Sequence[tuple[Entry, Row]]


def judged(gate: Gate, spec: Spec, rows: Rows, reach: Reach) -> dict[str, Any]:
    """The object of a gate: its name, its verdict, and what is missing.

    Parameters
    ----------
    gate : Gate
    spec : Spec
    rows : sequence of Entry and result
    reach : Reach
        Of all scopes together.
    """
    more: dict[str, Any] = {}
    if gate.kind == COVERAGE:
        share, missed = _coverage(spec, reach)
        more["percent"], good = round(share, 1), share >= gate.least
        missing = [f"{e.function} line {e.line}: {e.text}" for e in missed]
    elif gate.kind == FINDINGS:
        due, missing = _findings(spec, rows)
        more["not_looked_for"] = [f.id for f in spec.findings.values() if f not in due]
        good = not missing
    else:
        missing = vacuous(spec, rows)
        good = not missing
    complete = all(row["verdict"] == "ok" for _, row in rows)
    return {"gate": str(gate), "verdict": MET if good else MISSED if complete else OPEN, **more, "missing": missing}


def vacuous(spec: Spec, rows: Rows) -> list[str]:
    """The properties that some scope decides, and whose antecedent was met in none."""
    met: dict[tuple[str, str], bool] = {}
    kinds = {(p.id, p.name): p for p in spec.properties}
    for entry, row in rows:
        for p in row["properties"]:
            key = p["id"], p["name"]
            if p["antecedent_reached"] or _decides(spec, entry, p["id"], kinds.get(key)):
                met[key] = met.get(key, False) or bool(p["antecedent_reached"])
    return [f"{id} {name}" for (id, name), reached in met.items() if not reached]


def _decides(spec: Spec, entry: Entry, id: str, declared: Property | None) -> bool:
    """Whether a scope is meant to decide a property: it is asked for by name, or the scenario says so or says nothing."""
    scenario = spec.scenarios[entry.scenario]
    if declared is None:
        return id in _THROWS
    if declared.kind == "liveness":
        return entry.liveness and (bool(entry.properties) or id in scenario.liveness)
    if entry.properties or declared.kind == "reachable":
        return bool(entry.properties) or id in scenario.decides
    return not scenario.decides or id in scenario.decides


def _findings(spec: Spec, rows: Rows) -> tuple[list[Finding], list[str]]:
    """The findings to be seen again, and those that were not seen."""
    seen = {f["id"] for _, row in rows for f in row["known_findings"]}
    due = [f for f in spec.findings.values() if f.id in seen or any(_shows(spec, e, row, f) for e, row in rows)]
    return due, [f"{f.id} {f.title}" for f in due if f.id not in seen]


def _shows(spec: Spec, entry: Entry, row: Row, f: Finding) -> bool:
    """Whether a scope is the one in which a finding was declared, and goes as deep."""
    if (entry.scenario, entry.atomicity, entry.without) != (f.scenario, f.atomicity, ()):
        return False
    own = {k: p.default for k, p in spec.parameters.declared().items()}
    wanted = {**own, **spec.scenarios[f.scenario].parameters, **f.parameters}
    if row["parameters"] != spec.parameters.in_words(wanted):
        return False
    named = [p for p in spec.properties if p.id == f.property]
    chosen = not entry.properties or any(x in entry.properties for p in named for x in (p.id, p.name))
    return chosen and (entry.depth is None or entry.depth >= f.depth)


def _coverage(spec: Spec, reach: Reach) -> tuple[float, list[Reached]]:
    """The percentage that was reached, and what was not."""
    missed = reach.explain(spec.unreached).unexplained
    reached = len(reach.reached())
    return 100 * reached / max(reached + len(missed), 1), missed
