"""Where a run can stay for ever, found by machine code: the same that `checker.search.liveness` finds."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Sequence
from functools import cache

from checker.native import cache as store
from checker.native.jit import Code, target_name
from checker.native.kernels.compiler import print_kernels
from checker.native.kernels.lassos import NONE, Stays, find_components, find_entry, find_pending
from checker.native.words import Blocks, Words
from checker.search.graph import StateGraph
from checker.search.liveness import Stay, way

_STEPS = (find_pending, find_components, find_entry)


def find_stay(graph: StateGraph, number: int, fair: Sequence[int]) -> Stay | None:
    """Where a run can stay for ever; see `checker.search.liveness.find_lasso` for the arguments."""
    n = graph.states
    unset = {name: array("q", [-1]) * n for name in ("before", "since", "component", "number")}
    words = {name: array("Q", bytes(8)) * n for name in ("order", "low", "following", "path", "open", "seen")}
    flags = {name: bytearray(n) for name in ("flags", "lasting")}
    given = {"offsets": 8, "enabled": 8, "marks": 8, "target": 4, "thread": 1}
    blocks = Blocks(Stays.sizeof() + 4096)
    try:
        a = Words(Stays, blocks.take(Stays.sizeof()))
        a.update(**{name: _address(made) for name, made in (unset | words).items()})
        a.update(**{name: _address(made) for name, made in flags.items()})
        a.update(**{name: _address(getattr(graph, name), width) for name, width in given.items()})
        a.update(states=n, expanded=graph.expanded, after=1 << 2 * number, goal=2 << 2 * number, fair=sum(1 << t for t in fair))
        entry = [step(a.address) for step in _functions()][-1]
    finally:
        blocks.close()
    if entry == NONE:
        return None
    return Stay(entry, way(graph, unset["before"], unset["since"], entry), unset["component"])


def _address(values: Sequence[int] | bytearray, width: int | None = None) -> int:
    """Where an array of integers lies; 0 if it is empty."""
    memory = memoryview(values)  # type: ignore[arg-type]
    if width is not None and memory.itemsize != width:
        said = f"an array with {memory.itemsize} bytes an item, where native code reads {width}"
        raise TypeError(f"{said}; make it with another type code")
    return ctypes.addressof(ctypes.c_char.from_buffer(memory)) if memory.nbytes else 0


@cache
def _code() -> Code:
    """The kernels, from the cache where they are known."""
    text = print_kernels(_STEPS)
    name = "code-" + store.name_of(text, target_name())
    known = store.read(name)
    code = Code(text, code=known)
    if known is None:
        store.write(name, code.object)
    return code


def _functions() -> list[Callable[[int], int]]:
    """The kernels in the order in which they are called; the interpreter's lock is released meanwhile."""
    kind = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_uint64)
    return [kind(_code().address(step.__name__)) for step in _STEPS]
