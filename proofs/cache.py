"""What is known of claims from earlier runs, in the same folder as compiled code.

A result is kept under a hash of all that it depends on: the claim's sources, the spec, the solvers. Beside it, under
the claim's name, are the digests of its queries that were found unsatisfiable, each a hash of the query's text and the
solver: when sources change, only the queries that change are asked again. Both are JSON. Nothing else is believed:
that something is satisfiable is always shown again, and a claim that failed is always tried again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from checker.native import cache
from proofs import sources
from proofs.confirming.solvers import SOLVERS
from proofs.results import Opinion, Result

LAYOUT = "1"
"""Of the files with digests; those with results have this file among what their name depends on."""
MOST = 20_000
"""Digests that are kept of a claim, the newest first."""


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a claim whose sources may have changed.

    Attributes
    ----------
    seconds : float or None
        What it took the last time.
    unsat : tuple of str
        Digests of queries.
    """

    seconds: float | None = None
    unsat: tuple[str, ...] = ()


def key(claim: str, solvers: Iterable[str]) -> str:
    """The name of a claim's result: it depends on the sources and on the solvers."""
    parts: list[str | bytes] = ["result", claim, sys.version, f"z3 {version('z3-solver')}"]
    parts += [SOLVERS[s].described for s in solvers]
    for source in sources.of_claim(claim):
        parts += [str(source.path.relative_to(sources.ROOT)), source.text]
    return cache.name_of(*parts)


def result(name: str) -> Result | None:
    """The result that is kept under a name, if there is one."""
    found = _read(name)
    try:
        opinions = tuple(
            Opinion(o["solver"], o["confirmed"], o["not_asked"], tuple(o["gave_up"]), tuple(o["contradicted"]))
            for o in found.pop("opinions")
        )
        kept = Result(**{**found, "assumptions": tuple(found["assumptions"]), "opinions": opinions})
    except (AttributeError, KeyError, TypeError):
        return None
    return kept if kept.ok else None


def keep(name: str, value: Result) -> None:
    """Keep a result, unless it may be another one the next time."""
    if value.ok:
        _write(name, asdict(value))


def history(claim: str) -> History:
    """What is known of a claim."""
    found = _read(_history(claim))
    try:
        return History(float(found["seconds"]), tuple(str(d) for d in found["unsat"]))
    except (KeyError, TypeError, ValueError):
        return History()


def keep_history(claim: str, now: History) -> None:
    """Keep what is known of a claim."""
    _write(_history(claim), {"seconds": now.seconds, "unsat": list(now.unsat[:MOST])})


def _history(claim: str) -> str:
    return cache.name_of("queries", LAYOUT, claim)


def _read(name: str) -> Any:
    data = cache.read(name)
    try:
        return None if data is None else json.loads(data)
    except ValueError:
        return None


def _write(name: str, content: dict[str, Any]) -> None:
    cache.write(name, json.dumps(content).encode())
