"""The language of kernels: typed Python over 64-bit unsigned words and raw memory.

Every value is a word; arithmetic wraps, comparison, division and ``>>`` are unsigned. ``u8[a]``, ``u16[a]``, ``u32[a]``
and ``u64[a]`` are the cells at byte address ``a``, little endian, of any alignment. A `Struct` names words that lie behind each
other: ``w.field`` reads or writes one, ``Name(address)`` takes an address for one. Statements are assignments, ``if``,
``while``, ``for i in range``, ``break``, ``continue``, ``return`` and calls. There are no negative numbers and no
functions inside functions.

What is declared here is what a kernel may call besides other kernels; under plain Python none of it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

Word = int
"""64 bits, unsigned."""

F = TypeVar("F", bound=Callable[..., Any])


class Cells:
    """Cells of one width."""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __getitem__(self, address: Word) -> Word:
        """The cell at an address."""
        raise NotImplementedError

    def __setitem__(self, address: Word, value: Word) -> None:
        """Store the low bits of a value."""
        raise NotImplementedError


u8, u16, u32, u64 = Cells(8), Cells(16), Cells(32), Cells(64)


class Struct(Word):
    """An address at which words with names lie; a subclass annotates them in order."""

    fields: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.fields = tuple(n for n, kind in cls.__annotations__.items() if "ClassVar" not in str(kind))

    @classmethod
    def offset(cls, field: str) -> int:
        """Bytes before a field."""
        return 8 * cls.fields.index(field)

    @classmethod
    def sizeof(cls) -> int:
        """Bytes of the whole."""
        return 8 * len(cls.fields)


def kernel(function: F) -> F:
    """Declare a kernel."""
    function.__dict__["__kernel__"] = "kernel"
    return function


def rare(function: F) -> F:
    """Declare a kernel that seldom runs: its code is kept small and apart, which makes compiling faster."""
    function.__dict__["__rare__"] = True
    return kernel(function)


def extern(function: F) -> F:
    """Declare what another part of the module defines: words in, a word out."""
    function.__dict__["__kernel__"] = "extern"
    return function


def _intrinsic(function: F) -> F:
    function.__dict__["__kernel__"] = "intrinsic"
    return function


@_intrinsic
def copy(to: Word, source: Word, length: Word) -> None:
    """Copy bytes between ranges that do not overlap."""


@_intrinsic
def fill(to: Word, byte: Word, length: Word) -> None:
    """Set bytes."""


@_intrinsic
def prefetch(address: Word) -> None:
    """Have the cache line of an address fetched for a write to come."""


@_intrinsic
def mulhi(a: Word, b: Word) -> Word:
    """The upper word of a product."""
    raise NotImplementedError


@_intrinsic
def popcount(a: Word) -> Word:
    """How many bits are set."""
    raise NotImplementedError


@_intrinsic
def atomic_load(address: Word) -> Word:
    """Read a word; later accesses stay behind it."""
    raise NotImplementedError


@_intrinsic
def atomic_store(address: Word, value: Word) -> None:
    """Write a word; earlier accesses stay before it."""


@_intrinsic
def atomic_add(address: Word, delta: Word) -> Word:
    """Add to a word; what it held before."""
    raise NotImplementedError


@_intrinsic
def sched_yield() -> None:
    """Let another thread have the processor."""
