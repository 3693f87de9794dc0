"""What the native functions of one module share: the LLVM module, the exits, the constant tables, the functions."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from checker.errors import AssumptionError
from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.lowering.layout import Layout
from checker.native.context import RunLayout, run_layout
from checker.native.emit import HIGHEST, LOWEST, POINTER, WORD, returned
from checker.native.exits import Exits

Value = Any


class Unit:
    """One LLVM module in the making.

    Parameters
    ----------
    program : Program
    layout : Layout
    coverage : bool
        Emit the counters of blocks.
    limit : int
        Rounds of one loop before the step is stopped.
    run : RunLayout, optional
        Of the memory that functions execute in.

    Raises
    ------
    AssumptionError
        A cell holds values beyond 63 bits.
    """

    def __init__(self, program: Program, layout: Layout, *, coverage: bool, limit: int, run: RunLayout | None = None) -> None:
        self.program = program
        self.layout = layout
        self.coverage = coverage
        self.limit = limit
        self.run = run_layout(len(program.blocks)) if run is None else run
        self.exits = Exits()
        self.module = ir.Module(name="spec")
        self.pending: list[t.Function] = []
        self._functions: dict[str, Value] = {}
        self._tables: dict[tuple[int, ...], Value] = {}
        for (record, field), cell in layout.cells.items():
            if cell.scalar.hi > HIGHEST or cell.scalar.lo < LOWEST:
                raise AssumptionError(
                    f"{record}.{field} holds values up to {cell.scalar.hi}; native code computes with 63 bits and a sign: "
                    "use a smaller width (word_bits), or the reference engine (--engine python)"
                )

    def number(self, value: int, place: object) -> int:
        """A constant of the program, if it fits."""
        if not LOWEST <= value <= HIGHEST:
            raise AssumptionError(
                f"{place}: {value} does not fit native code's 63 bits and a sign; "
                "use a smaller width (word_bits), or the reference engine (--engine python)"
            )
        return value

    def function(self, name: str) -> Value:
        """The native function for a spec function, declared at its first mention and printed later."""
        if name not in self._functions:
            f = self.program.functions[name]
            kind = ir.FunctionType(returned(len(results(f.result))), [*self.pointers(f), *[WORD] * len(f.params)])
            made = ir.Function(self.module, kind, "f_" + name)
            made.linkage = "internal"
            made.attributes.add("nounwind")
            self._functions[name] = made
            self.pending.append(f)
        return self._functions[name]

    def declared(self, name: str, words: int) -> Value:
        """A function that a kernel defines: words in, a word out."""
        if name not in self._functions:
            self._functions[name] = ir.Function(self.module, ir.FunctionType(WORD, [WORD] * words), name)
        return self._functions[name]

    def pointers(self, f: t.Function) -> list[Value]:
        """The leading parameters: the state, before it the state before the step if it is read, behind it the `Run`."""
        return [POINTER] * (2 + two_states(f))

    def table(self, values: tuple[int, ...], place: object) -> Value:
        """A constant array."""
        if values not in self._tables:
            kind = ir.ArrayType(WORD, len(values))
            made = ir.GlobalVariable(self.module, kind, f"table.{len(self._tables)}")
            made.linkage, made.global_constant = "internal", True
            made.initializer = ir.Constant(kind, [self.number(v, place) for v in values])
            self._tables[values] = made
        return self._tables[values]


def results(kind: t.Type) -> tuple[t.Type, ...]:
    """The types of a function's results."""
    if kind.kind == "none":
        return ()
    return kind.items if kind.kind == "tuple" else (kind,)


def two_states(f: t.Function) -> bool:
    """Whether a function compares the state with the one before the step."""
    return bool(f.params) and f.types[f.params[0]].memory == 1
