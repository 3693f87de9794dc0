"""The array of all spans and its copy, the phases of a collection, marking, and FreeOSMemory."""

import pytest
from harness import FREE, IN_USE, MARK, MARKTERM, OFF, PlainHeap

from spec.language import EvaluationError, Throw

BASE = {"arena_pages": 16, "spans": 16, "max_mheap_list": 4, "heap_alloc_chunk": 8, "gc_cycles": 1, "stack_pages": 2, "held": 4}
COLLECTOR = "environment.collector."
ABSENT, WAITING, VISITED = 0, 1, 2
RELEASED = 2
STEPS = ("stop_the_world", "finish_sweep", "gc_copy_spans", "start_the_world", "mark", "mark_all", "gc_sweep", "ready")


@pytest.fixture(params=[0, 1], ids=("any", "index"))
def h(request):
    heap = PlainHeap({**BASE, "sweep_order": request.param})
    yield heap
    assert [str(v) for v in heap.unexplained()] == []


def small_arrays(**more):
    h = PlainHeap({**BASE, "allspans_chunk": 2, "spans": 10, "heap_alloc_chunk": 16, **more})
    return h, lambda: [a.mapped for a in h.root.arrays][: h.root.narrays]


def copy(h):
    h.call(COLLECTOR + "gc_copy_spans")


def test_the_array_that_the_collector_reads_stays_mapped_until_the_next_copy():
    h, mapped = small_arrays()
    h.large(1)
    copy(h)
    first = h.root.arrays[0]
    assert h.root.gcspans is h.root.work.spans is first
    h.large(1)
    assert mapped() == [True, True], "the collector reads the first"
    h.large(1)
    assert mapped() == [True, False, True], "nobody read the second"
    assert h.root.gcspans is h.root.work.spans is first
    copy(h)
    assert mapped() == [False, False, True]
    assert h.root.gcspans is h.root.work.spans is h.root.allspans is h.root.arrays[2]
    assert h.unexplained() == []


def test_without_a_copy_only_the_present_array_is_mapped():
    h, mapped = small_arrays()
    for _ in range(5):
        h.large(1)
    assert mapped() == [False, False, False, True]


def test_a_second_copy_of_the_same_array_unmaps_nothing(h):
    h.large(1)
    copy(h)
    copy(h)
    assert h.root.allspans.mapped


def test_the_copy_has_the_present_length(h):
    copy(h)
    assert (h.root.work.spans, h.root.work.nspan) == (None, 0)
    h.large(1)
    copy(h)
    assert h.root.work.nspan == h.root.nspan == 2
    h.large(1)
    assert h.root.work.nspan == 2
    assert h.root.lock.owner == 0


def test_a_copy_adds_the_new_structs_to_those_to_visit():
    h = PlainHeap(BASE)
    h.large(1)
    copy(h)
    h.root.mspans[0].visit = VISITED
    h.large(1)
    assert [s.visit for s in list(h.root.mspans)[:3]] == [VISITED, WAITING, ABSENT]
    copy(h)
    assert [s.visit for s in list(h.root.mspans)[:4]] == [VISITED, WAITING, WAITING, ABSENT]
    h.new_generation()
    assert [s.visit for s in list(h.root.mspans)[:4]] == [WAITING, WAITING, WAITING, ABSENT]


def test_with_the_real_order_no_struct_is_noted_as_to_visit():
    h = PlainHeap({**BASE, "sweep_order": 1})
    h.large(1)
    h.root.work.spanidx = 7
    h.new_generation()
    assert h.root.work.spanidx == 0
    assert {s.visit for s in list(h.root.mspans)} == {ABSENT}


def test_a_new_generation_makes_every_span_in_use_due(h):
    s, stack = h.large(1), h.stack(1)
    h.new_generation()
    assert (h.root.sweepgen, h.root.sweepdone, h.root.sweep.parked) == (4, 0, False)
    assert [x.due for x in (s, stack, *h.members(h.root.freelarge))] == [True, False, False]


def logged(h, monkeypatch, block):
    """What a collection does, with the phase and whether the world is stopped."""
    log, module = [], h.spec.modules["environment.collector"]

    def spy(name, function):
        def told(heap, *args):
            log.append((name, heap.gcphase, heap.world.stopped))
            assert heap.worldsema.owner == 1
            assert heap.os.handed[0] == (heap.gcphase != OFF), "no page in use may become free while the phase lasts"
            return function(heap, *args)

        return told

    h.hold(h.large(1))
    for name in (*STEPS, "free_stack_spans"):
        monkeypatch.setattr(module, name, spy(name, getattr(module, name)))
    h.call(COLLECTOR + "gc_start", block)
    assert (h.root.worldsema.owner, h.root.world.stopped, h.root.gcphase) == (0, False, OFF)
    return log


def test_the_phases_of_a_concurrent_collection(h, monkeypatch):
    assert logged(h, monkeypatch, block=False) == [
        ("stop_the_world", OFF, False),
        ("finish_sweep", OFF, True),
        ("gc_copy_spans", MARK, True),
        ("start_the_world", MARK, True),
        ("mark", MARK, False),
        ("stop_the_world", MARK, False),
        ("gc_copy_spans", MARKTERM, True),
        ("mark_all", MARKTERM, True),
        ("gc_sweep", OFF, True),
        ("gc_copy_spans", OFF, True),
        ("ready", OFF, True),
        ("start_the_world", OFF, True),
        ("free_stack_spans", OFF, False),
    ]


def test_the_phases_of_a_forced_collection(h, monkeypatch):
    assert logged(h, monkeypatch, block=True) == [
        ("stop_the_world", OFF, False),
        ("finish_sweep", OFF, True),
        ("gc_copy_spans", MARKTERM, True),
        ("mark_all", MARKTERM, True),
        ("gc_sweep", OFF, True),
        ("gc_copy_spans", OFF, True),
        ("start_the_world", OFF, True),
        ("free_stack_spans", OFF, False),
    ]


def test_a_concurrent_collection_marks_what_is_held_and_leaves_the_sweep_to_others(h):
    a, b, stack = h.large(1), h.large(2), h.stack(1)
    h.hold(stack, a)
    h.call("environment.client.leave", b.start_addr, 2)
    h.call(COLLECTOR + "gc_start", False)
    assert (a.marked, b.marked, stack.marked) == (True, False, False)
    assert (h.root.sweepgen, h.root.sweepdone, h.root.sweep.parked) == (4, 0, False)
    assert b.state == IN_USE
    h.call(COLLECTOR + "finish_sweep")
    assert (a.state, b.state, a.marked, h.root.sweepdone) == (IN_USE, FREE, False, 1)


def test_a_forced_collection_sweeps_everything_and_wakes_nobody(h):
    a, b = h.large(1), h.large(2)
    h.hold(a)
    h.call("environment.client.leave", b.start_addr, 2)
    h.call(COLLECTOR + "gc_start", True)
    assert (a.state, b.state, a.sweepgen) == (IN_USE, FREE, h.root.sweepgen)
    assert (h.root.sweepgen, h.root.sweepdone, h.root.sweep.parked) == (4, 1, True)


def test_what_the_last_cycle_left_is_swept_before_marking(h):
    a, b = h.large(1), h.large(2)
    h.hold(a)
    a.marked = True
    h.new_generation()
    h.call(COLLECTOR + "gc_start", False)
    assert (a.marked, b.state, h.root.sweepgen) == (True, FREE, 6)
    h.call(COLLECTOR + "finish_sweep")
    assert a.state == IN_USE


def test_an_object_born_during_a_collection_is_marked(h):
    for phase, marked in ((OFF, False), (MARK, True), (MARKTERM, True)):
        h.root.gcphase = phase
        s = h.large(1)
        assert s.marked == marked
        h.hold(s)
    h.root.gcphase = OFF
    for s in h.live():
        s.marked = False


def test_the_marker_marks_any_roots_in_any_order_then_stops(h):
    spans = [h.large(1) for _ in range(3)]
    h.hold(*spans)
    script = [(0, 2), (0, 0), (1, 0)]
    offered = []

    def chooser(options):
        offered.append(options)
        return script.pop(0)

    h.runtime.chooser = chooser
    h.call(COLLECTOR + "mark")
    assert offered == [[(0, 0), (0, 1), (0, 2), (1, 0)]] * 3, "an empty slot is no root; the last one ends it"
    assert [s.marked for s in spans] == [True, False, True]
    h.call("environment.marker.mark_all")
    assert all(s.marked for s in spans)
    for s in spans:
        s.marked = False


def test_a_pointer_is_an_object_s_a_stack_s_or_bad(h):
    s, stack = h.large(2), h.stack(1)
    look = lambda v: h.call("environment.marker.heap_bits_for_object", v)  # noqa: E731
    assert look(h.address(0)) is look(h.address(1)) is s
    assert look(h.address(2)) is None
    assert look(h.root.arena_start - 1) is look(h.root.arena_used) is None
    with pytest.raises(Throw, match="found bad pointer in Go heap"):
        look(h.address(3))
    h.root.spans[3] = None
    assert look(h.address(3)) is None, "never part of the heap"
    h.root.spans[3] = h.live()[2]
    s.limit = h.address(1)
    with pytest.raises(Throw, match="found bad pointer in Go heap"):
        look(h.address(1))
    s.limit = h.address(2)
    h.root.spans[2] = s
    with pytest.raises(Throw, match="found bad pointer in Go heap"):
        look(h.address(2))
    h.root.spans[2] = stack


def test_the_world_waits_for_whoever_is_inside(h):
    m, sweep = h.root.mutators[0], h.root.sweep
    for who in (m, sweep):
        who.inside = True
        with pytest.raises(EvaluationError, match="wait"):
            h.call("environment.world.stop_the_world")
        assert h.root.world.stopped, "nobody begins any more"
        who.inside = False
        h.call("environment.world.stop_the_world")
        assert h.root.world.stopped
        h.call("environment.world.start_the_world")
        assert not h.root.world.stopped


def test_pages_in_use_when_the_phase_begins_are_handed_out_until_it_ends(h):
    h.large(2), h.stack(1)
    h.call(COLLECTOR + "phase_begins")
    assert [p for p in range(16) if h.root.os.handed[p]] == [0, 1, 2]
    h.root.gcphase = MARK
    h.large(1)
    assert h.root.os.handed[3]
    h.call("environment.client.leave", h.address(3), 1)
    assert h.root.os.handed[3], "until the phase ends"
    h.root.gcphase = OFF
    h.live()[-2].marked = False
    h.call(COLLECTOR + "phase_ends")
    assert not any(h.root.os.handed[p] for p in range(16))
    h.large(1)
    assert not h.root.os.handed[4]


def test_free_os_memory_releases_what_dead_objects_occupied(h):
    a, b = h.large(2), h.large(3)
    h.hold(b)
    h.call("environment.client.leave", a.start_addr, 2)
    h.call("scavenge.free_os_memory")
    h.root.os.shortest_idle = 255
    assert [p for p in range(8) if h.root.os.page[p] == RELEASED] == [0, 1, 5, 6, 7]
    assert h.root.memstats.heap_released == h.root.memstats.heap_idle == 5
    assert b.state == IN_USE
