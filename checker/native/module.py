"""Compiling spec functions that are never suspended, and calling them on a flat state."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from checker.errors import UsageError
from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.lowering.layout import Layout
from checker.lowering.support import LIMIT
from checker.native.body import Body, print_function
from checker.native.context import Run
from checker.native.emit import HIGHEST, LOWEST, POINTER, STATUS, WORD
from checker.native.exits import OVERFLOW, THROW, Exit
from checker.native.jit import Code
from checker.native.unit import Unit, results, two_states

_ENTRY = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * 5)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended.

    Attributes
    ----------
    status : int
        0 for a normal return, else the number of the exit.
    value : int, tuple of int, or None
        The result; references and truth values as numbers.
    exit : Exit or None
        What stopped the function, and where.
    detail : int
        The number that did not fit, for exits that have one.
    """

    status: int
    value: int | tuple[int, ...] | None
    exit: Exit | None = None
    detail: int = 0

    @property
    def kind(self) -> str:
        """``return`` or the kind of the exit."""
        return "return" if self.exit is None else self.exit.kind

    @property
    def thrown(self) -> tuple[str, str] | None:
        """The message and place of a Throw of the heap."""
        return (self.exit.text, self.exit.place) if self.exit is not None and self.exit.kind == THROW else None

    @property
    def message(self) -> str:
        """What to tell the user; empty after a normal return."""
        return "" if self.exit is None else self.exit.sentence(self.detail)

    @property
    def native_limit(self) -> bool:
        """Whether native code, not the spec, could not go on."""
        return self.kind == OVERFLOW


class NativeModule:
    """Compiled functions of a spec under given parameters; one call at a time, not from several threads.

    Parameters
    ----------
    unit : Unit
        With the entries printed.
    roots : list of Function
    level : int
        Optimisation.

    Attributes
    ----------
    text : str
        The IR before optimisation: the same on every machine.
    exits : list of Exit
        Status k is number k - 1.
    seconds : dict of str to float
        Time to parse, optimise and emit.
    """

    def __init__(self, unit: Unit, roots: list[t.Function], level: int) -> None:
        self.text = str(unit.module)
        self.code = Code(self.text, level)
        self.seconds = self.code.seconds
        self.exits = unit.exits.table
        self._layout = unit.layout
        self._roots = {f.name: f for f in roots}
        self._entries = {f.name: _ENTRY(self.code.address("native." + f.name)) for f in roots}
        self._run = (ctypes.c_int64 * (unit.run.size // 8))()
        self._run[Run.fields.index("who")] = 1  # a function called alone runs in thread 1
        first = unit.run.blocks // 8
        self._blocks = slice(first, first + len(unit.program.blocks))
        self._args = (ctypes.c_int64 * max([len(f.params) for f in roots] + [1]))()
        self._out = (ctypes.c_int64 * max([len(results(f.result)) for f in roots] + [1]))()
        self._arrays = [ctypes.addressof(a) for a in (self._args, self._out, self._run)]

    @property
    def counts(self) -> list[int]:
        """How often each block of the source was entered, if compiled with coverage."""
        return self._run[self._blocks]

    def call(self, name: str, state: bytearray, *args: int, before: bytes | None = None) -> Outcome:
        """Call a root on a state, which it changes.

        Parameters
        ----------
        name : str
            ``module.function``.
        state : bytearray
            Valid: each cell holds a value of its declared range.
        args : int
            One for each parameter of the function: references as record numbers, truth values as 0 and 1.
        before : bytes, optional
            The state before the step, for a function that compares two.

        Raises
        ------
        UsageError
            The number of arguments, one of them, or the state's length does not fit.
        """
        f = self._roots[name]
        if len(args) != len(f.params) or len(state) < self._layout.heap_bytes or two_states(f) != (before is not None):
            raise UsageError(
                f"{name} takes {len(f.params)} argument(s), a state of {self._layout.heap_bytes} bytes or more"
                f"{' and the one before' * two_states(f)}; {len(args)} and {len(state)} bytes were given"
            )
        for i, (p, value) in enumerate(zip(f.params, args, strict=True)):
            self._args[i] = _argument(name, p, f.types[p], value)
        present = (ctypes.c_char * len(state)).from_buffer(state)
        past = None if before is None else ctypes.cast(ctypes.c_char_p(bytes(before)), ctypes.c_void_p)
        status = self._entries[name](
            ctypes.addressof(present), past, *map(ctypes.addressof, (self._args, self._out, self._run))
        )
        if status:
            return Outcome(status, None, self.exits[status - 1], self._out[0])
        kinds = results(f.result)
        values = tuple(self._out[: len(kinds)])
        return Outcome(0, values if len(values) > 1 else values[0] if values else None)


def compile_functions(
    program: Program,
    layout: Layout,
    roots: Iterable[str],
    *,
    coverage: bool = False,
    limit: int = LIMIT,
    level: int = 2,
) -> NativeModule:
    """Compile functions of a program, and what they call.

    Parameters
    ----------
    program : Program
    layout : Layout
        Of the program's schema.
    roots : iterable of str
        ``module.function`` of those that can be called from outside.
    coverage : bool
        Count the blocks of the source that are entered.
    limit : int
        Rounds of one loop before the call is stopped.
    level : int
        LLVM's optimisation level.

    Raises
    ------
    LanguageError
        A function can be suspended, reports, or is outside the language.
    AssumptionError
        A cell, constant or mask needs more than 63 bits and a sign.
    """
    began = time.perf_counter()
    unit = Unit(program, layout, coverage=coverage, limit=limit)
    functions = [_function(program, name) for name in roots]
    for f in functions:
        _entry(unit, f)
    while unit.pending:
        print_function(unit, unit.pending.pop(), Body)
    printed = time.perf_counter() - began
    made = NativeModule(unit, functions, level)
    made.seconds["print"] = printed
    return made


def _function(program: Program, name: str) -> t.Function:
    if name in program.functions:
        return program.functions[name]
    function = getattr(program.spec.modules.get(name.rpartition(".")[0]), name.rpartition(".")[2], None)
    if not callable(function):
        raise UsageError(f"the spec has no function {name}; write it as module.function")
    return program.function(function)


def _entry(unit: Unit, f: t.Function) -> None:
    """Print ``i32 native.NAME(state, before, arguments, results, run)``, the form that ctypes calls."""
    made = ir.Function(unit.module, ir.FunctionType(STATUS, [POINTER] * 5), "native." + f.name)
    state, before, arguments, out, run = made.args
    builder = ir.IRBuilder(made.append_basic_block("start"))

    def at(array: Any, i: int) -> Any:
        return builder.gep(array, [ir.Constant(WORD, i)], source_etype=WORD)

    pointers = [before] * two_states(f) + [state, run]
    args = [builder.load(at(arguments, i), typ=WORD) for i in range(len(f.params))]
    result = builder.call(unit.function(f.name), [*pointers, *args])
    for i in range(len(result.type.elements) - 1):
        builder.store(builder.extract_value(result, i + 1), at(out, i))
    builder.ret(builder.extract_value(result, 0))


def _argument(name: str, param: str, kind: t.Type, value: int) -> int:
    lo, hi = LOWEST, HIGHEST
    if kind.kind == "ref" and kind.scalar is not None:
        lo, hi = int(not kind.nullable), kind.scalar.hi
    elif kind.kind == "bool":
        lo, hi = 0, 1
    if not lo <= value <= hi:
        raise UsageError(f"{param}={value} does not fit parameter {param} of {name}: {lo}..{hi} allowed")
    return int(value)
