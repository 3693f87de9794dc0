"""Reclaiming before growth: one busy list, the four stages, and when alloc_m does it."""

import pytest
from harness import FREE, IN_USE, PlainHeap

BASE = {"arena_pages": 40, "spans": 30, "max_mheap_list": 4, "heap_alloc_chunk": 40, "gc_cycles": 1}


@pytest.fixture(params=[0, 1], ids=("any", "index"))
def h(request):
    heap = PlainHeap({**BASE, "sweep_order": request.param})
    yield heap
    assert [str(v) for v in heap.unexplained()] == []


def dead(h, *lengths):
    """Objects of these lengths, apart from each other, without marks, at the beginning of a sweep."""
    spans, between = [], []
    for n in lengths:
        spans.append(h.large(n))
        between.append(h.call("alloc.alloc_stack", 1))
    h.new_generation()
    return spans


def swept(h, s):
    s.sweepgen, s.due = h.root.sweepgen, False


def states(spans):
    return "".join("#" if s.state == IN_USE else "." for s in spans)


def unswept(h, spans):
    return [s.state == IN_USE and s.sweepgen == h.root.sweepgen - 2 for s in spans]


def test_reclaim_list_takes_from_the_front_until_it_has_enough(h):
    spans = dead(h, 1, 1, 1)
    assert h.locked("reclaim.reclaim_list", h.root.busy[1], 1) == 1
    assert states(spans) == ".##"
    assert h.members(h.root.busy[1]) == spans[1:]
    assert h.locked("reclaim.reclaim_list", h.root.busy[1], 2) == 2
    assert states(spans) == "..."


def test_reclaim_list_counts_pages(h):
    spans = dead(h, 2, 2, 2)
    assert h.locked("reclaim.reclaim_list", h.root.busy[2], 3) == 4
    assert states(spans) == "..#"


def test_reclaim_list_puts_what_it_sweeps_and_keeps_at_the_back(h):
    a, b, c = dead(h, 1, 1, 1)
    a.marked = True
    assert h.locked("reclaim.reclaim_list", h.root.busy[1], 1) == 1
    assert h.members(h.root.busy[1]) == [c, a]
    assert states((a, b, c)) == "#.#"
    assert a.sweepgen == h.root.sweepgen


def test_reclaim_list_skips_a_span_that_is_being_swept(h):
    a, b, _ = dead(h, 1, 1, 1)
    a.sweepgen = h.root.sweepgen - 1
    assert h.locked("reclaim.reclaim_list", h.root.busy[1], 1) == 1
    assert (a.state, b.state) == (IN_USE, FREE)
    assert h.members(h.root.busy[1])[0] is a


def test_reclaim_list_stops_at_a_swept_span(h):
    a, b, _ = dead(h, 1, 1, 1)
    swept(h, a)
    assert h.locked("reclaim.reclaim_list", h.root.busy[1], 1) == 0
    assert b.state == IN_USE
    assert b.sweepgen == h.root.sweepgen - 2


def test_reclaim_list_begins_again_from_the_front_after_a_sweep(h):
    a, b, c = dead(h, 1, 1, 1)
    a.sweepgen = h.root.sweepgen - 1
    b.marked = True
    assert h.locked("reclaim.reclaim_list", h.root.busy[1], 1) == 1
    assert c.state == FREE, "behind b, which has moved to the back"
    assert h.members(h.root.busy[1]) == [a, b]


def test_reclaim_list_ends_when_the_list_does(h):
    assert h.locked("reclaim.reclaim_list", h.root.busylarge, 1) == 0
    spans = dead(h, 4, 5)
    assert h.locked("reclaim.reclaim_list", h.root.busylarge, 20) == 9
    assert states(spans) == ".."
    assert h.members(h.root.busylarge) == []


def test_larger_objects_come_first_by_length_and_one_is_enough(h):
    spans = dead(h, 1, 3, 2, 2, 5)
    h.locked("reclaim.reclaim", 2)
    assert states(spans) == "##.##"
    h.locked("reclaim.reclaim", 2)
    h.locked("reclaim.reclaim", 2)
    assert states(spans) == "#...#"


def test_then_objects_longer_than_every_list(h):
    spans = dead(h, 1, 1, 5, 4)
    h.locked("reclaim.reclaim", 3)
    assert states(spans) == "##.#"


def test_then_as_many_smaller_ones_as_it_takes(h):
    spans = dead(h, 2, 1, 1, 2)
    h.locked("reclaim.reclaim", 3)
    assert states(spans) == "...#"


@pytest.mark.parametrize(("request_", "want"), [(1, ".##"), (2, "..#"), (3, "...")])
def test_smaller_ones_are_taken_for_a_request_longer_than_every_list(h, request_, want):
    spans = dead(h, 1, 1, 1)
    h.locked("reclaim.reclaim", request_)
    assert states(spans) == want
    assert h.root.sweepdone == 0


def test_an_unswept_object_behind_a_swept_one_is_found_by_sweeping_everything(h):
    spans = dead(h, 2, 2, 2)
    swept(h, spans[0])
    h.locked("reclaim.reclaim", 2)
    assert states(spans) in ("#.#", "##."), "one is enough"
    assert h.root.sweepdone == 0


def test_sweeping_everything_adds_to_what_the_lists_gave(h):
    spans = dead(h, 1, 2, 2, 2)
    swept(h, spans[1])
    h.locked("reclaim.reclaim", 3)
    assert states(spans)[0] == "."
    assert states(spans).count("#") == 2


def test_the_observer_counts_each_reclaim_anew(h):
    dead(h, 2, 2)
    for _ in range(2):
        h.locked("reclaim.reclaim", 2)
        assert h.root.accounts[0].reclaimed == 2


def test_it_ends_when_nothing_is_left_to_sweep(h):
    spans = dead(h, 1, 1, 2)
    spans[2].marked = True
    h.locked("reclaim.reclaim", 9)
    assert states(spans) == "..#"
    assert h.root.sweepdone == 1


def test_smaller_objects_than_a_bingo_are_left_alone(h):
    spans = dead(h, 1, 2, 3)
    h.locked("reclaim.reclaim", 1)
    assert states(spans) == ".##"
    assert unswept(h, spans) == [False, True, True]


@pytest.mark.parametrize(("sweepdone", "want"), [(0, ".##"), (1, "###")])
def test_allocation_reclaims_only_while_the_sweep_is_not_done(sweepdone, want):
    h = PlainHeap(BASE)
    spans = dead(h, 2, 2, 2)
    h.root.sweepdone = sweepdone
    used = h.page(spans[0])
    s = h.large(2)
    assert (h.page(s) == used) == (sweepdone == 0), "the memory just freed is used at once"
    assert sum(unswept(h, spans)) == want.count("#")
    assert h.root.accounts[0].reclaimed == h.root.accounts[0].listed == 0, "the observer's account is closed"


def test_stacks_do_not_reclaim(h):
    spans = dead(h, 2)
    h.call("alloc.alloc_stack", 2)
    assert unswept(h, spans) == [True]


def test_memory_reclaimed_from_a_full_arena_lets_the_allocation_succeed(h):
    big = h.large(40)
    h.new_generation()
    s = h.large(40)
    assert h.page(s) == 0
    assert s is big or big.state != IN_USE
