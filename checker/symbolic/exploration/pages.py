"""What a loop over any number of pages stores, carries from round to round, and adds up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from checker.frontend import tree as t
from checker.frontend.walk import expressions, nested, statements, subexpressions
from checker.symbolic.exploration.affine import Affine, Number, without
from checker.symbolic.number import SymbolicError

Array = tuple[str, str, int]


@dataclass(slots=True)
class Piece:
    """The stores of one round, by array and distance from the counter."""

    counter: str
    _stores: dict[tuple[Array, Number], Any] = field(default_factory=dict)

    def store(self, array: Array, index: Affine, factor: int, value: Any, place: t.Place) -> None:
        """Store to the counter's page, or to one at a fixed distance."""
        if factor != 1 or any(a == array and o != without(index, self.counter)[0] for a, o in self._stores):
            raise SymbolicError(str(place), "a loop over pages stores to pages in another order than it visits them")
        self._stores[array, without(index, self.counter)[0]] = value

    def stored(self, array: Array, index: Number, place: t.Place) -> tuple[Any] | None:
        """What this round has stored to an element, if it has."""
        for (a, offset), value in self._stores.items():
            if a == array:
                if without(index, self.counter) != (offset, 1):
                    raise SymbolicError(str(place), "a loop over pages reads what another round stores")
                return (value,)
        return None

    def stores(self) -> Iterator[tuple[Array, Number, Any]]:
        """The stores, in order."""
        for (array, offset), value in self._stores.items():
            yield array, offset, value


def carried(s: t.ForRange) -> frozenset[str]:
    """The locals that a round may read before it assigns them, and assigns."""
    assigned = {n for x in statements(s.body) if isinstance(x, t.Assign) for n in x.names}
    return frozenset(assigned & _read_first(s.body, {s.name})[0])


def _read_first(body: tuple[t.Stmt, ...], known: set[str]) -> tuple[set[str], set[str]]:
    """Locals read before they are assigned for certain, and those assigned for certain."""
    read: set[str] = set()
    known = set(known)
    for x in body:
        for e in expressions(x):
            read |= {i.name for i in subexpressions(e) if isinstance(i, t.Local)} - known
        if isinstance(x, t.If):
            (r1, k1), (r2, k2) = _read_first(x.body, known), _read_first(x.other, known)
            read |= r1 | r2
            known |= k1 & k2
        else:
            for inner in nested(x):
                read |= _read_first(inner, known | ({x.name} if isinstance(x, t.ForRange) else set()))[0]
        if isinstance(x, t.Assign):
            known |= set(x.names)
    return read, known


def sums(s: t.ForRange) -> frozenset[str]:
    """The locals that a round only adds to."""
    out: set[str] = set()
    for name in carried(s):
        reads = 0
        adds = []
        for x in statements(s.body):
            reads += sum(i.name == name for e in expressions(x) for i in subexpressions(e) if isinstance(i, t.Local))
            if isinstance(x, t.Assign) and name in x.names:
                adds.append(_is_addition(x, name))
        if adds and all(adds) and reads == len(adds):
            out.add(name)
    return frozenset(out)


def _is_addition(x: t.Assign, name: str) -> bool:
    v = x.value
    return (
        x.names == (name,) and isinstance(v, t.Binary) and v.op == "+" and isinstance(v.left, t.Local) and v.left.name == name
    )


def leaves(s: t.If) -> bool:
    """Whether a statement is ``if test: return``."""
    kept = [x for x in s.body if not isinstance(x, t.Count)]
    return not s.other and len(kept) == 1 and isinstance(kept[0], t.Return) and not kept[0].values
