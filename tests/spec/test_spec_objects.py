"""The functions about objects in a span agree with their definitions, by brute force and on random spans."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs.arithmetic.plain_objects import ARENAS, OBJECTS, PlainPart
from spec.language import Throw
from spec.size_classes import CLASS_TO_PAGES, CLASS_TO_SIZE

PAGE = 8192
CLASSES = range(1, len(CLASS_TO_SIZE))
BIT = st.booleans()


def with_bits(taken: list[bool], freeindex: int) -> PlainPart:
    """A span of so many slots, the cache as it must be."""
    plain = PlainPart(OBJECTS)
    span = plain.root.span
    bits = sum(1 << i for i, t in enumerate(taken) if t)
    span.nelems, span.freeindex, span.elemsize, span.start_addr = len(taken), freeindex, 16, 1 << 20
    for i in range(-(-len(taken) // 64) * 8):
        span.alloc_bits[i] = bits >> 8 * i & 255
    span.alloc_cache = ~(bits >> freeindex // 64 * 64) % 2**64 >> freeindex % 64
    return plain


@pytest.mark.parametrize("c", CLASSES)
def test_an_address_leads_to_its_object(c: int) -> None:
    plain = PlainPart(OBJECTS)
    span, size = plain.root.span, CLASS_TO_SIZE[c]
    span.start_addr = start = 7 << 13
    plain.call("division.set_elemsize", span, c)
    total = CLASS_TO_PAGES[c] * PAGE
    for offset in {*range(0, total, 509), *range(0, total, size), *range(size - 1, total, size), total - 1}:
        n = offset // size
        assert plain.call("division.obj_index", span, start + offset) == n
        assert plain.call("division.object_base", span, start + offset) == (start + n * size, n)


def test_a_large_object_has_number_0() -> None:
    plain = PlainPart(OBJECTS)
    span = plain.root.span
    span.npages, span.start_addr = 100, 1 << 20
    plain.call("division.set_elemsize", span, 0)
    assert span.elemsize == 100 * PAGE
    assert plain.call("division.obj_index", span, (1 << 20) + 99 * PAGE) == 0
    assert plain.call("division.object_base", span, (1 << 20) + 99 * PAGE) == (1 << 20, 0)


@given(st.integers(0, 2**64 - 1), st.integers(0, 64))
def test_ctz_counts_the_zeros_below_the_lowest_one(x: int, zeros: int) -> None:
    y = x << zeros & 2**64 - 1
    expected = (y & -y).bit_length() - 1 if y else 64
    assert PlainPart(OBJECTS).call("alloc_bits.ctz64", y) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(BIT, min_size=1, max_size=200), st.lists(BIT, max_size=200))
def test_the_free_slots_come_in_order_and_each_once(taken: list[bool], quick: list[bool]) -> None:
    plain = with_bits(taken, 0)
    span = plain.root.span
    found = []
    for k in range(2 * len(taken) + 1):
        address = plain.call("alloc_bits.next_free_fast", span) if k < len(quick) and quick[k] else 0
        slot = (address - span.start_addr) // span.elemsize if address else plain.call("alloc_bits.next_free_index", span)
        if slot == len(taken):
            break
        assert plain.call("alloc_bits.is_free", span, slot)
        found.append(slot)
    assert found == [i for i, t in enumerate(taken) if not t]


def test_freeindex_beyond_the_slots_is_thrown_out() -> None:
    plain = with_bits([False] * 8, 0)
    plain.root.span.freeindex = 9
    with pytest.raises(Throw, match=r"s\.freeindex > s\.nelems"):
        plain.call("alloc_bits.next_free_index", plain.root.span)


@settings(deadline=None)
@given(st.lists(st.integers(1, 300_000), min_size=1, max_size=12))
def test_mark_bits_are_apart_aligned_and_inside_their_arena(requests: list[int]) -> None:
    plain = PlainPart(ARENAS)
    for i, arena in enumerate(plain.root.memory):
        arena.addr = (i + 1) << 16
    ranges: list[tuple[int, int]] = []
    for n in requests:
        arena = plain.root.next
        if plain.root.given == 4 and arena.free + -(-n // 64) * 8 > 65_520:
            with pytest.raises(Throw, match="cannot allocate memory"):
                plain.call("mark_bits.new_mark_bits", plain.root, n)
            return
        begin = plain.call("mark_bits.new_mark_bits", plain.root, n)
        end = begin + -(-n // 64) * 8
        assert begin % 8 == 0
        assert (begin - 16) >> 16 == (end - 1) >> 16
        assert begin & 0xFFFF >= 16
        assert all(end <= b or e <= begin for b, e in ranges)
        ranges.append((begin, end))


def test_an_arena_that_nobody_uses_is_used_again_before_new_memory() -> None:
    plain = PlainPart(ARENAS)
    m = plain.root
    m.free, m.given, m.memory[0].addr, m.memory[0].free = m.memory[0], 1, 1 << 16, 512
    assert plain.call("mark_bits.new_alloc_bits", m, 64) == (1 << 16) + 16
    assert (m.next, m.free, m.given) == (m.memory[0], None, 1)


def test_bits_that_exceed_an_arena_are_given_and_nothing_is_thrown() -> None:
    plain = PlainPart(ARENAS)
    plain.root.memory[0].addr = 1 << 16
    begin = plain.call("mark_bits.new_mark_bits", plain.root, 524_161)
    assert begin + 65_528 == (2 << 16) + 8


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 2)), max_size=4), st.integers(0, 3))
def test_specials_are_sorted_and_unique(wanted: list[tuple[int, int]], gone: int) -> None:
    plain = PlainPart(OBJECTS)
    span, records = plain.root.span, plain.root.records
    span.start_addr = 1 << 20
    kept: list[tuple[int, int]] = []
    for (offset, kind), record in zip(wanted, records, strict=False):
        record.kind = kind
        assert plain.call("specials.addspecial", span, (1 << 20) + offset, record) == ((offset, kind) not in kept)
        kept = sorted({*kept, (offset, kind)})
        assert listed(span) == kept
    if gone < len(wanted):
        offset, kind = wanted[gone]
        removed = plain.call("specials.removespecial", span, (1 << 20) + offset, kind)
        assert (removed.offset, removed.kind) == (offset, kind)
        assert listed(span) == [k for k in kept if k != (offset, kind)]
    assert plain.call("specials.removespecial", span, (1 << 20) + 21, 1) is None


def listed(span: object) -> list[tuple[int, int]]:
    """Offset and kind of the records in the span's list."""
    out, x = [], span.specials  # type: ignore[attr-defined]
    while x is not None:
        out.append((x.offset, x.kind))
        x = x.next
    return out
