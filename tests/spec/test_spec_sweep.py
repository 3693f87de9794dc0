"""Sweeping one span, the next span in both orders, a span that somebody needs, and the background sweeper."""

import pytest
from harness import FREE, IN_USE, STACK, PlainHeap

from spec.language import EvaluationError, Throw

BASE = {"arena_pages": 16, "spans": 16, "max_mheap_list": 4, "heap_alloc_chunk": 8, "gc_cycles": 1, "stack_pages": 1}
NONE = 255
ANY, INDEX = 0, 1
ABSENT, WAITING, VISITED = 0, 1, 2


@pytest.fixture(params=[ANY, INDEX], ids=("any", "index"))
def h(request):
    heap = PlainHeap({**BASE, "sweep_order": request.param})
    yield heap
    assert [str(v) for v in heap.unexplained()] == []


def three(h, marked=()):
    """Three objects of one page at the beginning of a sweep; those named are marked."""
    spans = {name: h.large(1) for name in "abc"}
    for name in marked:
        spans[name].marked = True
    h.new_generation()
    return spans.values()


def claimed(h, s):
    s.sweepgen = h.root.sweepgen - 1
    return s


def sweep_all(h):
    out = []
    while (n := h.call("environment.sweep.sweepone")) != NONE:
        out.append(n)
    return out


def test_a_marked_object_survives_its_sweep(h):
    a, _, _ = three(h, "a")
    assert h.call("environment.sweep.sweep", claimed(h, a), False) is False
    assert (a.state, a.alloc_count, a.freeindex, a.marked, a.needzero) == (IN_USE, 1, 0, False, 0)
    assert a.sweepgen == h.root.sweepgen
    assert h.members(h.root.busy[1])[0] is a
    assert (a.sweeper, h.root.accounts[0].listed) == (0, 0)


def test_an_object_without_a_mark_goes_back_to_the_heap(h):
    _, b, _ = three(h)
    assert h.call("environment.sweep.sweep", claimed(h, b), False) is True
    assert (b.state, b.alloc_count, b.needzero, b.sweepgen) == (FREE, 0, 1, h.root.sweepgen)
    assert h.members(h.root.free[1]) == [b]
    assert h.root.memstats.heap_objects == 2
    assert (b.sweeper, h.root.accounts[0].listed) == (0, 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda h, s: setattr(s, "sweepgen", h.root.sweepgen),
        lambda h, s: setattr(s, "sweepgen", h.root.sweepgen - 2),
        lambda h, s: setattr(s, "state", STACK),
    ],
    ids=("swept", "not claimed", "a stack"),
)
def test_sweep_throws_on_a_span_that_is_not_claimed_or_not_in_use(spoil):
    h = PlainHeap(BASE)
    a, _, _ = three(h)
    spoil(h, claimed(h, a))
    with pytest.raises(Throw, match=r"MSpan_Sweep: bad span state$"):
        h.call("environment.sweep.sweep", a, False)


def test_sweep_throws_when_more_is_marked_than_allocated():
    h = PlainHeap(BASE)
    a, _, _ = three(h, "a")
    a.alloc_count = 0
    with pytest.raises(Throw, match="sweep increased allocation count"):
        h.call("environment.sweep.sweep", claimed(h, a), False)


def test_every_span_is_swept_once(h):
    spans = three(h, "b")
    assert sorted(sweep_all(h)) == [0, 1, 1]
    assert [s.state for s in spans] == [FREE, IN_USE, FREE]
    assert all(s.sweepgen == h.root.sweepgen for s in spans)
    assert h.root.sweepdone == 1
    assert sweep_all(h) == []


def test_the_sweep_is_done_only_at_the_end_of_the_list(h):
    three(h, "abc")
    for _ in range(3):
        assert h.call("environment.sweep.sweepone") == 0
        assert h.root.sweepdone == 0


def test_a_span_that_is_not_in_use_only_gets_the_generation(h):
    free, stack = h.large(1), h.stack(1)
    three(h, "b")
    h.call("environment.sweep.ensure_swept", free)
    assert free.state == FREE
    free.sweepgen = stack.sweepgen = 0
    assert sorted(sweep_all(h)) == [0, 1, 1]
    assert [(s.state, s.sweepgen) for s in (stack, free)] == [(STACK, h.root.sweepgen), (FREE, h.root.sweepgen)]


def test_spans_that_are_swept_or_being_swept_are_passed(h):
    a, b, c = three(h)
    claimed(h, a)
    b.sweepgen = h.root.sweepgen
    b.due = False
    assert sweep_all(h) == [1]
    assert [s.state for s in (a, b, c)] == [IN_USE, IN_USE, FREE]
    assert not any(s.looked_at for s in list(h.root.mspans))


def test_index_order_is_that_of_the_structs():
    h = PlainHeap({**BASE, "sweep_order": INDEX})
    a, b, c = three(h)
    order = []
    for _ in range(3):
        before = [s.state for s in (a, b, c)]
        h.call("environment.sweep.sweepone")
        order += [s.number for s, state in zip((a, b, c), before, strict=True) if s.state != state]
    assert order == sorted(order)
    assert h.root.work.spanidx == c.number
    assert h.call("environment.sweep.sweepone") == NONE
    assert h.root.work.spanidx == h.root.work.nspan + 1
    assert all(s.visit == ABSENT for s in (a, b, c))


def test_any_order_is_the_chooser_s():
    for pick in (0, -1):
        h = PlainHeap(BASE)
        a, b, c = three(h)
        h.runtime.chooser = lambda options, pick=pick: options[pick]
        assert h.call("environment.sweep.sweepone") == 1
        assert [s.state for s in (a, b, c)].index(FREE) == (0 if pick == 0 else 2)
        sweep_all(h)
        assert all(s.visit == VISITED for s in (a, b, c))


@pytest.mark.parametrize("order", [ANY, INDEX])
def test_a_span_taken_off_the_list_is_looked_at_until_its_sweep_begins(order):
    h = PlainHeap({**BASE, "sweep_order": order})
    three(h)
    s = h.call("environment.sweep.next_span")
    assert s.looked_at
    h.call("environment.observer.sweep_begins", s)
    assert not s.looked_at


def test_a_struct_recorded_after_the_copy_is_not_visited(h):
    a, b, c = three(h, "abc")
    h.call("environment.collector.gc_copy_spans")
    h.root.sweepdone = 1
    new = h.large(1)
    h.root.sweepdone = 0
    newest = h.live()[-1]
    newest.sweepgen = 1
    sweep_all(h)
    assert newest.sweepgen == 1
    assert new.state == a.state == b.state == c.state == IN_USE


def test_ensure_swept_leaves_a_swept_span_alone(h):
    a, _, _ = three(h)
    a.sweepgen, a.due = h.root.sweepgen, False
    h.call("environment.sweep.ensure_swept", a)
    assert a.state == IN_USE


def test_ensure_swept_sweeps_an_unswept_span(h):
    a, _, _ = three(h, "a")
    h.call("environment.sweep.ensure_swept", a)
    assert (a.sweepgen, a.marked) == (h.root.sweepgen, False)


def test_ensure_swept_waits_for_another_sweeper(h):
    a, _, _ = three(h, "a")
    claimed(h, a)
    with pytest.raises(EvaluationError, match="wait"):
        h.call("environment.sweep.ensure_swept", a)
    assert a.marked


def test_the_observer_notes_a_second_sweeper_and_a_sweep_that_is_not_due():
    for field, value, clause in (("sweeper", 1, "no second sweeper"), ("due", False, "due")):
        h = PlainHeap(BASE)
        a, _, _ = three(h, "a")
        setattr(claimed(h, a), field, value)
        h.call("environment.sweep.sweep", a, False)
        assert clause in {v.clause for v in h.unexplained()}


def test_the_observer_notes_the_first_breach_only():
    h = PlainHeap(BASE)
    a, b, _ = three(h)
    h.call("environment.observer.writes_bits", a)
    h.call("environment.observer.sweep_begins", b)
    h.call("environment.observer.sweep_begins", b)
    assert h.root.record.span is a
    assert "bits are the sweeper's" in {v.clause for v in h.violations()}


def test_the_background_sweeper_sweeps_everything_and_parks(h):
    spans = three(h, "b")
    with pytest.raises(EvaluationError, match="wait"):
        h.call("environment.sweeper.bgsweep")
    assert [s.state for s in spans] == [FREE, IN_USE, FREE]
    assert (h.root.sweep.parked, h.root.sweep.inside, h.root.sweepdone) == (True, False, 1)
    assert h.root.sweep_lock.owner == 0


def test_a_cycle_that_begins_before_the_sweeper_parks_is_swept_too(h, monkeypatch):
    a, b, c = three(h, "ab")
    module = h.spec.modules["environment.sweeper"]
    sweep_one, cycles, looked = module.gosweepone, [], []

    def told(heap):
        assert not heap.sweep.inside
        swept = sweep_one(heap)
        if swept == NONE and not cycles:
            cycles.append([s.state for s in (a, b, c)])
            a.marked = True
            h.new_generation()
        return swept

    def releases(lock):
        if lock is h.root.sweep_lock and h.root.sweepdone == 0:
            looked.append(h.root.sweep.inside)

    monkeypatch.setattr(module, "gosweepone", told)
    h.runtime.before_release = releases
    with pytest.raises(EvaluationError, match="wait"):
        h.call("environment.sweeper.bgsweep")
    assert cycles == [[IN_USE, IN_USE, FREE]]
    assert [s.state for s in (a, b)] == [IN_USE, FREE]
    assert (h.root.sweep.parked, h.root.sweepdone) == (True, 1)
    assert looked == [False, True], "released by the new cycle, and by the sweeper, which cannot be stopped there"


def test_a_parked_sweeper_sweeps_nothing(h):
    a, _, _ = three(h)
    h.root.sweep.parked = True
    with pytest.raises(EvaluationError, match="wait"):
        h.call("environment.sweeper.bgsweep")
    assert a.state == IN_USE
    h.call("environment.sweeper.ready")
    assert (h.root.sweep.parked, h.root.sweep_lock.owner) == (False, 0)
    h.call("environment.sweeper.ready")
    assert not h.root.sweep.parked


def test_the_sweeper_does_not_begin_in_a_stopped_world(h):
    a, _, _ = three(h)
    h.root.world.stopped = True
    with pytest.raises(EvaluationError, match="wait"):
        h.call("environment.sweeper.gosweepone")
    assert (a.state, h.root.sweep.inside) == (IN_USE, False)
    h.call("environment.world.start_the_world")
    assert h.call("environment.sweeper.gosweepone") == 1
    assert not h.root.sweep.inside
