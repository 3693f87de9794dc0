"""Random walks by the reference engine, and one walk executed again to have its schedule.

A walk is decided by the seed and its number. So whichever engine walked, a walk that found something is drawn again here,
and shows what it found with its witness; no engine has to remember where it came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from checker.lowering.machine import Failure, Machine, Successor
from checker.native.kernels.draw import advanced, picked, started
from checker.native.kernels.walk import ENOUGH_STEPS, ENOUGH_WALKS, IDLE, VIOLATED, WALKING
from checker.search.concrete import Shown, deadlocked, key_of, violation_of
from checker.search.outcome import Choice, Violation
from checker.search.reached import Reached
from checker.search.walks import Place, Walks


class Path:
    """One walk, as far as it has come.

    Attributes
    ----------
    state : bytes
    at : int
        Steps taken.
    """

    def __init__(self, machine: Machine, seed: int, walk: int, initial: bytes) -> None:
        self.state, self.at = initial, 0
        self._machine = machine
        self._random = started(seed, walk)
        self._order = list(range(len(machine.threads)))

    def draw(self) -> Successor | None:
        """Draw threads until one can step, and then one of its steps; None if no thread can."""
        order, left = self._order, len(self._order)
        while left:
            drawn = self._below(left)
            left -= 1
            order[drawn], order[left] = order[left], order[drawn]
            steps = self._machine.steps(self.state, order[left])
            if steps:
                return steps[self._below(len(steps))]
        return None

    def take(self, s: Successor) -> None:
        """Go on with a step."""
        self.state, self.at = s.state, self.at + 1

    def _below(self, count: int) -> int:
        self._random = advanced(self._random)
        return picked(self._random, count)


class PythonWalker:
    """Walks executed by the lowered Python.

    Parameters
    ----------
    machine : Machine
    walks : Walks
    reached : Reached
        Told about each state of which the heap is new to the walk.
    """

    def __init__(self, machine: Machine, walks: Walks, reached: Reached) -> None:
        self._machine, self._walks, self._reached = machine, walks, reached
        self._walk = self._steps = self._longest = 0
        self._reason = WALKING
        self._shown: Shown = None

    def begin(self) -> int:
        """Check state 0; returns why that is all, or 0."""
        machine = self._machine
        self._initial = machine.initial()
        self._path = Path(machine, self._walks.seed, 0, self._initial)
        self._note(self._look(self._initial))
        return self._reason

    def on(self, more: int) -> int:
        """Take so many steps more, in as many walks as that needs; returns why there can be no other, or 0."""
        until = self._steps + more
        while self._reason == WALKING and self._steps < until:
            if self._steps == self._walks.steps:
                self._reason = ENOUGH_STEPS
            elif self._path.at == self._walks.depth:
                self._next_walk()
            else:
                self._step()
        return self._reason

    def _step(self) -> None:
        s = self._path.draw()
        if s is None:
            self._end()
            return
        before, self._steps = self._path.state, self._steps + 1
        self._path.take(s)
        self._longest = max(self._longest, self._path.at)
        shown, changed = shown_by_step(self._machine, before, s)
        if shown is None and changed:
            shown = self._look(s.state)
        self._note(shown)

    def _end(self) -> None:
        """No thread can step."""
        if not self._machine.at_rest(self._path.state):
            self._reason = VIOLATED
        elif self._path.at:
            self._next_walk()
        else:
            self._reason = IDLE

    def _next_walk(self) -> None:
        if self._walk + 1 == self._walks.walks:
            self._reason = ENOUGH_WALKS
        else:
            self._walk += 1
            self._path = Path(self._machine, self._walks.seed, self._walk, self._initial)

    def _look(self, state: bytes) -> Failure | None:
        """The first invariant that fails in a state."""
        self._reached.look(state)
        return next(iter(self._machine.check(state)), None)

    def _note(self, shown: Shown) -> None:
        if shown is not None:
            self._reason, self._shown = VIOLATED, shown

    def place(self) -> Place:
        """How far the walks are."""
        return Place(self._walk, self._path.at, self._steps, self._longest)

    def shown(self) -> Shown:
        """What is violated."""
        return self._shown

    def count(self) -> None:
        """The machine has counted itself."""

    def close(self) -> None:
        """There is nothing to give back."""


def shown_by_step(machine: Machine, before: bytes, s: Successor) -> tuple[Failure | tuple[str, str] | None, bool]:
    """What a step violates first, before its state is looked at, and whether that has to be: the heap has changed."""
    if s.failures or s.thrown is not None:
        return s.failures[0] if s.failures else s.thrown, False
    heap = slice(machine.layout.heap_bytes)
    if s.state[heap] == before[heap]:
        return None, False
    return next(iter(machine.check_step(before, s.state, s.thread)), None), True


def again(machine: Machine, seed: int, place: Place, found: Shown) -> Violation:
    """Draw a walk again, and show what was found behind its last step.

    The counters of the machine stay as they are.

    Raises
    ------
    Disagreement
        The walk shows something else here.
    """
    with _uncounted(machine):
        state = machine.initial()
        path, schedule = Path(machine, seed, place.walk, state), list[Choice]()
        shown: Shown = None if place.at else next(iter(machine.check(state)), None)
        while path.at < place.at:
            s = path.draw()
            if s is None or shown is not None:
                _disagree(machine, seed, place, found)
            state = path.state
            shown, changed = shown_by_step(machine, state, s)
            path.take(s)
            if shown is None and changed and path.at == place.at:
                shown = next(iter(machine.check(s.state)), None)
            schedule.append((s.thread, s.choice))
        if (shown is None and not deadlocked(machine, path.state)) or key_of(machine, shown) != key_of(machine, found):
            _disagree(machine, seed, place, found)
    return violation_of(machine, shown, tuple(schedule))


@contextmanager
def _uncounted(machine: Machine) -> Iterator[None]:
    """Leave the counters as they were."""
    counters = [machine.counts, machine.steps_from, machine.antecedents, machine.explained]
    before = [list(counts) for counts in counters]
    try:
        yield
    finally:
        for counts, old in zip(counters, before, strict=True):
            counts[:] = old


def _disagree(machine: Machine, seed: int, place: Place, found: Shown) -> NoReturn:
    from checker.search.replay import Disagreement

    id, clause = key_of(machine, found)
    raise Disagreement(
        f"walk {place.walk} of seed {seed} shows {id} {clause!r} behind step {place.at}, but not when it is executed again; "
        "please report this, and use --engine python"
    )
