"""What the command line asks for: the claims by name, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from checker.errors import UsageError

if TYPE_CHECKING:
    from proofs.counterexample import Counterexample
    from proofs.kernel import Claim

PROVED, REFUTED, NOT_PROVED = "proved", "refuted", "not proved"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What another solver says of a claim's conditions.

    Attributes
    ----------
    solver : str
        Name and version.
    confirmed, not_asked : int
        Conditions; it is not asked about those outside its theory.
    gave_up : tuple of str
        The others that it has no answer for, each with the reason.
    contradicted : tuple of str
        Those that do not follow, as it says.
    """

    solver: str
    confirmed: int
    not_asked: int
    gave_up: tuple[str, ...]
    contradicted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a claim.

    Attributes
    ----------
    id, statement, go : str
        As the claim says; ``go`` names the function of mheap.go.
    expected, verdict : str
        ``proved`` or ``refuted``; the verdict may also be ``not proved``.
    seconds : float
    solver : str
        Name and version.
    conditions : int
        Verification conditions that were decided.
    detail : str
        The counterexample's values and what it does on the plain heap, or why there is no verdict.
    assumptions : tuple of str
        What the claim takes for granted beyond its premises.
    paths : int
        Through the code, if they were counted.
    vacuous : int
        How many of the conditions are on paths that cannot happen.
    opinions : tuple of Opinion
        Of other solvers, if they were asked.
    shown : Counterexample, optional
        A heap on which a condition of an induction is broken.
    reachable : str
        What the explorer says of that heap, if it was asked.
    """

    id: str
    statement: str
    go: str
    expected: str
    verdict: str
    seconds: float
    solver: str
    conditions: int
    detail: str
    assumptions: tuple[str, ...] = ()
    paths: int = 0
    vacuous: int = 0
    opinions: tuple[Opinion, ...] = ()
    shown: Counterexample | None = None
    reachable: str = ""

    @property
    def ok(self) -> bool:
        """Whether the verdict is the one that was claimed."""
        return self.verdict == self.expected


def identifiers() -> list[str]:
    """The claims there are, by file name, without loading them."""
    return sorted(f.stem for f in (Path(__file__).parent / "claims").glob("*.py") if f.stem != "__init__")


def chosen(selected: Sequence[str] | None = None) -> tuple[str, ...]:
    """The names of these claims, each once; all by default.

    Raises
    ------
    UsageError
        No claim has this name.
    """
    known = identifiers()
    for name in selected or ():
        if name not in known:
            raise UsageError(f"no claim is called {name!r}; there are: {', '.join(known)}")
    return tuple(known if selected is None else dict.fromkeys(selected))


def claims(selected: Sequence[str] | None = None) -> Iterator[Claim]:
    """Load claims.

    Raises
    ------
    UsageError
        No claim has this name.
    """
    for name in chosen(selected):
        claim: Claim = import_module(f"proofs.claims.{name}").CLAIM
        yield claim


def prove(selected: Sequence[str] | None = None) -> list[Result]:
    """Prove the claims of these names, all by default; wrong ones are to be refuted.

    Raises
    ------
    UsageError
        No claim has this name.
    """
    from proofs.kernel import decide

    return [decide(claim)[0] for claim in list(claims(selected))]
