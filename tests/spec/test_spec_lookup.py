import pytest
from harness import REAL, PlainHeap


@pytest.fixture
def h():
    heap = PlainHeap(REAL)
    heap.object = heap.large(3)
    heap.own_stack = heap.stack(8)
    return heap


def every_lookup(h, v):
    found = [h.call(f"table.{name}", v) for name in ("lookup_maybe", "inheap", "in_heap_or_stack", "span_of")]
    return [f if isinstance(f, bool) else f.number if f is not None else None for f in found]


def test_every_byte_of_an_object_is_found(h):
    n = h.object.number
    for v in (h.address(0), h.address(0) + 1, h.address(2) + 5, h.address(3) - 1):
        assert every_lookup(h, v) == [n, True, True, n]


def test_a_stack_is_no_heap_object(h):
    for v in (h.address(3), h.address(11) - 1):
        assert every_lookup(h, v) == [None, False, True, h.own_stack.number]


def test_free_memory_is_found_by_span_of_only(h):
    free = h.live()[2]
    assert every_lookup(h, h.address(11)) == [None, False, False, free.number]
    assert h.call("table.lookup", h.address(128) - 1) is free


@pytest.mark.parametrize("v", [0, 0xC420000000 - 1, 0xC420000000 + (128 << 13), 2**64 - 1])
def test_an_address_outside_the_arena_in_use_is_not_found(h, v):
    assert every_lookup(h, v) == [None, False, False, None]


def test_an_object_ends_at_its_limit(h):
    h.object.limit = h.address(2) + 16
    assert every_lookup(h, h.address(2) + 15)[:3] == [h.object.number, True, True]
    assert every_lookup(h, h.address(2) + 16)[:3] == [None, False, False]


def test_a_stale_entry_in_the_middle_of_a_free_span_finds_nothing(h):
    h.give_up(h.object)
    h.give_up(h.own_stack)
    stale = h.root.spans[1]
    h.large(1)
    assert h.root.spans[1] is not None
    assert h.root.spans[2] is stale
    assert every_lookup(h, h.address(2))[:3] == [None, False, False]
