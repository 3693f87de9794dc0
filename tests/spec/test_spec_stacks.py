"""Stacks: the pool's spans, large stacks by order, and what is kept during a collection."""

import pytest
from harness import FREE, IN_USE, MARK, OFF, STACK, PlainHeap

from spec.language import Throw

BASE = {"arena_pages": 16, "spans": 16, "max_mheap_list": 4, "heap_alloc_chunk": 8, "stack_pages": 4, "pool_stacks": 2}
STACKS = "environment.stacks."
NOBODY, STACK_USER = 0, 2


@pytest.fixture
def h():
    heap = PlainHeap(BASE)
    yield heap
    assert [str(v) for v in heap.unexplained()] == []
    assert [lock.owner for lock in (heap.root.lock, heap.root.stackpoolmu, heap.root.stack_large_lock)] == [0, 0, 0]


def free(h, s, how="stackfree"):
    h.call(STACKS + how, s.start_addr)


def unpool(h, s):
    free(h, s, "stackpoolfree")


def kept(h):
    return [[s.npages for s in h.members(spans)] for spans in h.root.stack_large]


def test_the_stacks_of_a_pool_share_spans(h):
    a, b, c = h.pooled(), h.pooled(), h.pooled()
    assert a is b is not c
    assert (a.alloc_count, a.stackfreelist, c.alloc_count, c.stackfreelist) == (2, 0, 1, 1)
    assert h.members(h.root.stackpool) == [c], "a full span is in no list"
    assert h.root.memstats.stacks_inuse == 2
    assert a.state == c.state == STACK


def test_a_full_span_is_in_the_pool_again_when_a_stack_is_freed(h):
    a, _, c = h.pooled(), h.pooled(), h.pooled()
    unpool(h, a)
    assert h.members(h.root.stackpool) == [a, c]
    assert (a.alloc_count, a.stackfreelist) == (1, 1)
    assert h.pooled() is a, "from the front"


def test_the_last_stack_gives_its_span_back(h):
    a, _ = h.pooled(), h.pooled()
    unpool(h, a)
    assert a.state == STACK
    assert h.root.os.user[0] == STACK_USER
    unpool(h, a)
    assert (a.state, a.stackfreelist, h.root.memstats.stacks_inuse, a.needzero) == (FREE, 0, 0, 1)
    assert h.members(h.root.stackpool) == []
    assert h.root.os.user[0] == NOBODY


def test_a_pool_span_is_kept_during_a_collection_and_given_back_after_it(h):
    a, b, c = h.pooled(), h.pooled(), h.pooled()
    h.root.gcphase = MARK
    unpool(h, a)
    unpool(h, b)
    assert (a.state, a.alloc_count, a.stackfreelist) == (STACK, 0, 2)
    assert h.members(h.root.stackpool) == [a, c]
    h.root.gcphase = OFF
    h.call(STACKS + "free_stack_spans")
    assert (a.state, c.state) == (FREE, STACK)
    assert h.members(h.root.stackpool) == [c]


def test_all_empty_spans_of_the_pool_are_given_back(h):
    spans = [h.pooled() for _ in range(6)][::2]
    h.root.gcphase = MARK
    for s in spans:
        unpool(h, s)
        unpool(h, s)
    h.root.gcphase = OFF
    h.call(STACKS + "free_stack_spans")
    assert h.layout() == [(0, 8, "free")]
    assert h.members(h.root.stackpool) == []


def test_a_kept_pool_span_is_used_again(h):
    a = h.pooled()
    h.root.gcphase = MARK
    unpool(h, a)
    assert h.pooled() is a
    h.root.gcphase = OFF
    assert (a.alloc_count, a.stackfreelist) == (1, 1)


def test_the_pool_says_when_memory_is_exhausted():
    h = PlainHeap({**BASE, "arena_pages": 8})
    h.large(8)
    assert h.pooled() is None
    assert h.stack(2) is None
    assert (h.root.stackpoolmu.owner, h.root.stack_large_lock.owner) == (0, 0)
    assert h.unexplained() == []


def test_the_pool_throws_on_a_span_without_free_stacks_and_on_an_object():
    h = PlainHeap(BASE)
    h.pooled().stackfreelist = 0
    with pytest.raises(Throw, match="span has no free stacks"):
        h.pooled()
    h = PlainHeap(BASE)
    with pytest.raises(Throw, match="freeing stack not in a stack span"):
        unpool(h, h.large(1))


def test_a_large_stack_has_its_own_span_and_gives_it_back(h):
    for order in range(3):
        s = h.span(h.call(STACKS + "stackalloc", order))
        assert (s.npages, s.state, h.root.memstats.stacks_inuse) == (1 << order, STACK, 1 << order)
        assert {h.root.os.user[p] for p in range(1 << order)} == {STACK_USER}
        free(h, s)
        assert (s.state, h.root.memstats.stacks_inuse, s.needzero) == (FREE, 0, 1)
    assert kept(h) == [[], [], []]


def test_large_stacks_freed_during_a_collection_are_kept_by_order(h):
    spans = [h.stack(n) for n in (1, 2, 2, 4)]
    h.root.gcphase = MARK
    for s in spans[:2] + spans[3:]:
        free(h, s)
    assert kept(h) == [[1], [2], [4]]
    assert all(s.state == STACK for s in spans)
    again = h.stack(2)
    assert again is spans[1], "taken from the list of its order, in any phase"
    assert kept(h) == [[1], [], [4]]
    assert h.stack(2) not in spans, "the list of its order is empty"
    h.root.gcphase = OFF
    h.call(STACKS + "free_stack_spans")
    assert kept(h) == [[], [], []]
    assert [s.state for s in spans] == [FREE, STACK, STACK, FREE]


def test_every_kept_stack_of_an_order_is_given_back(h):
    spans = [h.stack(1), h.large(1), h.stack(1)]
    h.root.gcphase = MARK
    free(h, spans[0])
    free(h, spans[2])
    h.root.gcphase = OFF
    h.call(STACKS + "free_stack_spans")
    assert [s.state for s in spans] == [FREE, IN_USE, FREE]


def test_an_object_is_not_freed_as_a_stack():
    h = PlainHeap(BASE)
    s = h.large(1)
    with pytest.raises(Throw, match="bad span state"):
        free(h, s)


@pytest.mark.parametrize(("npages", "order"), [(1, 0), (2, 1), (3, 1), (4, 2), (7, 2), (8, 3)])
def test_order_of(h, npages, order):
    assert h.pure(STACKS + "order_of", npages) == order
