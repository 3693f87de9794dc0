"""What minimising may cost, counted in steps of the heap and not in seconds: the result is the same on any machine."""

from __future__ import annotations

from checker.errors import CheckerError

DEFAULT = 100_000_000
"""Search steps of ``checker minimise``."""

AUTOMATIC = 3_000_000
"""Search steps after ``explore`` and ``simulate``."""

OPENING = 2_000
"""Search steps that a scope costs to lower and compile, whatever happens in it."""

SCOPE = 5_000_000
"""States up to which a smaller scope is searched."""

QUICK = 500_000
"""The same where following the old steps has shown the violation already."""


class Spent(CheckerError):
    """The budget is used up, or the user interrupts; what was found so far is kept."""


class Budget:
    """Counts search steps.

    Parameters
    ----------
    steps : int
        Search steps in all.

    Attributes
    ----------
    spent : int
    tries : int
        Candidates that were tried.
    """

    def __init__(self, steps: int) -> None:
        self.steps, self.spent, self.tries = steps, 0, 0

    @property
    def left(self) -> int:
        """Search steps that are left."""
        return max(self.steps - self.spent, 0)

    def spend(self, steps: int) -> None:
        """Count steps that were taken."""
        self.spent += steps

    def open(self, steps: int = 0) -> None:
        """Begin a candidate.

        Raises
        ------
        Spent
            Nothing is left.
        """
        if self.left <= steps:
            raise Spent(f"the budget of {self.steps:,} search steps")
        self.tries += 1
        self.spent += steps
