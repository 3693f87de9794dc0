"""What the tests of claims about arithmetic share: deciding a problem on its own."""

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
