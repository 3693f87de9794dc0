"""What the kernel is told about a run, and whom it tells how far it is."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from pathlib import Path


def _found(digest: str) -> None:
    pass


def _progress(done: int, total: int, by: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Work:
    """How to decide a claim.

    Attributes
    ----------
    known : container of str
        Digests of queries that are known to be unsatisfiable.
    found : callable
        Told the digest of each query that is found unsatisfiable, or is known to be.
    progress : callable
        Told how many conditions of how many are decided, and by whom.
    solvers : tuple of str
        Names in `proofs.confirming.solvers.SOLVERS`: they are to confirm what z3 proves.
    export : Path, optional
        The folder to write each condition's query to.
    """

    known: Container[str] = frozenset()
    found: Callable[[str], None] = _found
    progress: Callable[[int, int, str], None] = _progress
    solvers: tuple[str, ...] = ()
    export: Path | None = None
