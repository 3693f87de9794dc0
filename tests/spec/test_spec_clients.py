"""The threads around the heap: what a mutator may ask for, what its requests are, and what readers find."""

import pytest
from harness import IN_USE, MARK, OFF, STACK, PlainHeap

from spec.language import EvaluationError

BASE = {"arena_pages": 16, "spans": 16, "max_mheap_list": 4, "heap_alloc_chunk": 8, "held": 2, "readers": 1}
MUTATOR, CLIENT = "environment.mutator.", "environment.client."
NOBODY, OBJECT, STACK_USER = 0, 1, 2


class NoMoreChoices(Exception):
    """Ends a thread that goes on for ever."""


def scripted(h, *choices, between=lambda: None):
    """Let the next choices be these, each of which must be enabled."""
    script = list(choices)

    def chooser(options):
        between()
        if not script:
            raise NoMoreChoices
        assert script[0] in options
        return script.pop(0)

    h.runtime.chooser = chooser


def may(h, request, slot):
    return h.call(MUTATOR + "may_request", h.root.mutators[0], request, slot)


def test_requests_by_kind_and_size():
    h = PlainHeap({**BASE, "large_pages": 2, "small_pages": 1, "stack_pages": 4, "pool_stacks": 2})
    made = [h.span(h.call(MUTATOR + "allocate", request)) for request in range(1, h.parameters.requests)]
    assert [(s.npages, s.state, s.sizeclass, s.alloc_count) for s in made] == [
        (1, IN_USE, 0, 1),
        (2, IN_USE, 0, 1),
        (1, IN_USE, 1, 1),
        (2, STACK, 0, 0),
        (4, STACK, 0, 0),
        (1, STACK, 0, 1),
    ]
    assert h.unexplained() == []


def test_without_a_pool_stacks_of_one_page_have_their_own_spans():
    h = PlainHeap({**BASE, "large_pages": 0, "stack_pages": 2})
    made = [h.span(h.call(MUTATOR + "allocate", request)) for request in range(1, h.parameters.requests)]
    assert [(s.npages, s.state) for s in made] == [(1, STACK), (2, STACK)]


def test_what_may_be_requested_depends_on_the_slots():
    h = PlainHeap({**BASE, "large_pages": 1, "gc_cycles": 1, "pins": 1})
    give_up, allocate, pin = range(3)
    s = h.large(1)
    assert [may(h, r, i) for r in (give_up, allocate, pin) for i in (0, 1)] == [False, False, True, False, False, False]
    h.hold(s)
    assert [may(h, r, i) for r in (give_up, allocate, pin) for i in (0, 1)] == [True, False, False, True, True, False]
    h.hold(s, s)
    assert [may(h, r, i) for r in (give_up, allocate, pin) for i in (0, 1)] == [True, True, False, False, True, True]
    h.root.world.stopped = True
    assert not any(may(h, r, i) for r in (give_up, allocate, pin) for i in (0, 1))


def test_giving_up_empties_the_slot_and_frees_by_kind():
    h = PlainHeap({**BASE, "stack_pages": 2, "pool_stacks": 2})
    spans = [h.large(1), h.stack(2), h.pooled(), h.pooled()]
    m = h.root.mutators[0]
    for s in spans:
        m.root[1] = s.start_addr
        h.call(MUTATOR + "give_up", m, 1)
        assert m.root[1] == 0
    assert h.layout() == [(0, 8, "free")]
    assert h.unexplained() == []


def test_a_dropped_object_is_left_to_the_sweep_if_there_is_one():
    h = PlainHeap({**BASE, "gc_cycles": 1})
    s = h.large(2)
    h.give_up(s)
    assert (s.state, s.alloc_count, s.needzero) == (IN_USE, 1, 0)
    assert [h.root.os.user[p] for p in (0, 1)] == [NOBODY, NOBODY]


def test_pinning_sweeps_an_object_and_ignores_a_stack():
    h = PlainHeap({**BASE, "gc_cycles": 1, "stack_pages": 1})
    s, stack = h.large(1), h.stack(1)
    s.marked = True
    h.new_generation()
    before = stack.sweepgen
    h.call(MUTATOR + "pin", stack.start_addr)
    assert (stack.sweepgen, s.sweepgen) == (before, h.root.sweepgen - 2)
    h.call(MUTATOR + "pin", s.start_addr)
    assert (s.sweepgen, s.state) == (h.root.sweepgen, IN_USE)


def test_taking_and_leaving_pages_is_seen_by_the_observer():
    h = PlainHeap({**BASE, "max_time": 9})
    h.large(1)
    h.root.clock = 5
    h.call(CLIENT + "leave", h.address(0), 1)
    assert (h.root.os.user[0], h.root.os.dirty[0], h.root.os.last_used[0], h.root.os.handed[0]) == (NOBODY, True, 5, False)
    h.root.gcphase = MARK
    h.call(CLIENT + "take", h.address(0), 2, STACK_USER)
    h.root.gcphase = OFF
    assert [h.root.os.user[p] for p in range(3)] == [STACK_USER, STACK_USER, NOBODY]
    assert [h.root.os.handed[p] for p in range(3)] == [True, True, False]
    assert [h.root.os.dirty[p] for p in range(3)] == [True, True, False]


@pytest.mark.parametrize("what", ["take", "leave"])
def test_a_lookup_under_way_is_disturbed_by_a_change_of_its_page_only(what):
    h = PlainHeap(BASE)
    h.large(3)
    r = h.root.readers[0]
    arguments = (OBJECT,) if what == "take" else ()
    h.call("environment.reader.begin", r, 1)
    assert (r.page, r.steady) == (1, OBJECT)
    h.call(CLIENT + what, h.address(2), 1, *arguments)
    assert r.steady == OBJECT
    h.call(CLIENT + what, h.address(0), 2, *arguments)
    assert r.steady == NOBODY
    h.call("environment.reader.begin", r, 1)
    h.pure("environment.reader.end", r)
    assert (r.page, r.steady) == (0, NOBODY)


def test_the_four_ways_to_look_an_address_up():
    h = PlainHeap({**BASE, "stack_pages": 1})
    h.large(1), h.stack(1)
    r = h.root.readers[0]
    found = [[h.call("environment.reader.look_up", r, how, h.address(p)) for how in range(4)] for p in (0, 1, 2, 9)]
    assert found == [[True] * 4, [False, True, False, True], [False, False, False, True], [False] * 4]
    assert h.unexplained() == []


def test_a_mutator_fills_and_empties_its_slots(monkeypatch):
    h = PlainHeap({**BASE, "large_pages": 2, "gc_cycles": 1, "pins": 1})
    m, seen = h.root.mutators[0], []
    module = h.spec.modules["environment.mutator"]
    for name in ("allocate", "give_up", "pin"):
        original = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, f=original, n=name: (seen.append((n, m.inside)), f(*a))[1])
    scripted(h, (2, 0), (1, 1), (3, 1), (0, 0), between=lambda: seen.append((list(m.root), m.inside)))
    with pytest.raises(NoMoreChoices):
        h.call(MUTATOR + "mutator", m)
    a, b = h.address(0), h.address(2)
    assert seen == [
        ([0, 0], False), ("allocate", True), ([a, 0], False), ("allocate", True), ([a, b], False),
        ("pin", True), ([a, b], False), ("give_up", True), ([0, b], False),
    ]  # fmt: skip


def test_a_mutator_without_memory_keeps_its_slot_empty():
    h = PlainHeap({**BASE, "arena_pages": 8, "large_pages": 1})
    h.large(8)
    scripted(h, (1, 0))
    with pytest.raises(NoMoreChoices):
        h.call(MUTATOR + "mutator", h.root.mutators[0])
    assert list(h.root.mutators[0].root) == [0, 0]
    assert h.small(1, 1) is None
    assert h.unexplained() == []


def test_the_empty_slot_is_the_lowest():
    h = PlainHeap(BASE)
    m = h.root.mutators[0]
    for root, slot in (([0, 0], 0), ([0, 16], 0), ([16, 0], 1), ([16, 16], 2)):
        m.root[0], m.root[1] = root
        assert h.pure(MUTATOR + "empty_slot", m) == slot


def test_a_reader_looks_up_and_forgets(monkeypatch):
    h = PlainHeap(BASE)
    h.large(1)
    r, seen = h.root.readers[0], []
    spy = lambda heap, reader, how, v: seen.append((how, v, reader.page, reader.steady))  # noqa: E731
    monkeypatch.setattr(h.spec.modules["environment.reader"], "look_up", spy)
    scripted(h, (2, 0), (3, 5), between=lambda: seen.append((r.page, r.steady)))
    with pytest.raises(NoMoreChoices):
        h.call("environment.reader.reader", r)
    nothing = (0, NOBODY)
    assert seen == [nothing, (2, h.address(0), 0, OBJECT), nothing, (3, h.address(5), 5, NOBODY), nothing]


@pytest.mark.parametrize(
    ("thread", "cycles", "counter"),
    [("collector.collector", "gc_cycles", "cycles"), ("scavenger.forced_collector", "forced_cycles", "forced")],
)
def test_the_collector_s_threads_rest_when_they_have_collected_often_enough(thread, cycles, counter):
    h = PlainHeap({**BASE, cycles: 2})
    h.give_up(h.large(1))
    with pytest.raises(EvaluationError, match="wait"):
        h.call("environment." + thread)
    assert (getattr(h.root.world, counter), h.root.sweepgen) == (2, 6)
    assert h.root.os.shortest_idle == h.parameters.word_max
    if cycles == "forced_cycles":
        assert h.unexplained() == []


def test_clients_of_the_heap_close_the_observer_s_account():
    for kind in (lambda h: h.large(1), lambda h: h.small(1, 1)):
        h = PlainHeap(BASE)
        mine = h.root.accounts[0]
        mine.listed = mine.last = mine.reclaimed = 9
        s = kind(h)
        assert (mine.listed, mine.last, mine.reclaimed) == (0, 0, 0)
        assert h.root.os.user[h.page(s)] == OBJECT


def test_the_accounts_of_a_list_and_of_a_reclaim():
    h = PlainHeap(BASE)
    mine = h.root.accounts[0]
    h.call("environment.observer.pages_freed", 3)
    h.call("environment.observer.pages_freed", 1)
    assert (mine.listed, mine.last, mine.reclaimed) == (4, 1, 4)
    h.call("environment.observer.list_begins")
    assert (mine.listed, mine.last, mine.reclaimed) == (0, 0, 4)
    h.call("environment.observer.reclaim_begins")
    assert mine.reclaimed == 0


def test_an_object_that_is_freed_at_once_is_as_after_a_sweep():
    h = PlainHeap(BASE)
    s = h.large(8)
    h.give_up(s)
    assert (s.alloc_count, s.freeindex, s.needzero) == (0, 0, 1)
