"""The kernel language in plain Python: unsigned words that wrap, cells and structs over real memory."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from types import FunctionType
from typing import Any

from checker.native.kernels import language
from checker.native.kernels.language import Cells, Struct

MASK = (1 << 64) - 1


class Plain(int):
    """A 64-bit unsigned word."""

    def __new__(cls, value: int) -> Plain:
        return super().__new__(cls, value & MASK)


def _wrapped(name: str) -> Callable[..., Plain]:
    operation = getattr(int, name)
    return lambda *operands: Plain(operation(*operands))


for _name in ["add", "sub", "mul", "floordiv", "mod", "lshift", "rshift", "and", "or", "xor"]:
    for _prefix in ("__", "__r"):
        setattr(Plain, f"{_prefix}{_name}__", _wrapped(f"{_prefix}{_name}__"))
Plain.__invert__ = _wrapped("__invert__")  # type: ignore[method-assign,assignment]

TYPES: dict[int, Any] = {8: ctypes.c_uint8, 16: ctypes.c_uint16, 32: ctypes.c_uint32, 64: ctypes.c_uint64}


class PlainCells:
    """Cells of one width."""

    def __init__(self, bits: int) -> None:
        self.kind = TYPES[bits]

    def __getitem__(self, at: int) -> Plain:
        return Plain(self.kind.from_address(int(at)).value)

    def __setitem__(self, at: int, value: int) -> None:
        self.kind.from_address(int(at)).value = int(value)


def struct(declared: type[Struct], names: dict[str, Any]) -> type[Plain]:
    """An address with fields; a field that is a struct gives an address with fields."""

    def field(name: str) -> property:
        def read(self: Plain) -> Plain:
            value = PlainCells(64)[self + declared.offset(name)]
            kind = names.get(declared.__annotations__[name])
            return kind(value) if isinstance(kind, type) and issubclass(kind, Plain) else value

        def write(self: Plain, value: int) -> None:
            PlainCells(64)[self + declared.offset(name)] = value

        return property(read, write)

    return type(declared.__name__, (Plain,), {f: field(f) for f in declared.fields})


def _copy(to: int, source: int, length: int) -> None:
    ctypes.memmove(int(to), int(source), int(length))


def _fill(to: int, byte: int, length: int) -> None:
    ctypes.memset(int(to), int(byte) & 255, int(length))


def _add(at: int, delta: int) -> Plain:
    before = PlainCells(64)[at]
    PlainCells(64)[at] = before + delta
    return before


INTRINSICS: dict[str, Callable[..., Any]] = {
    "copy": _copy,
    "fill": _fill,
    "prefetch": lambda at: None,
    "mulhi": lambda a, b: Plain(int(a) * int(b) >> 64),
    "popcount": lambda a: Plain(int(a).bit_count()),
    "atomic_load": PlainCells(64).__getitem__,
    "atomic_store": PlainCells(64).__setitem__,
    "atomic_add": _add,
    "sched_yield": lambda: None,
}


def plain(names: dict[str, Any]) -> dict[str, Any]:
    """A module's names with all that is of the kernel language made plain; kernels take and give words."""
    made: dict[str, Any] = dict(names)
    for name, value in names.items():
        if isinstance(value, Cells):
            made[name] = PlainCells(value.bits)
        elif isinstance(value, type) and issubclass(value, Struct) and value is not Struct:
            made[name] = struct(value, made)
        elif name in INTRINSICS and value is getattr(language, name):
            made[name] = INTRINSICS[name]
        elif isinstance(value, int) and not isinstance(value, bool):
            made[name] = Plain(value)
        elif getattr(value, "__kernel__", None) == "kernel":
            made[name] = _kernel(FunctionType(value.__code__, made), value.__annotations__, made)
    return made


def _kernel(function: Callable[..., Any], hints: dict[str, Any], names: dict[str, Any]) -> Callable[..., Any]:
    def as_declared(hint: Any, value: Any) -> Any:
        kind = names.get(hint)
        return kind(value) if isinstance(kind, type) and issubclass(kind, Plain) else Plain(value)

    def call(*arguments: int) -> Any:
        taken = [as_declared(h, a) for (_, h), a in zip(hints.items(), arguments, strict=False)]
        return as_declared(hints.get("return"), function(*taken) or 0)

    return call
