import pytest
from harness import REAL, PlainHeap

from spec.language import Throw

SMALL = {"arena_pages": 16, "spans": 16, "max_mheap_list": 4, "heap_alloc_chunk": 8, "stack_pages": 2}


@pytest.fixture
def h():
    heap = PlainHeap(SMALL)
    yield heap
    assert [str(v) for v in heap.unexplained()] == []


def test_the_first_allocation_grows_and_splits(h):
    s = h.large(2)
    assert h.layout() == [(0, 2, "in use"), (2, 6, "free")]
    rest = h.live()[1]
    assert h.root.spans[2] is rest
    assert h.root.spans[7] is rest
    assert h.root.spans[0] is h.root.spans[1] is s
    assert h.root.freelarge.first is rest
    assert rest.unusedsince == h.root.clock
    assert (h.root.pages_in_use, h.root.memstats.heap_sys, h.root.memstats.heap_idle) == (2, 8, 6)


@pytest.mark.parametrize(
    ("freed", "want"),
    [
        (("b",), [(0, 1, "in use"), (1, 1, "free"), (2, 1, "in use"), (3, 5, "free")]),
        (("a", "b"), [(0, 2, "free"), (2, 1, "in use"), (3, 5, "free")]),
        (("c", "b"), [(0, 1, "in use"), (1, 7, "free")]),
        (("a", "c", "b"), [(0, 8, "free")]),
    ],
    ids=("no neighbour", "the one before", "the one after", "both"),
)
def test_a_freed_span_merges_with_free_neighbours(h, freed, want):
    spans = {name: h.large(1) for name in "abc"}
    first = h.large(5) if freed == ("b",) else None
    structs = h.root.nspan
    for name in freed:
        h.give_up(spans[name])
    if first is not None:
        h.give_up(first)
    assert h.layout() == want
    assert spans["b"].state == 2, "the span being freed survives, its neighbours die"
    assert h.root.nspan == structs


def test_merging_adds_up_released_pages_and_the_need_to_zero(h):
    a, b = h.large(1), h.large(1)
    keep = h.large(6)
    h.root.clock = 2
    h.give_up(a)
    h.root.clock = 5
    h.scavenge(5, 0)
    assert (a.npreleased, h.root.memstats.heap_released) == (1, 1)
    h.give_up(b)
    assert (b.npages, b.npreleased, b.needzero, b.unusedsince) == (2, 1, 1, 5)
    h.give_up(keep)
    assert (keep.npages, keep.npreleased) == (8, 1)


def test_allocation_from_released_memory_counts_it_back(h):
    a = h.large(2)
    h.give_up(a)
    h.root.clock = 3
    h.scavenge(3, 0)
    assert h.root.memstats.heap_released == 8
    s = h.large(1)
    assert h.root.memstats.heap_released == 0
    assert s.npreleased == h.live()[1].npreleased == 0


def test_first_fit_takes_the_front_of_the_shortest_list_that_fits(h):
    a = [h.large(1) for _ in range(8)]
    for i in (0, 2, 4, 5):
        h.give_up(a[i])
    assert h.page(h.large(1)) == 2, "freed last of the spans of one page"
    assert h.page(h.large(2)) == 4
    assert h.page(h.large(1)) == 0


def test_best_fit_takes_the_shortest_then_the_lowest():
    h = PlainHeap({**SMALL, "arena_pages": 32, "spans": 32, "heap_alloc_chunk": 4})
    kept = [h.large(n) for n in (5, 1, 4, 1, 4, 1, 4)]
    for i in (6, 2, 0, 4):
        h.give_up(kept[i])
    assert h.layout()[0] == (0, 5, "free")
    best = h.call("alloc.alloc_large", 4)
    assert h.page(best) == 6
    assert h.page(h.call("alloc.alloc_large", 5)) == 0
    assert h.call("alloc.alloc_large", 9) is None


def test_growth_rounds_to_its_quantum_and_merges_with_old_memory():
    h = PlainHeap({**SMALL, "arena_pages": 40, "spans": 8, "grow_pages": 4})
    h.large(7)
    h.large(9)
    assert h.layout() == [(0, 7, "in use"), (7, 9, "in use"), (16, 4, "free")]
    assert h.unexplained() == []


def test_growth_falls_back_to_the_request_alone():
    h = PlainHeap({**SMALL, "arena_pages": 14})
    h.large(8)
    s = h.large(6)
    assert h.page(s) == 8
    assert h.layout() == [(0, 8, "in use"), (8, 6, "in use")]
    assert h.large(1) is None
    assert h.root.os.refused
    assert h.unexplained() == []


def test_a_reused_struct_keeps_generation_and_limit(h):
    a = h.large(1)
    b = h.large(1)
    h.give_up(a)
    h.give_up(b)
    assert a.state == 3
    old = a.limit
    assert old == h.address(1)
    h.root.sweepgen += 2
    c = h.call("alloc.alloc_stack", 2)
    assert c is b
    h.call("alloc.alloc_stack", 1)
    assert h.live()[2] is a, "the remainder of the second split takes the struct freed last but one"
    assert a.limit == old
    assert a.sweepgen == h.root.sweepgen - 2


def test_stacks_and_small_spans_are_in_no_list(h):
    stack = h.stack(1)
    small = h.small(1, 1)
    large = h.large(1)
    assert stack.list is small.list is None
    assert large.list is h.root.busy[1]
    assert small.elemsize == 8
    assert (h.root.memstats.stacks_inuse, h.root.memstats.heap_objects, h.root.pages_in_use) == (1, 1, 2)
    for s in (stack, small, large):
        h.give_up(s)
    assert (h.root.memstats.stacks_inuse, h.root.memstats.heap_objects, h.root.pages_in_use) == (0, 0, 0)


@pytest.mark.parametrize(("needzero", "dirty"), [(True, False), (False, True)])
def test_dirty_memory_is_cleared_only_on_request(h, needzero, dirty):
    h.give_up(h.large(1))
    s = h.call("alloc.alloc", 1, 0, True, needzero)
    assert h.root.os.dirty[0] is dirty
    assert s.needzero == 0
    s.alloc_count = 1
    h.call("environment.client.take", s.start_addr, 1, 1)
    s.limit = h.address(1)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda h, s: setattr(s, "alloc_count", 1), "invalid free"),
        (lambda h, s: setattr(s, "sweepgen", h.root.sweepgen - 2), "invalid free"),
        (lambda h, s: setattr(s, "state", 2), "invalid span state"),
        (lambda h, s: setattr(s, "state", 3), "invalid span state"),
        (lambda h, s: (setattr(s, "state", 1), setattr(s, "alloc_count", 1)), "invalid stack free"),
    ],
)
def test_free_throws_on_a_span_that_must_not_be_freed(spoil, message):
    h = PlainHeap(SMALL)
    s = h.large(1)
    s.alloc_count = 0
    spoil(h, s)
    with pytest.raises(Throw, match=message):
        h.call("free.free_span", s, True)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [("state", 0, "MSpan not free"), ("npages", 3, "bad npages"), ("list", None, "MSpanList_Remove")],
)
def test_alloc_throws_on_a_bad_span_in_a_free_list(field, value, message):
    h = PlainHeap({**SMALL, "max_mheap_list": 8})
    h.large(4)
    setattr(h.live()[1], field, value)
    with pytest.raises(Throw, match=message):
        h.call("alloc.alloc_span_locked", 4)


def test_recordspan_grows_the_capacity_by_half():
    h = PlainHeap({**SMALL, "allspans_chunk": 2, "arena_pages": 8, "spans": 9})
    caps = []
    for _ in range(8):
        h.large(1)
        caps.append((h.root.nspan, h.root.allspans.capacity))
    assert caps == [(2, 2), (3, 3), (4, 4), (5, 6), (6, 6), (7, 9), (8, 9), (8, 9)]
    assert h.root.allspans is h.root.arrays[4]
    assert [a.mapped for a in h.root.arrays] == [False] * 4 + [True], "nobody but the heap reads the array"


@pytest.mark.parametrize("shift", [0, 3])
def test_a_large_object_fills_its_span(shift):
    h = PlainHeap({**SMALL, "page_shift": shift, "arena_pages": 8, "heap_alloc_chunk": 8 << shift})
    s = h.large(2)
    assert (s.elemsize, s.limit - s.start_addr, s.sizeclass) == (2 << shift, 2 << shift, 0)
    assert (s.freeindex, s.alloc_count) == (1, 1)


@pytest.mark.parametrize("chunk", [2, 3, 4, 8])
def test_the_arrays_suffice_for_the_structs(chunk):
    h = PlainHeap({**SMALL, "allspans_chunk": chunk, "arena_pages": 16, "spans": 15, "heap_alloc_chunk": 16})
    for _ in range(14):
        h.large(1)
    assert (h.root.nspan, h.root.narrays) == (15, len(h.root.arrays))


def test_layout_of_a_span(h):
    s = h.small(1, 1)
    s.elemsize = 0
    assert h.pure("span.layout", s) == (0, 0, 1)
    real = PlainHeap(REAL)
    s = real.small(1, 5)
    assert real.pure("span.layout", s) == (64, 128, 8192)
    assert real.pure("span.base", s) == 0xC420000000
    PlainHeap(SMALL)


def test_size_classes_are_those_of_the_seed(h):
    classes = h.spec.modules["size_classes"]
    assert len(classes.CLASS_TO_SIZE) == 67
    assert classes.CLASS_TO_SIZE[:8] == (0, 8, 16, 32, 48, 64, 80, 96)
    assert (classes.CLASS_TO_SIZE[-1], max(classes.CLASS_TO_PAGES)) == (32768, 10)
