"""Plain execution: spec functions are just called, and the primitives ask the runtime in force.

`Runtime` is the sequential one: a wait must hold, a lock must be free, a choice asks the chooser.
A scheduler derives from it and suspends the calling thread instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product

from spec.language.errors import EvaluationError
from spec.language.markers import Lock
from spec.language.parameters import Parameters

Values = tuple[int, ...]
Chooser = Callable[[list[Values]], Values]


def first(options: list[Values]) -> Values:
    """The chooser that takes the least option."""
    return options[0]


class Runtime:
    """Sequential execution of one heap.

    Parameters
    ----------
    parameters : Parameters
        The spec's own parameter object, already set; ``word_bits`` and ``gen_bits`` are those of `u64` and `u32`.
    chooser : callable
        Takes the enabled options of a choice, in ascending order, and returns one of them.
    number : int
        What `thread` answers: a sequential execution is thread 1; 0 where no thread executes, as in an invariant.
    """

    def __init__(self, parameters: Parameters | None = None, chooser: Chooser = first, *, number: int = 1) -> None:
        self.parameters = parameters
        self.chooser = chooser
        self.number = number
        self.word_mask = (1 << int(getattr(parameters, "word_bits", 64))) - 1
        self.half_mask = (1 << int(getattr(parameters, "gen_bits", 32))) - 1
        self.antecedents = 0
        self.failures: list[tuple[str, dict[str, object]]] = []
        self.before_release: Callable[[Lock], None] | None = None

    def step(self) -> None:
        """Nothing runs beside a sequential execution."""

    def wait(self, condition: Callable[[], bool], rest: bool) -> None:
        """The condition must hold: nobody else could make it true."""
        if not condition():
            raise EvaluationError("wait(): the condition is false and no other thread runs; use a scheduler")

    def choose(self, ranges: tuple[range, ...], where: Callable[..., bool] | None) -> Values:
        """Ask the chooser for one of the enabled values."""
        options = enabled(ranges, where)
        if not options:
            raise EvaluationError("choose(): no value is enabled and no other thread runs")
        return self.chooser(options)

    def acquire(self, lock: Lock) -> None:
        """The lock must be free: nobody else could release it."""
        if lock.owner:
            raise EvaluationError(f"acquire({lock.name}): held already, and no other thread runs")
        lock.owner = 1

    def release(self, lock: Lock) -> None:
        """Give the lock back."""
        if not lock.owner:
            raise EvaluationError(f"release({lock.name}): it is not held")
        if self.before_release is not None:
            self.before_release(lock)
        lock.owner = 0

    def thread(self) -> int:
        """The number of the running thread, from 1."""
        return self.number

    def observe(self, function: Callable[..., None], arguments: tuple[object, ...]) -> None:
        """Call a function of the observer."""
        function(*arguments)

    def before_atomic(self) -> None:
        """A compare-and-swap or an atomic addition is about to happen."""

    def given(self, condition: bool) -> bool:
        """Note that an antecedent was met."""
        if condition:
            self.antecedents += 1
        return condition

    def check(self, clause: str, condition: bool, witness: dict[str, object]) -> None:
        """Note a failed clause with its witness."""
        if not condition:
            self.failures.append((clause, witness))


def enabled(ranges: tuple[range, ...], where: Callable[..., bool] | None) -> list[Values]:
    """The values of a choice that are enabled now, ascending."""
    return [v for v in product(*ranges) if where is None or where(*v)]


_in_force: list[Runtime] = [Runtime()]


def current() -> Runtime:
    """The runtime in force."""
    return _in_force[-1]


@contextmanager
def active(runtime: Runtime) -> Iterator[Runtime]:
    """Put a runtime in force for a block."""
    _in_force.append(runtime)
    try:
        yield runtime
    finally:
        _in_force.pop()
