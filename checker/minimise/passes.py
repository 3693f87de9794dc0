"""The passes over the scope, in their order; each says what it tries and why that is sound.

A pass only ever proposes a smaller scope: something of the scope becomes smaller and nothing becomes larger. A proposal
is accepted if the same clause of the same property is violated there in no more steps. For a thread less it may take
two steps more than the shortest run that was seen: one thread's doings are easier to follow than those of two. So the
pair (scope, steps) goes down, the scope first, and minimising ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checker.lowering.machine import Machine
from checker.minimise.case import Example
from checker.minimise.place import Place
from spec.language.parameters import SIZES, Parameter

_VALUES = 8
"""Values of a parameter that are tried: all below the present one if they are so few."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass.

    Attributes
    ----------
    name : str
    tries, sound : str
        What it proposes, and why a violation there is one that the user wants to see.
    size : str
        The size of a parameter that it makes smaller; empty: it leaves threads out.
    more : int
        Steps that a smaller scope may take more than the shortest run that was seen.
    """

    name: str
    tries: str
    sound: str
    size: str = ""
    more: int = 0

    def places(self, machine: Machine, example: Example) -> Iterator[Place]:
        """The smaller scopes that the pass proposes for an example, the one that is most worth trying first."""
        if not self.size:
            yield from _fewer_threads(machine, example)
            return
        sized = {name: p for name, p in machine.spec.parameters.declared().items() if p.size == self.size}
        for values in (*_together(sized, example.place), *_alone(sized, example.place)):
            yield example.place.with_values(values)


def _together(sized: Mapping[str, Parameter], place: Place) -> Iterator[dict[str, int]]:
    """All parameters of a size cut to one value, ascending: what bounds one another cannot become smaller one by one."""
    levels = sorted({v for name, p in sized.items() for v in smaller(p, place.value(name))})
    for level in levels[:_VALUES]:
        values = {name: max(p.lo, level) for name, p in sized.items() if max(p.lo, level) < place.value(name)}
        if len(values) > 1:
            yield values


def _alone(sized: Mapping[str, Parameter], place: Place) -> Iterator[dict[str, int]]:
    for name, p in sized.items():
        for value in smaller(p, place.value(name)):
            yield {name: value}


_MORE = 2
_REAL = "it is executed from state 0 there, and the spec's own assumptions say that such a world is possible"

PASSES = (
    Pass(
        "left out",
        "leave a thread of the scenario out, one that takes no step first",
        "a run of the world without it is a run of the whole world in which it takes no step; not so for a deadlock or a "
        "lasso, in which others may wait for it, so there no thread is left out",
        more=_MORE,
    ),
    *(
        Pass(
            size,
            f"take a smaller value of a parameter that is declared as a size of {size}",
            _REAL,
            size,
            _MORE if size == "threads" else 0,
        )
        for size in SIZES
    ),
)
"""The passes, the one that makes a counterexample easiest to read first."""


def _fewer_threads(machine: Machine, example: Example) -> Iterator[Place]:
    names = [t.function.__name__ for t in machine.declared.threads if t.function.__name__ not in example.place.without]
    if len(names) < 2 or example.violation.exit in (11, 13):  # others may wait for a thread that is left out
        return
    acting = {example.threads[t] for t, _ in example.schedule}
    idle = [n for n in names if not any(a == n or a.startswith(n + " ") for a in acting)]
    for name in idle + [n for n in names if n not in idle]:
        yield example.place.leaving_out(name)


def smaller(p: Parameter, value: int) -> list[int]:
    """Values of a parameter below a given one, ascending; of many, those near the least, and the next powers of two."""
    below = range(p.lo, value)
    if len(below) <= _VALUES:
        return list(below)
    half = _VALUES // 2
    doubled = {p.lo + (1 << k) for k in range(half.bit_length(), 64) if p.lo + (1 << k) < value}
    return sorted({*below[:half], *sorted(doubled)[:half], value // 2, value - 1} & set(below))
