"""Every property can fail: a healthy heap, one planted fault, and the clause that must notice it."""

import pytest
from harness import PlainHeap

LARGE, STACK = "environment.client.alloc_large_object", "environment.client.alloc_stack_span"
SMALL_SPAN = "environment.client.alloc_small_span"
BASE = {"arena_pages": 16, "spans": 12, "max_mheap_list": 4, "heap_alloc_chunk": 8, "max_time": 99}


def healthy():
    """Pages: 0-1 large, 2 small, 3 stack, 4 free, 5 large, 6-7 free and released; one struct on fixalloc's list."""
    h = PlainHeap(BASE)
    h.large = h.call(LARGE, 2)
    h.small = h.call(SMALL_SPAN, 1, 1)
    h.stack = h.call(STACK, 1)
    h.hole = h.call(LARGE, 1)
    h.last = h.call(LARGE, 1)
    extra = h.call(LARGE, 1)
    h.call("environment.client.give_up", extra)
    h.tail = extra
    h.root.clock = 9
    h.scavenge(9, 1)
    h.call("environment.client.give_up", h.hole)
    h.hole.needzero = 0
    h.root.os.dirty[4] = False
    return h


def put(owner, **values):
    for name, value in values.items():
        setattr(owner, name, value)


def cell(array, index, value):
    array[index] = value


FAULTS = {
    "P1 first page": lambda h: cell(h.root.spans, 6, h.large),
    "P1 last page": lambda h: cell(h.root.spans, 7, h.large),
    "P2 every page": lambda h: cell(h.root.spans, 1, None),
    "P3 no free neighbours": lambda h: put(h.last, state=2),
    "P4 inside the arena": lambda h: put(h.last, npages=4),
    "P4 page has a span": lambda h: cell(h.root.spans, 2, None),
    "P4 a live span begins here": lambda h: put(h.last, start_addr=h.address(6)),
    "P4 no page twice": lambda h: put(h.root.mspans[h.root.nspan - 1], state=0, start_addr=h.address(5), npages=1),
    "P5 free span in its list": lambda h: put(h.hole, list=h.root.freelarge),
    "P5 large object in its list": lambda h: put(h.last, list=None),
    "P5 no list": lambda h: put(h.small, list=h.root.busy[1]),
    "P5 no successor": lambda h: put(h.stack, next=h.last),
    "P5 knows its list": lambda h: put(h.tail, list=None),
    "P5 predecessor": lambda h: put(h.tail, prev=h.hole),
    "P5 state": lambda h: put(h.root.busy[1], first=h.stack, last=h.stack),
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
    "P8 none in use": lambda h: put(h.large, npreleased=1),
    "P8 used page mapped": lambda h: cell(h.root.os.page, 0, 2),
    "P9 aligned": lambda h: put(h.root.os, bad_range=1),
    "P9 not empty": lambda h: h.call("environment.os.sys_unused", h.address(6), 0),
    "P9 live page kept": lambda h: put(h.root.os, bad_range=3),
    "P9 inside one free span": lambda h: h.call("environment.os.sys_unused", h.address(3), 2),
    "P12 free span is zero": lambda h: cell(h.root.os.dirty, 4, True),
    "P16 inheap agrees with lookupMaybe": lambda h: None,
    "P16 found span in use": lambda h: None,
    "P16 initialised": lambda h: put(h.large, limit=h.address(1)),
    "P16 live object found by lookupMaybe": lambda h: cell(h.root.spans, 1, None),
    "P16 live object in heap": lambda h: put(h.large, state=1),
    "P16 live object in heap or stack": lambda h: put(h.large, state=3),
    "P16 span of a used address": lambda h: cell(h.root.spans, 3, None),
    "P16 stack is no heap object": lambda h: put(h.stack, state=0, limit=h.address(4)),
    "P16 stack not found by lookupMaybe": lambda h: put(h.stack, state=0, limit=h.address(4)),
    "P16 stack in heap or stack": lambda h: put(h.stack, state=2),
    "P17 span table mapped": lambda h: put(h.root, spans_mapped=7),
    "P17 bitmap mapped": lambda h: put(h.root, bitmap_mapped=7),
    "P24 listed struct is dead": lambda h: put(h.root.spanalloc.list, state=2),
    "P24 listed struct is in no span list": lambda h: put(h.root.spanalloc.list, list=h.root.free[1]),
    "P24 no cycle": lambda h: put(h.root.spanalloc.list, next=h.root.spanalloc.list),
    "P24 mspan_inuse": lambda h: put(h.root.spanalloc, inuse=1),
    "P24 endpoint is live": lambda h: cell(h.root.spans, 6, h.root.spanalloc.list),
    "P24 dead struct is listed": lambda h: put(h.last, state=3),
    "P24 held span is allocated": lambda h: cell(h.root.mutators[0].root, 0, h.tail),
    "P25 not below the start": lambda h: put(h.root, arena_used=15),
    "P25 not beyond the end": lambda h: put(h.root, arena_end=20),
}
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
        "only to the heap's", "found address inside the span", "last span ends with the arena",
    }  # fmt: skip
    assert clauses - {c.split(" ", 1)[1] for c in FAULTS} == elsewhere


def test_the_arena_never_shrinks_and_generations_survive():
    before, after = healthy(), healthy()
    steps = {p.name: p.function for p in before.spec.properties if p.kind == "step"}

    def clauses(name):
        after.runtime.failures.clear()
        from spec.language.runtime import active

        with active(after.runtime):
            steps[name](before.root, after.root)
        return [clause for clause, _ in after.runtime.failures]

    assert clauses("arena only grows") == clauses("sweepgen survives") == []
    after.root.sweepgen += 2
    after.large.sweepgen = after.root.sweepgen
    assert clauses("sweepgen survives") == []
    after.large.sweepgen = 0
    assert clauses("sweepgen survives") == ["only to the heap's"]
    before.root.arena_used += 1
    assert clauses("arena only grows") == ["used grows"]


def end_clauses(module, operation, **names):
    h = healthy()
    h.violations()
    h._end(operation, {k: v(h) if callable(v) else v for k, v in names.items()})
    return {v.clause for v in h._ends}


def test_the_ends_of_operations_notice_their_faults():
    assert end_clauses("scavenge", "scavenge", now=40, limit=2) == {"old page released"}
    assert end_clauses("alloc", "alloc", needzero=True, result=lambda h: h.large) == {"new span is zero"}
    assert end_clauses("alloc", "alloc", needzero=False, result=lambda h: h.large) == set()
    assert end_clauses("alloc", "alloc_m", npage=2, s=lambda h: h.large) == set()
    assert end_clauses("alloc", "alloc_m", npage=1, s=lambda h: h.large) == {"as long as requested"}
    assert end_clauses("alloc", "alloc_stack", npage=9, s=None) == {"refused by the operating system"}

    def moved(h):
        h.last.start_addr = h.address(-1)
        return h.last

    def beyond(h):
        h.last.start_addr = h.address(8)
        return h.last

    assert end_clauses("alloc", "alloc_m", npage=1, s=moved) == {"not below the arena"}
    assert end_clauses("alloc", "alloc_m", npage=1, s=beyond) == {"not beyond the arena"}

    def unzeroed(h):
        h.hole.needzero = 1
        return h.hole

    assert end_clauses("alloc", "alloc", needzero=True, result=unzeroed) == {"flag cleared"}

    h = healthy()
    h.root.os.refused = True
    h._end("alloc_m", {"npage": 1, "s": None})
    assert {v.clause for v in h._ends} == {"no room left", "nothing free would have fitted"}
    h.root.os.shortest_idle = 2
    h._end("scavenge", {"now": 9, "limit": 8})
    assert "idle for longer than the limit" in {v.clause for v in h._ends}
