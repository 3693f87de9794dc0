"""Between symbolic results and the plain heap: evaluate a result for one heap, or read one out of a z3 model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import z3

from checker.symbolic.memory import Memory, Value, Writes
from checker.symbolic.number import Num, Term
from spec.language.plain import World


class Evaluation:
    """What symbolic terms are for one concrete heap and arguments.

    Parameters
    ----------
    memory : Memory
        Of the run.
    world : World
        The heap before the operation; cells are copied.
    constants : sequence of (z3 constant, int)
        Values of the variables.
    """

    def __init__(self, memory: Memory, world: World, constants: Sequence[tuple[Term, int]]) -> None:
        self._memory = memory
        self._model = z3.Model()
        self._cells: dict[tuple[str, str], dict[tuple[int, int | None], int]] = {}
        for record, field, number, index, value in world.cells():
            self._cells.setdefault((record, field), {})[number, index] = value
        for key, function in memory.initial.items():
            _interpret(self._model, function, self._cells.get(key, {}))
        for constant, value in constants:
            self._model.update_value(constant, _content(constant.sort(), value))
        self._defined = 0

    def value(self, value: Value) -> int:
        """The value of a number or of a truth value (0 or 1)."""
        for name, definition in self._memory.definitions[self._defined :]:
            self._model.update_value(name, self._model.eval(definition, model_completion=True))
        self._defined = len(self._memory.definitions)
        return evaluate(self._model, value)

    def cells(self, writes: Writes) -> dict[tuple[str, str, int, int | None], int]:
        """The cells that these stores change, with their last value."""
        out: dict[tuple[str, str, int, int | None], int] = {}
        for (record, field), stores in writes.items():
            for w in stores:
                if self.value(w.guard):
                    index = None if w.index is None else self.value(w.index)
                    out[record, field, self.value(w.number), index] = self.value(w.value)
        return out


def evaluate(model: Any, value: Value) -> int:
    """The value of a number or of a truth value (0 or 1) in a z3 model."""
    result = model.eval(value.term if isinstance(value, Num) else value, model_completion=True)
    if z3.is_true(result) or z3.is_false(result):
        return int(z3.is_true(result))
    return int(result.as_signed_long())


def _content(sort: Any, value: int) -> Term:
    return z3.BoolVal(bool(value)) if sort == z3.BoolSort() else z3.BitVecVal(value, sort)


def _interpret(model: Any, function: Term, cells: Mapping[tuple[int, int | None], int]) -> None:
    """Give a function the content of the cells; elsewhere it is zero."""
    z3.Z3_add_func_interp(model.ctx.ref(), model.model, function.ast, _content(function.range(), 0).as_ast())
    interpretation = model[function]
    for (number, index), value in cells.items():
        if value:
            where = z3.AstVector(ctx=model.ctx)
            where.push(z3.BitVecVal(number, function.domain(0)))
            if index is not None:
                where.push(z3.BitVecVal(index, function.domain(1)))
            stored = _content(function.range(), value)
            z3.Z3_func_interp_add_entry(model.ctx.ref(), interpretation.f, where.vector, stored.as_ast())
