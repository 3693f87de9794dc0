"""The result objects of a profile's scopes, also of those that came to nothing."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from checker.check import How
from checker.errors import AssumptionError
from checker.load import Spec
from checker.trace.document import document
from checker.trace.trace import Trace
from checker.verify.profile import Entry, Profile
from spec.language import ParameterError

SEARCH, LAST = "search", "last counterexample"


def values_of(spec: Spec, entry: Entry, profile: Profile) -> dict[str, int]:
    """The parameters that a scope sets, checked together with the scenario's.

    Raises
    ------
    AssumptionError
        One of them is unknown or out of range, or together they break an assumption.
    """
    try:
        values = {name: spec.parameters.parse(name, text) for name, text in entry.settings}
        spec.parameters.reset({**spec.scenarios[entry.scenario].parameters, **values})
    except ParameterError as e:
        raise AssumptionError(f"{entry.name} (profile {profile.name}, {profile.source}): {e}") from e
    return values


def blank(spec: Spec, entry: Entry, how: How, *, strict: bool, verdict: str, exit: int, stopped: str) -> dict[str, Any]:
    """The result of a scope in which nothing is known, with all keys that `checker.report.result` has."""
    values = {name: spec.parameters.parse(name, text) for name, text in entry.settings}
    own = {k: p.default for k, p in spec.parameters.declared().items()}
    return {
        "verdict": verdict,
        "exit": exit,
        "scenario": entry.scenario,
        "without": list(entry.without),
        "parameters": spec.parameters.in_words({**own, **spec.scenarios[entry.scenario].parameters, **values}),
        "atomicity": entry.atomicity,
        "engine": how.engine,
        "jobs": 0,
        "storage": how.storage,
        "exhaustive": False,
        "depth": 0,
        "states": 0,
        "transitions": 0,
        "levels": [],
        "omission_probability": 0.0,
        "stopped": stopped,
        "seconds": {"total": 0.0, "compile": 0.0, "search": 0.0},
        "states_per_second": 0,
        "peak_memory_bytes": 0,
        "search_memory_bytes": 0,
        "reductions": [],
        "lock_cycles": [],
        "strict": strict,
        "known_findings": [],
        "landmarks": {},
        "coverage": [],
        "unreached": [],
        "properties": [],
        "liveness": None,
        "violations": [],
        "counterexample": None,
        "variant": how.variant,
    }


def with_last(found: Mapping[str, Any], trace: Trace) -> dict[str, Any]:
    """A result without a violation, and the last counterexample, which still happens."""
    shown = {
        "property": trace.property,
        "name": trace.name,
        "clause": trace.clause,
        "witness": dict(trace.witness),
        "exit": trace.exit,
        "steps": len(trace.steps),
    }
    rows = [
        {**p, "verdict": "violated", "antecedent_reached": True, "witness": dict(trace.witness)}
        if (p["id"], p["name"]) == (trace.property, trace.name)
        else p
        for p in found["properties"]
    ]
    return {
        **found,
        "verdict": "violation",
        "exit": trace.exit,
        "properties": rows,
        "violations": [shown],
        "counterexample": document(trace),
        "found_by": LAST,
    }


def entry_command(entry: Entry, how: How, *, strict: bool) -> str:
    """The command that checks one scope alone, whatever the configuration says elsewhere."""
    words = ["checker", "explore", "--scenario", entry.scenario, "--atomicity", entry.atomicity]
    options = (
        ("--spec", how.spec),
        ("--variant", how.variant),
        ("--depth", entry.depth),
        ("--max-states", entry.max_states),
    )
    for option, value in options:
        words += [option, str(value)] if value is not None else []
    for key, text in entry.settings:
        words += ["--set", f"{key}={text}"]
    for option, names in (("--without", entry.without), ("--property", entry.properties)):
        for name in names:
            words += [option, name]
    return shlex.join(words + (["--strict"] if strict else []))


def replay_command(path: str, how: How) -> str:
    """The command that follows a stored counterexample again."""
    return shlex.join(["checker", "replay", path, *(["--spec", how.spec] if how.spec else [])])


def exit_of(codes: Mapping[str, list[int]], *, gates_met: bool) -> tuple[str, int]:
    """Verdict and exit code of the whole, from the exit codes of the scopes by their verdicts.

    The lowest code of a violation; else an error's; else an interrupt's; else 20; else 22; else 0.
    """
    for verdict in ("violation", "error"):
        if codes.get(verdict):
            return verdict, min(codes[verdict])
    if codes.get("incomplete"):
        return "incomplete", max(codes["incomplete"])
    return ("ok", 0) if gates_met else ("gate", 22)
