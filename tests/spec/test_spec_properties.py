"""Every property can fail: a healthy heap, one planted fault, and the clause that must notice it."""

import pytest
from harness import FREE, MARK, PlainHeap

from spec.language.runtime import Runtime, active

BASE = {
    "arena_pages": 16,
    "spans": 12,
    "max_mheap_list": 4,
    "heap_alloc_chunk": 8,
    "max_time": 99,
    "stack_pages": 1,
    "readers": 1,
}


def healthy():
    """Pages: 0-1 large, 2 small, 3 stack, 4 free, 5 large, 6-7 free and released; one struct on fixalloc's list."""
    h = PlainHeap(BASE)
    h.object = h.large(2)
    h.central = h.small(1, 1)
    h.own_stack = h.stack(1)
    h.hole = h.large(1)
    h.last = h.large(1)
    extra = h.large(1)
    h.give_up(extra)
    h.tail = extra
    h.root.clock = 9
    h.scavenge(9, 1)
    h.give_up(h.hole)
    h.hole.needzero = 0
    h.root.os.dirty[4] = False
    h.call("environment.collector.gc_copy_spans")
    return h


def put(owner, **values):
    for name, value in values.items():
        setattr(owner, name, value)


def cell(array, index, value):
    array[index] = value


def marking(h):
    h.root.gcphase = MARK
    h.call("environment.collector.phase_begins")


FAULTS = {
    "P1 first page": lambda h: cell(h.root.spans, 6, h.object),
    "P1 last page": lambda h: cell(h.root.spans, 7, h.object),
    "P2 every page": lambda h: cell(h.root.spans, 1, None),
    "P3 no free neighbours": lambda h: put(h.last, state=2),
    "P4 inside the arena": lambda h: put(h.last, npages=4),
    "P4 page has a span": lambda h: cell(h.root.spans, 2, None),
    "P4 a live span begins here": lambda h: put(h.last, start_addr=h.address(6)),
    "P4 no page twice": lambda h: put(h.root.mspans[h.root.nspan - 1], state=0, start_addr=h.address(5), npages=1),
    "P5 free span in its list": lambda h: put(h.hole, list=h.root.freelarge),
    "P5 large object in its list": lambda h: put(h.last, list=None),
    "P5 stack span in no list of the heap": lambda h: put(h.own_stack, list=h.root.free[1]),
    "P5 no list": lambda h: put(h.central, list=h.root.busy[1]),
    "P5 no successor": lambda h: put(h.central, next=h.last),
    "P5 knows its list": lambda h: put(h.tail, list=None),
    "P5 predecessor": lambda h: put(h.tail, prev=h.hole),
    "P5 state": lambda h: put(h.root.busy[1], first=h.own_stack, last=h.own_stack),
    "P5 length": lambda h: put(h.hole, npages=2),
    "P5 last": lambda h: put(h.root.free[2], last=None),
    "P5 no cycle": lambda h: put(h.hole, next=h.hole),
    "P5 each free span in one list": lambda h: put(h.root.free[2], first=None, last=None),
    "P5 each large object in one list": lambda h: put(h.root.busy[1], first=None, last=None),
    "P7 heap_idle": lambda h: put(h.root.memstats, heap_idle=-1),
    "P7 heap_inuse": lambda h: put(h.root.memstats, heap_inuse=4),
    "P7 heap_sys": lambda h: put(h.root.memstats, heap_sys=9),
    "P7 stacks_inuse": lambda h: put(h.root.memstats, stacks_inuse=0),
    "P7 pages_in_use": lambda h: put(h.root, pages_in_use=5),
    "P7 heap_released": lambda h: put(h.root.memstats, heap_released=0),
    "P8 at most all": lambda h: put(h.tail, npreleased=3),
    "P8 counted is released": lambda h: put(h.hole, npreleased=1),
    "P8 none in use": lambda h: put(h.object, npreleased=1),
    "P8 used page mapped": lambda h: cell(h.root.os.page, 0, 2),
    "P9 aligned": lambda h: put(h.root.os, bad_range=1),
    "P9 not empty": lambda h: h.call("environment.os.sys_unused", h.address(6), 0),
    "P9 live page kept": lambda h: put(h.root.os, bad_range=3),
    "P9 inside one free span": lambda h: h.call("environment.os.sys_unused", h.address(3), 2),
    "P12 free span is zero": lambda h: cell(h.root.os.dirty, 4, True),
    "P13 one of three": lambda h: put(h.object, sweepgen=5),
    "P13 claimed while it is swept": lambda h: put(h.object, sweepgen=1),
    "P13 unswept if it was there when the cycle began": lambda h: put(h.object, sweepgen=0),
    "P13 swept spans have no marks": lambda h: put(h.object, marked=True),
    "P13 swept": lambda h: (put(h.root, gcphase=MARK), put(h.object, sweepgen=0)),
    "P13 due": lambda h: (put(h.root, sweepgen=4), put(h.root.record, bad_sweep=2)),
    "P14 span of a sweeper is in use": lambda h: put(h.tail, sweeper=1),
    "P14 no second sweeper": lambda h: put(h.root.record, bad_sweep=1),
    "P14 bits are the sweeper's": lambda h: put(h.root.record, bad_sweep=3),
    "P14 used object is allocated": lambda h: put(h.object, alloc_count=0),
    "P15 handed out page keeps its span": lambda h: (marking(h), cell(h.root.spans, 1, None)),
    "P15 handed out page is not free": lambda h: (marking(h), cell(h.root.spans, 1, h.hole)),
    "P16 inheap agrees with lookupMaybe": lambda h: None,
    "P16 found span in use": lambda h: None,
    "P16 initialised": lambda h: put(h.object, limit=h.address(1)),
    "P16 live object found by lookupMaybe": lambda h: cell(h.root.spans, 1, None),
    "P16 live object in heap": lambda h: put(h.object, state=1),
    "P16 live object in heap or stack": lambda h: put(h.object, state=3),
    "P16 span of a used address": lambda h: cell(h.root.spans, 3, None),
    "P16 stack is no heap object": lambda h: put(h.own_stack, state=0, limit=h.address(4)),
    "P16 stack not found by lookupMaybe": lambda h: put(h.own_stack, state=0, limit=h.address(4)),
    "P16 stack in heap or stack": lambda h: put(h.own_stack, state=2),
    "P17 span table mapped": lambda h: put(h.root, spans_mapped=7),
    "P17 bitmap mapped": lambda h: put(h.root, bitmap_mapped=7),
    "P19 nothing to sweep": lambda h: put(h.root, sweepdone=0),
    "P19 all swept": lambda h: put(h.object, sweepgen=0),
    "P23 copy mapped": lambda h: put(h.root.work, spans=h.root.arrays[0]),
    "P23 present array mapped": lambda h: put(h.root.allspans, mapped=False),
    "P24 listed struct is dead": lambda h: put(h.root.spanalloc.list, state=2),
    "P24 listed struct is in no span list": lambda h: put(h.root.spanalloc.list, list=h.root.free[1]),
    "P24 no cycle": lambda h: put(h.root.spanalloc.list, next=h.root.spanalloc.list),
    "P24 mspan_inuse": lambda h: put(h.root.spanalloc, inuse=1),
    "P24 endpoint is live": lambda h: cell(h.root.spans, 6, h.root.spanalloc.list),
    "P24 dead struct is listed": lambda h: put(h.last, state=3),
    "P24 held span is allocated": lambda h: h.hold(h.tail),
    "P24 held span begins there": lambda h: cell(h.root.mutators[0].root, 1, h.address(1)),
    "P24 held address has a span": lambda h: (h.hold(h.own_stack), cell(h.root.spans, 3, None)),
    "P25 not below the start": lambda h: put(h.root, arena_used=15),
    "P25 not beyond the end": lambda h: put(h.root, arena_end=20),
}
OBJECT, STACK_USER = 1, 2
NEED_A_VARIANT = {"P16 inheap agrees with lookupMaybe", "P16 found span in use"}


def said(violations):
    return {f"{v.property} {v.clause}" for v in violations}


def test_the_heap_without_a_fault_is_healthy():
    assert said(healthy().violations()) == set()


@pytest.mark.parametrize("clause", [c for c in FAULTS if c not in NEED_A_VARIANT])
def test_the_clause_notices_the_fault(clause):
    h = healthy()
    FAULTS[clause](h)
    assert clause in said(h.violations())


def test_every_clause_of_the_invariants_has_a_fault():
    h = healthy()
    clauses = set()
    for p in h.spec.properties:
        text = h.spec.sources[p.function.__module__.removeprefix(h.spec.package + ".")]
        clauses |= {part.split('"')[1] for part in text.split("check(")[1:] if part.startswith('"')}
    elsewhere = {
        "old page released", "idle for longer than the limit", "flag cleared", "new span is zero", "as long as requested",
        "not below the arena", "not beyond the arena", "refused by the operating system", "no room left", "used grows",
        "nothing free would have fitted",
        "only to the heap's", "found address inside the span", "last span ends with the arena", "swept before it is freed",
        "mark", "counts", "extent", "not to free", "present generation", "no free span is due", "pages really freed",
        "no more than needed", "nothing left to sweep", "span in the copy", "object found", "stack found as a stack only",
    }  # fmt: skip
    assert clauses - {c.split(" ", 1)[1] for c in FAULTS} == elsewhere


STEPS = {
    "arena only grows": {"used grows"},
    "sweepgen survives": {"only to the heap's"},
    "no unswept span is freed": {"swept before it is freed"},
    "sweep ownership": {"mark", "counts", "state", "extent"},
    "monotonic state, strict form": {"not to free"},
}


def step_clauses(before, after, number=1):
    """Property and clause of every step property that fails between two heaps."""
    out = set()
    for p in before.spec.properties:
        if p.kind == "step":
            runtime = Runtime(before.parameters, number=number)
            with active(runtime):
                p.function(before.root, after.root)
            out |= {(p.name, clause) for clause, _ in runtime.failures}
    return out


def test_every_step_property_is_tested_here():
    assert {p.name for p in healthy().spec.properties if p.kind == "step"} == set(STEPS)


def test_nothing_happens_in_a_step_that_changes_nothing():
    assert step_clauses(healthy(), healthy()) == set()


def test_the_arena_never_shrinks_and_generations_survive():
    before, after = healthy(), healthy()
    after.root.sweepgen += 2
    after.object.sweepgen = after.root.sweepgen
    after.last.sweepgen = after.root.sweepgen - 1
    after.last.due = True
    before.last.sweepgen = after.root.sweepgen - 2
    assert step_clauses(before, after) == set()
    after.object.sweepgen = 0
    assert step_clauses(before, after) == {("sweepgen survives", "only to the heap's")}
    after.object.sweepgen = before.object.sweepgen
    after.root.arena_used -= 1
    assert step_clauses(before, after) == {("arena only grows", "used grows")}


def test_a_span_whose_turn_is_to_come_is_not_freed():
    before, after = healthy(), healthy()
    before.object.due = after.object.due = True
    assert step_clauses(before, after) == set()
    after.object.state = FREE
    assert step_clauses(before, after) == {("no unswept span is freed", "swept before it is freed")}
    after.object.due = False
    assert step_clauses(before, after) == set()


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        ({"marked": True}, "mark"),
        ({"alloc_count": 0}, "counts"),
        ({"freeindex": 0}, "counts"),
        ({"state": FREE}, "state"),
        ({"sweepgen": 2}, "state"),
        ({"needzero": 1}, "state"),
        ({"npages": 1}, "extent"),
        ({"start_addr": 17}, "extent"),
        ({"limit": 17}, "extent"),
    ],
)
def test_only_its_sweeper_changes_a_span_that_is_being_swept(change, clause):
    before, after = healthy(), healthy()
    for h in (before, after):
        put(h.object, sweepgen=1, sweeper=1)
    put(after.object, **change)
    assert step_clauses(before, after, number=2) == {("sweep ownership", clause)}
    assert step_clauses(before, after, number=1) == set()


@pytest.mark.parametrize("which", ["object", "own_stack"])
def test_a_span_that_the_table_leads_to_does_not_become_free_during_a_collection(which):
    before, after = healthy(), healthy()
    getattr(after, which).state = FREE
    assert step_clauses(before, after) == set()
    before.root.gcphase = MARK
    assert step_clauses(before, after) == {("monotonic state, strict form", "not to free")}
    for p in range(8):
        before.root.spans[p] = None
    assert step_clauses(before, after) == set()


def test_the_end_of_scavenge():
    h = healthy()
    assert h.at_end("scavenge", now=9, limit=8) == set()
    assert h.at_end("scavenge", now=40, limit=2) == {"old page released"}
    h.root.os.shortest_idle = 2
    assert "idle for longer than the limit" in h.at_end("scavenge", now=9, limit=8)


def test_the_end_of_alloc():
    h = healthy()
    assert h.at_end("alloc", needzero=False, result=h.object) == set()
    assert h.at_end("alloc", needzero=True, result=None) == set()
    assert h.at_end("alloc", needzero=True, result=h.object) == {"new span is zero"}
    h.hole.needzero = 1
    assert h.at_end("alloc", needzero=True, result=h.hole) == {"flag cleared"}


def test_the_end_of_alloc_m():
    h = healthy()
    assert h.at_end("alloc_m", npage=2, s=h.object) == set()
    assert h.at_end("alloc_m", npage=1, s=h.object) == {"as long as requested"}
    assert h.at_end("alloc_stack", npage=9, s=None) == {"refused by the operating system"}
    h.object.sweepgen = 0
    assert h.at_end("alloc_m", npage=2, s=h.object) == {"present generation"}
    h.last.start_addr = h.address(-1)
    assert h.at_end("alloc_m", npage=1, s=h.last) == {"not below the arena"}
    h.last.start_addr = h.address(8)
    assert h.at_end("alloc_m", npage=1, s=h.last) == {"not beyond the arena"}
    h.root.os.refused = True
    assert h.at_end("alloc_m", npage=1, s=None) == {"no room left", "nothing free would have fitted"}


def test_the_end_of_a_lookup():
    h = healthy()
    r = h.root.readers[0]
    assert h.at_end("look_up", r=r, how=0, result=False) == set()
    r.steady = OBJECT
    assert h.at_end("look_up", r=r, how=0, result=True) == set()
    assert h.at_end("look_up", r=r, how=0, result=False) == {"object found"}
    r.steady = STACK_USER
    for how, right in enumerate((False, True, False, True)):
        assert h.at_end("look_up", r=r, how=how, result=right) == set()
        assert h.at_end("look_up", r=r, how=how, result=not right) == {"stack found as a stack only"}


def test_the_end_of_reclaiming():
    h = healthy()
    mine = h.root.accounts[0]
    put(mine, listed=3, last=2, reclaimed=3)
    assert h.at_end("reclaim_list", npages=2, result=3) == set()
    assert h.at_end("reclaim_list", npages=2, result=2) == {"pages really freed"}
    assert h.at_end("reclaim_list", npages=1, result=3) == {"no more than needed"}
    assert h.at_end("reclaim", npage=9) == set()
    h.object.sweepgen = 0
    assert h.at_end("reclaim", npage=3) == set()
    assert h.at_end("reclaim", npage=4) == {"nothing left to sweep"}


def test_the_end_of_a_sweep():
    h = healthy()
    assert h.at_end("finish_sweep") == set()
    assert h.at_end("ensure_swept", s=h.object, sg=2) == set()
    assert h.at_end("ensure_swept", s=h.object, sg=4) == {"swept"}
    h.tail.due = True
    h.object.sweepgen = 1
    assert h.at_end("finish_sweep") == {"swept", "no free span is due"}


def test_the_end_of_copying_the_spans():
    h = healthy()
    assert h.at_end("gc_copy_spans") == set()
    h.object.visit = 0
    assert h.at_end("gc_copy_spans") == {"span in the copy"}
    h.object.visit = 1
    h.root.work.nspan = 1
    assert h.at_end("gc_copy_spans") == {"span in the copy"}


def test_an_invariant_of_a_lock_is_not_demanded_while_the_lock_is_held():
    h = healthy()
    h.root.spans[6] = h.object
    assert "P1 first page" in said(h.violations())
    h.root.worldsema.owner = 1
    assert "P1 first page" in said(h.violations())
    h.root.lock.owner = 1
    assert "P1 first page" not in said(h.violations())
