"""What the scavenger releases, for each placement of a free span relative to physical pages."""

import pytest
from harness import PlainHeap

RELEASED = 2


def heap_with_free(first, pages, phys):
    """A heap of 16 pages in use but for one free span."""
    h = PlainHeap(
        {"arena_pages": 16, "spans": 20, "max_mheap_list": 16, "heap_alloc_chunk": 16, "phys_page_size": phys, "max_time": 99}
    )
    before = h.large(first) if first else None
    span = h.large(pages)
    if first + pages < 16:
        h.large(16 - first - pages)
    assert before is None or h.page(before) == 0
    h.root.clock = 10
    h.give_up(span)
    return h, span


def released(h):
    return [p for p in range(16) if h.root.os.page[p] == RELEASED]


@pytest.mark.parametrize("phys", [1, 2, 4, 8])
def test_exactly_the_whole_physical_pages_are_released(phys):
    for first in range(16):
        for pages in range(1, 17 - first):
            h, span = heap_with_free(first, pages, phys)
            h.root.clock = 20
            h.scavenge(20, 5)
            inside = [p for p in range(16) if first <= p // phys * phys and (p // phys + 1) * phys <= first + pages]
            assert released(h) == inside, (first, pages)
            assert span.npreleased == len(inside) == h.root.memstats.heap_released
            assert h.violations() == []


@pytest.mark.parametrize(("limit", "want"), [(9, 4), (10, 0), (11, 0)])
def test_a_span_is_old_when_unused_for_longer_than_the_limit(limit, want):
    h, _ = heap_with_free(4, 4, 1)
    h.root.clock = 20
    h.scavenge(20, limit)
    assert len(released(h)) == want
    assert h.violations() == []


def test_a_second_scavenge_releases_nothing_more():
    h, span = heap_with_free(4, 4, 2)
    h.root.clock = 20
    h.scavenge(20, 5)
    h.scavenge(20, 5)
    assert (span.npreleased, h.root.memstats.heap_released) == (4, 4)


def test_the_sum_of_a_pass_is_what_the_lists_released():
    h, span = heap_with_free(3, 6, 2)
    assert h.call("scavenge.scavengelist", h.root.free[6], 20, 5) == 4
    assert h.call("scavenge.scavengelist", h.root.free[6], 20, 5) == 0
    assert h.call("scavenge.scavengelist", h.root.free[7], 20, 5) == 0
    assert h.call("scavenge.scavenge_span", span, 20, 5) == 0


def test_two_halves_of_a_physical_page_are_released_once_merged():
    h, _ = heap_with_free(3, 1, 2)
    h.root.clock = 20
    h.scavenge(20, 5)
    assert released(h) == []
    neighbour = h.root.spans[2]
    assert neighbour.npages == 3
    h.give_up(neighbour)
    h.root.clock = 40
    h.scavenge(40, 5)
    assert released(h) == [0, 1, 2, 3]
    assert (neighbour.npages, neighbour.npreleased) == (4, 4)


def test_free_os_memory_releases_everything_at_once():
    h, _ = heap_with_free(0, 16, 4)
    h.scavenge(h.parameters.word_max, 0)
    assert len(released(h)) == 16
    assert h.violations() == []
