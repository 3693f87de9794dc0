"""The solvers that may confirm, and whether they are there."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable
from dataclasses import dataclass

from checker.errors import UsageError

DECIDES = "z3"
EXTRA = "solvers"
"""The optional extra of the distribution that brings them."""


@dataclass(frozen=True, slots=True)
class Solver:
    """A solver besides z3.

    Attributes
    ----------
    name : str
        Of its distribution and module.
    logics : tuple of str, optional
        The logics that it can be asked about; any if absent.
    """

    name: str
    logics: tuple[str, ...] | None = None

    @property
    def version(self) -> str | None:
        """The installed version, if there is one."""
        try:
            return importlib.metadata.version(self.name)
        except importlib.metadata.PackageNotFoundError:
            return None

    @property
    def described(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}"


SOLVERS = {s.name: s for s in (Solver("cvc5"), Solver("bitwuzla", ("QF_UFBV",)))}


def chosen(names: Iterable[str]) -> tuple[str, ...]:
    """The solvers besides z3 that these names ask for, each once.

    Raises
    ------
    UsageError
        A name is no solver, or is not installed.
    """
    wanted = dict.fromkeys(names)
    for name in wanted:
        if name != DECIDES and name not in SOLVERS:
            raise UsageError(f"no solver is called {name!r}; there are: {', '.join([DECIDES, *SOLVERS])}")
    missing = [name for name in wanted if name != DECIDES and SOLVERS[name].version is None]
    if missing:
        raise UsageError(
            f"{', '.join(missing)} not installed: install the extra {EXTRA!r} (pip install 'pageheap-checker[{EXTRA}]')"
            ", or leave it out of --solver"
        )
    return tuple(name for name in wanted if name != DECIDES)
