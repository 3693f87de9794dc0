"""Packing and fingerprints, apart from any spec."""

from __future__ import annotations

import ctypes
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llvmlite import ir

from checker.lowering.layout import width_of
from checker.lowering.thread_layout import Slot, ThreadLayout
from checker.native import packing
from checker.native.jit import QUICK, Code
from checker.native.packing import Packing, moves, print_packing
from spec.language.schema import Scalar


class FakeCell(NamedTuple):
    """What packing reads of a cell."""

    scalar: Scalar
    base: int
    count: int
    length: int
    width: int
    bias: int


class FakeLayout(NamedTuple):
    """What packing reads of a layout."""

    cells: dict[int, FakeCell]
    heap_bytes: int


@st.composite
def scalars(draw: Any) -> Scalar:
    bits = draw(st.sampled_from([1, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 62]))
    span = draw(st.integers(1 << (bits - 1), (1 << bits) - 1))
    lo = draw(st.sampled_from([0, 0, 1, -1, -5, -span]))
    return Scalar("range", lo, lo + span)


@st.composite
def layouts(draw: Any) -> tuple[FakeLayout, list[ThreadLayout]]:
    cells, at = {}, 0
    for i in range(draw(st.integers(1, 6))):
        s, count, length = draw(scalars()), draw(st.integers(1, 3)), draw(st.integers(1, 4))
        cells[i] = FakeCell(s, at, count, length, width_of(s), min(s.lo, 0))
        at += count * length * width_of(s)
    threads, end = [], at
    for _ in range(draw(st.integers(0, 2))):
        slots: dict[int, list[Slot]] = {}
        size = 1
        for label in range(draw(st.integers(1, 4))):
            offset, slots[label] = 1, []
            for s in draw(st.lists(scalars(), max_size=3)):
                slots[label].append(Slot("x", offset, width_of(s), min(s.lo, 0), s))
                offset += width_of(s)
            size = max(size, offset)
        threads.append(ThreadLayout(end, 1, size, {label: label + 1 for label in slots}, slots))
        end += size
    return FakeLayout(cells, at), threads


def a_state(layout: FakeLayout, threads: list[ThreadLayout], rng: random.Random) -> bytes:
    """A state with a value of its range in each cell, now and then the least or the greatest."""
    size = threads[-1].base + threads[-1].size if threads else layout.heap_bytes
    state = bytearray(-(-size // 8) * 8)

    def store(at: int, s: Scalar, width: int) -> None:
        value = rng.choice([s.lo, s.hi, rng.randint(s.lo, s.hi), rng.randint(s.lo, s.hi)]) - min(s.lo, 0)
        state[at : at + width] = value.to_bytes(width, "little")

    for c in layout.cells.values():
        for i in range(c.count * c.length):
            store(c.base + i * c.width, c.scalar, c.width)
    for t in threads:
        label = rng.randint(0, len(t.labels))
        state[t.base] = label
        for slot in t.slots.get(label - 1, []):
            store(t.base + slot.offset, slot.scalar, slot.width)
    return bytes(state)


class Packer:
    """Compiled packing of one layout."""

    def __init__(self, made: Packing) -> None:
        self.packing, module = made, ir.Module(name="packing")
        print_packing(module, made)
        self._code = Code(str(module), QUICK)
        kind = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_uint64, ctypes.c_uint64)
        self._pack, self._unpack = kind(self._code.address("pack")), kind(self._code.address("unpack"))

    def pack(self, state: bytes) -> bytes:
        return self._through(self._pack, state, self.packing.bytes)

    def unpack(self, packed: bytes) -> bytes:
        return self._through(self._unpack, packed, 8 * len(self.packing.masks))

    def _through(self, function: Callable[[int, int], int], data: bytes, size: int) -> bytes:
        source = (ctypes.c_uint64 * (len(data) // 8)).from_buffer_copy(data)
        target = (ctypes.c_uint64 * (size // 8 + 1))()
        ctypes.memset(target, 0x5A, size + 8)
        function(ctypes.addressof(source), ctypes.addressof(target))
        assert bytes(target)[size:] == b"\x5a" * 8  # nothing behind is written to
        return bytes(target)[:size]


def lost(layout: FakeLayout, threads: list[ThreadLayout], rng: random.Random, states: int) -> bool:
    """Whether some state is not the same when it is unpacked, or two that differ are packed alike."""
    packer = Packer(Packing(layout, threads))  # type: ignore[arg-type]
    known: dict[bytes, bytes] = {}
    for _ in range(states):
        state = a_state(layout, threads, rng)
        packed = packer.pack(state)
        if packer.unpack(packed) != state or known.setdefault(packed, state) != state:
            return True
    return False


@settings(max_examples=40, deadline=None)
@given(layouts(), st.randoms(use_true_random=False))
def test_nothing_is_lost(made: tuple[FakeLayout, list[ThreadLayout]], rng: random.Random) -> None:
    assert not lost(*made, rng, 40)


@settings(max_examples=40, deadline=None)
@given(layouts())
def test_only_what_some_state_sets_is_kept(made: tuple[FakeLayout, list[ThreadLayout]]) -> None:
    layout, threads = made
    p = Packing(layout, threads)  # type: ignore[arg-type]
    heap = sum(c.count * c.length * (c.scalar.hi - c.bias).bit_length() for c in layout.cells.values())
    assert sum(m.bit_count() for m in p.masks) == p.bits >= heap
    if not threads:
        assert p.bits == heap
    assert p.words == max(1, -(-p.bits // 64))


@given(st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2**63, 2**64 - 1, 0x5555555555555555, 0xFF00FF00FF00FF00]))
def test_moves_bring_the_bits_together_in_order(mask: int) -> None:
    """Each bit alone is followed to its place, and all together keep theirs apart."""
    places = [i for i in range(64) if mask >> i & 1]
    for value, expected in [(1 << at, 1 << i) for i, at in enumerate(places)] + [(mask, (1 << len(places)) - 1)]:
        for moved, shift in moves(mask):
            value = value & ~moved | (value & moved) >> shift
        assert value == expected


NUMBERS = FakeCell(Scalar("range", -3, 900), base=0, count=3, length=4, width=2, bias=-3)
FLAGS = FakeCell(Scalar("bool", 0, 1), base=24, count=1, length=60, width=1, bias=0)
WIDE = FakeLayout({0: NUMBERS, 1: FLAGS}, 84)


def test_a_planted_bug_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not lost(WIDE, [], random.Random(1), 100)
    whole, every = packing._mask, packing.moves
    with monkeypatch.context() as patch:
        patch.setattr(packing, "_mask", lambda top, width: whole(top >> 1 if top > 1 else top, width))
        assert lost(WIDE, [], random.Random(1), 100)
    with monkeypatch.context() as patch:
        patch.setattr(packing, "moves", lambda mask: every(mask)[1:])
        assert lost(WIDE, [], random.Random(1), 100)
