"""A contract of the induction held against what the body of its function did on one plain heap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import z3
from invariant_rig import Cell, CellsOf

from checker.frontend.program import Program
from checker.symbolic.cells import Cells, term
from checker.symbolic.linear import integer
from checker.symbolic.memory import Value, Writes
from checker.symbolic.number import Num, Term, num
from checker.symbolic.paths import Path, walk
from checker.symbolic.splitting import Splitter
from checker.symbolic.state import State
from proofs.arithmetic.plain_heap import PlainHeap
from proofs.induction import contracts

Contract = Callable[..., Value]
ARGS = {
    contracts.first_fit: ("npage",),
    contracts.best_fit: ("spans", "npage", "best"),
    contracts.recordspan: ("s",),
    contracts.sys_unused: ("v", "n"),
}
LOCALS = {contracts.sys_unused: ("s",)}
"""What the contract reads of its caller."""


@dataclass(frozen=True)
class Way:
    """One thing that a contract allows."""

    facts: tuple[Term, ...]
    obliged: tuple[Term, ...]
    result: Value
    writes: Writes
    memory: Cells


def ways(plain: PlainHeap, contract: Contract) -> list[Way]:
    """All that a contract allows, for any heap and arguments."""
    program, found = Program(plain.spec, plain.world.schema, []), list[Way]()

    def run(path: Path) -> None:
        memory = Cells(plain.world.schema)
        x = Splitter(program, memory, path)
        args = [integer(z3.Int(a), 0, 1 << 64) for a in ARGS[contract]]
        state = State(locals={a: integer(z3.Int(a), 1, 1 << 20) for a in LOCALS.get(contract, ())})
        head = () if contract is contracts.best_fit else (num(1),)
        result = contract(x, state, *head, *args)
        x.note()
        goals = tuple(o.goal for o in x.obligations)
        found.append(Way(tuple(path.facts), goals, result, dict(state.writes), memory))

    walk(run, [])
    return found


class Held:
    """What a contract allows on one heap.

    Parameters
    ----------
    found : list of Way
    before : mapping
        The heap's cells.
    others : set of (str, str)
        The fields that the contract says nothing about.
    """

    def __init__(self, found: list[Way], before: CellsOf, others: set[tuple[str, str]]) -> None:
        self.before, self._others = before, others
        self._solvers = [(way, self._solver(way)) for way in found]

    def _solver(self, way: Way) -> Any:
        solver = z3.Solver()
        solver.add(*way.facts, *way.obliged)
        for (record, field, number, index), value in self.before.items():
            if (record, field) in way.memory.initial:
                cell = way.memory.initial[record, field](*(z3.IntVal(i) for i in (number, index) if i is not None))
                solver.add(cell == (bool(value) if z3.is_bool(cell) else value))
        return solver

    def allows(self, args: Mapping[str, int], result: int, changed: CellsOf) -> bool:
        """Whether the contract allows this result and these changes of the cells."""
        return any(self._allows(way, solver, args, result, changed) for way, solver in self._solvers)

    def _allows(self, way: Way, solver: Any, args: Mapping[str, int], result: int, changed: CellsOf) -> bool:
        asked = [z3.Int(a) == v for a, v in args.items()]
        if way.result is not None:
            asked.append((term(way.result) if isinstance(way.result, Num) else z3.If(way.result, 1, 0)) == result)
        if solver.check(*asked) != z3.sat:
            return False
        stored, before = _stored(way.writes, solver.model()), self.before
        differing = {k for k in changed.keys() | stored.keys() if changed.get(k, before.get(k)) != stored.get(k, before.get(k))}
        return stored.keys() <= before.keys() and all(k[:2] in self._others for k in differing)


def _stored(writes: Writes, model: Any) -> dict[Cell, int]:
    """The cells that are stored to, with their last value."""

    def value(x: Value) -> int:
        found = model.eval(term(x) if isinstance(x, Num) else x, model_completion=True)
        return int(found.as_long()) if z3.is_int_value(found) else int(z3.is_true(found))

    stored: dict[Cell, int] = {}
    for (record, field), stores in writes.items():
        for w in stores:
            first = None if w.index is None else value(w.index)
            places = [None] if first is None else list(range(first, first + 1 if w.stop is None else value(w.stop)))
            stored |= {(record, field, value(w.number), i): value(w.value) for i in places}
    return stored
