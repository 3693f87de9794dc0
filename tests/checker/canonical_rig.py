"""Canonical forms by native code and by the reference, of any states of a machine."""

from __future__ import annotations

import ctypes
import random
from collections.abc import Collection, Iterator
from copy import copy
from functools import lru_cache

from checker.errors import SpecEvaluationError
from checker.lowering.machine import Machine
from checker.lowering.support import Throw
from checker.native.canonical import CanonicalTables
from checker.native.jit import QUICK, Code
from checker.native.kernels.canonical import canonical
from checker.native.kernels.compiler import print_kernels
from checker.reduce.canonical import Canonical

_CONDITION = ctypes.CFUNCTYPE(ctypes.c_uint64, *[ctypes.c_uint64] * 3)
_ENTRY = ctypes.CFUNCTYPE(ctypes.c_uint64, *[ctypes.c_uint64] * 4)
_DECLARED = "declare i64 @forget_when(i64, i64, i64, i64)\n"
_DEFINED = """
define i64 @forget_when(i64 %rule, i64 %state, i64 %number, i64 %observer) {
  %function = inttoptr i64 %observer to ptr
  %said = call i64 %function(i64 %rule, i64 %state, i64 %number)
  ret i64 %said
}
"""
FAILED = 7
"""The status of a condition that ends with an error."""

Form = bytes | int
"""A canonical form, or the status that takes its place."""


def compiled(level: int) -> Code:
    """The kernel, with conditions that are evaluated by the function whose address is the observer."""
    text = print_kernels([canonical])
    assert _DECLARED in text
    return Code(text.replace(_DECLARED, _DEFINED), level)


@lru_cache
def shared(level: int = QUICK) -> Code:
    return compiled(level)


def reference_form(machine: Machine, state: bytes) -> Form:
    try:
        return machine.canonical(state)
    except (SpecEvaluationError, Throw):
        return FAILED


class Forms:
    """The canonical forms of one machine in both ways."""

    def __init__(self, machine: Machine, code: Code | None = None) -> None:
        self.machine = machine
        self.code = shared() if code is None else code
        self.tables = CanonicalTables(machine.canonical)
        self._entry = _ENTRY(self.code.address("canonical"))
        self._scratch = self.tables.memory()
        ctypes.memset(self._scratch, 0xA5, self.tables.scratch)  # it need not be cleared
        self._state = ctypes.create_string_buffer(max(machine.size, 8))
        self._condition = _CONDITION(self._when)

    def _when(self, rule: int, state: int, number: int) -> int:
        forgetter = self.machine.canonical._forgetter
        assert forgetter is not None
        try:
            return int(bool(forgetter._rules[rule].when(ctypes.string_at(state, self.machine.size), 1, number)))
        except (SpecEvaluationError, Throw):
            return FAILED << 1

    def native(self, state: bytes) -> Form:
        ctypes.memmove(self._state, state, len(state))
        observer = ctypes.cast(self._condition, ctypes.c_void_p).value
        addresses = ctypes.addressof(self._state), ctypes.addressof(self._scratch)
        status: int = self._entry(self.tables.address, *addresses, observer)
        after = self._state.raw[: len(state)]
        assert not status or after == state
        return status or after

    def reference(self, state: bytes) -> Form:
        return reference_form(self.machine, state)

    def agree(self, state: bytes) -> bool:
        return self.native(state) == self.reference(state)


def reduced(machine: Machine, names: Collection[str]) -> Machine:
    """The same machine with other reductions."""
    out = copy(machine)
    parts = machine.schema, machine.layout, machine.thread_layouts, machine.scenario, machine.forgets
    out.canonical = Canonical(*parts, machine.canonical._condition, names)
    return out


def successors(machine: Machine, steps: int, seed: int, most: int = 6) -> Iterator[bytes]:
    """Successors, some of each state, along random walks."""
    pick = random.Random(seed)
    state = machine.initial()
    for _ in range(steps):
        options = [s.state for s in machine.successors(state) if s.thrown is None]
        yield from options if len(options) <= most else pick.sample(options, most)
        state = pick.choice(options) if options and pick.random() > 0.01 else machine.initial()


def corrupted(machine: Machine, state: bytes, pick: random.Random) -> bytes:
    """The state with some cells, mostly references, and threads replaced by any valid ones."""
    out = bytearray(state)
    cells = [c for c in machine.layout.cells.values() if c.length * c.count]
    references = [c for c in cells if c.scalar.kind == "ref"] or cells
    for _ in range(pick.choice([1, 3, 10, 30])):
        c = pick.choice(references if pick.random() < 0.6 else cells)
        lo, hi = c.scalar.lo, c.scalar.hi
        value = pick.choice([pick.randint(lo, hi), pick.randint(lo, hi), min(hi, lo + 1), max(lo, 0), hi])
        at = c.base + c.width * pick.randrange(c.length * c.count)
        out[at : at + c.width] = (value - c.bias).to_bytes(c.width, "little")
    for t in machine.thread_layouts:
        if pick.random() < 0.2 and t.labels:
            block, label = pick.choice(list(t.labels.items()))
            record = bytearray(label.to_bytes(t.label_width, "little").ljust(t.size, b"\0"))
            for s in t.slots[block]:
                value = pick.randint(s.scalar.lo, s.scalar.hi) - s.bias
                record[s.offset : s.offset + s.width] = value.to_bytes(s.width, "little")
            out[t.base : t.base + t.size] = record
    return bytes(out)
