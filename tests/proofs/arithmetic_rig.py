"""What the tests of claims about arithmetic share: deciding claims, and problems that are none."""

from __future__ import annotations

from collections.abc import Callable

import proofs
from proofs.kernel import Claim, Problem, decide
from proofs.results import Result


def named(prefix: str) -> list[str]:
    """The claims whose names begin so."""
    return [c for c in proofs.identifiers() if c.startswith(prefix)]


def verdict(build: Callable[[], Problem], expected: str = "proved") -> Result:
    """What becomes of a problem."""
    return decide(Claim("c", "A statement.", "mheap.go:x", "a.b", build, expected))[0]


def holds_as_stated(name: str) -> None:
    """Demand of a claim that it has the verdict that it states, and at least one condition."""
    (result,) = proofs.prove([name])
    assert result.ok, result.detail
    assert result.conditions > 0, "a claim without conditions"


def is_refused(build: Callable[[], Problem]) -> None:
    """Demand that a problem is not proved, because a condition does not follow."""
    result = verdict(build)
    assert result.verdict == "not proved", result.detail
    assert "does not follow" in result.detail, result.detail
