"""Minimising: the passes one after the other, again and again, until a whole round has made nothing smaller.

The order is explicit and may only go down: the scope first, pass by pass (`checker.minimise.passes`), with never more
steps than before, but for two that a thread less may cost; then, of the shortest schedules there, the one with the fewest
context switches and the smallest arguments (`checker.minimise.polish`). A smaller scope is searched breadth-first, so what
is found is the shortest there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checker.lowering.machine import Machine
from checker.minimise.budget import QUICK, SCOPE, Budget, Spent
from checker.minimise.case import Case, Example, Undecided
from checker.minimise.passes import PASSES, Pass
from checker.minimise.place import Place, place_of
from checker.minimise.polish import polish, switches
from checker.minimise.shorten import shorten
from checker.search.outcome import Violation

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a violation.

    Attributes
    ----------
    machine : Machine
        Executes it.
    violation : Violation
    shortest : bool
        No shorter run of its scope shows it.
    minimal : bool
        A whole round of all passes found nothing smaller, and every scope that was proposed in it was searched.
    stopped : str
        Why not.
    interrupted : int
        The exit code that a signal asks for; 0: none.
    tries, search_steps : int
        Candidates tried, and the transitions that they took.
    """

    machine: Machine
    violation: Violation
    shortest: bool
    minimal: bool
    stopped: str
    interrupted: int
    tries: int
    search_steps: int


def minimise(
    machine: Machine,
    violation: Violation,
    *,
    steps: int,
    shortest: bool = False,
    native: bool = True,
    tell: Tell | None = None,
) -> Result:
    """Make a violation smaller.

    Parameters
    ----------
    machine : Machine
        Executes the violation's schedule.
    violation : Violation
        With a schedule.
    steps : int
        The budget, in search steps.
    shortest : bool
        It is known that no shorter run of the machine shows it.
    native : bool
        Search larger scopes by the native engine.
    tell : callable, optional
        Told about progress, a line at a time.
    """
    return Minimiser(Case(machine, violation, Budget(steps), native=native), shortest=shortest, tell=tell).run()


class Minimiser:
    """One minimisation.

    Parameters
    ----------
    case : Case
    shortest, tell
        As for `minimise`.

    Attributes
    ----------
    best : Example
        The smallest so far.
    """

    def __init__(self, case: Case, *, shortest: bool = False, tell: Tell | None = None) -> None:
        self.case, self.budget = case, case.budget
        self.best = Example(place_of(case.machine), tuple(case.machine.threads), case.violation, shortest)
        self._tell, self._least = tell, len(case.violation.schedule)
        self._refuted: dict[Place, int] = {}
        self._open: set[Place] = set()

    def run(self) -> Result:
        """Go on until nothing helps, the budget is spent, or the user interrupts."""
        stopped, interrupted = "", 0
        try:
            if not self.best.shortest:
                self._take("shorter", shorten(self.case, self.best))
                self._search_here()
            while self._round():
                pass
            self._search_here()
            self._take("simpler", polish(self.case, self.best))
        except Spent as e:
            stopped = str(e)
        except KeyboardInterrupt as e:
            stopped, interrupted = "an interrupt", getattr(e, "exit_code", 130)
        if not stopped and self._open:
            stopped = f"{len(self._open)} smaller scopes are too large to be searched"
        machine = self._final()
        best, budget = self.best, self.budget
        return Result(machine, best.violation, best.shortest, not stopped, stopped, interrupted, budget.tries, budget.spent)

    def _final(self) -> Machine:
        """The machine of the best example; opening it is not counted, since it must be shown."""
        self.budget.steps = self.budget.spent + (1 << 62)
        machine = self.case.at(self.best.place)
        assert machine is not None
        return machine

    def _take(self, what: str, examples: Iterator[Example]) -> None:
        for example in examples:
            self._accept(what, example)

    def _accept(self, what: str, example: Example) -> None:
        before, self.best = self.best, example
        self._least = min(self._least, len(example.schedule))
        if self._tell is not None and (before.place != example.place or len(before.schedule) != len(example.schedule)):
            self._tell(
                f"{what}: {_changes(before, example)}{len(example.schedule)} steps, {switches(example.schedule)} switches"
            )

    def _search_here(self) -> None:
        """A shortest run of the present scope, if it can be searched."""
        if self.case.searches and not self.best.shortest and not self.case.lasso:
            try:
                found = self.case.search(self.best.place, len(self.best.schedule))
            except Undecided:
                return
            if found is not None:
                self._accept("shortest", found)

    def _round(self) -> bool:
        """All passes once; whether one of them made the scope smaller."""
        before = self.best.place
        self._open.clear()
        for p in PASSES:
            at = self.best.place
            while self._pass(p):
                pass
            if at != self.best.place:
                self._search_here()  # before another pass rules out what a shorter run needs
        return self.best.place != before

    def _pass(self, p: Pass) -> bool:
        """Take the first proposal of a pass that shows the violation; whether there is one."""
        for place in p.places(self.case.machine, self.best):
            found = self._shown(place, max(len(self.best.schedule), self._least + p.more))
            if found is not None:
                self._accept(p.name, found)
                return True
        return False

    def _shown(self, place: Place, depth: int) -> Example | None:
        """The violation in a smaller scope, in so many steps at most."""
        if self._refuted.get(place, -1) >= depth:
            return None
        followed = self.case.transplanted(self.best, place)
        if not self.case.searches:
            return followed
        try:
            found = self.case.search(place, depth, states=SCOPE if followed is None else QUICK)
        except Undecided:
            if followed is None:
                self._open.add(place)
            return followed
        if found is None:
            self._refuted[place] = depth
        return found


def _changes(before: Example, after: Example) -> str:
    old, new = dict(before.place.parameters), dict(after.place.parameters)
    said = [f"{k} {old[k]} -> {new[k]}, " for k in old if old[k] != new[k]]
    return "".join(said + [f"without {f}, " for f in after.place.without if f not in before.place.without])
