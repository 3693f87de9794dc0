"""Random programs on a heap of realistic sizes, all properties after each operation; planted bugs make it fail."""

import pytest
from harness import MARK, REAL, PlainHeap, variant_edits
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

SECOND = 10**9
CLIENT = "environment.client."
COLLECTOR = "environment.collector."
LENGTHS = st.one_of(st.integers(1, 9), st.integers(1, 40), st.integers(120, 300))


class HeapMachine(RuleBasedStateMachine):
    """Clients, the scavenger with a clock that it may have read long ago, and time."""

    edits = ()

    @initialize(phys=st.sampled_from([4096, 16384, 65536]), pages=st.sampled_from([200, 700, 4000]))
    def start(self, phys, pages):
        self.h = PlainHeap(
            {**REAL, "phys_page_size": phys, "arena_pages": pages, "spans": 160, "sweepdone_start": 1}, self.edits
        )
        self.h.root.clock = SECOND
        self.held = []
        self.now = None

    @rule(pages=LENGTHS)
    def alloc_large(self, pages):
        self.keep(self.h.large(pages))

    @rule(sizeclass=st.integers(1, 66))
    def alloc_small(self, sizeclass):
        pages = self.h.spec.modules["size_classes"].CLASS_TO_PAGES[sizeclass]
        self.keep(self.h.small(pages, sizeclass))

    @rule(pages=st.sampled_from([8, 16, 32]))
    def alloc_stack(self, pages):
        self.keep(self.h.stack(pages))

    @rule()
    def alloc_pooled_stack(self):
        self.keep(self.h.pooled())

    @rule(pages=LENGTHS)
    def alloc_dirty(self, pages):
        s = self.h.call("alloc.alloc", pages, 0, True, False)
        if s is not None:
            self.check()
            s.limit = s.start_addr + (pages << 13)
            s.alloc_count = 1
            self.h.call(CLIENT + "take", s.start_addr, pages, 1)
        self.keep(s)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), count=st.integers(1, 3))
    def free(self, data, count):
        for _ in range(min(count, len(self.held))):
            self.h.give_up(self.held.pop(data.draw(st.integers(0, len(self.held) - 1))))
        self.check()

    @rule(seconds=st.sampled_from([1, 60, 400]))
    def tick(self, seconds):
        self.h.root.clock += seconds * SECOND

    @rule()
    def read_clock(self):
        self.now = self.h.root.clock

    @precondition(lambda self: self.now is not None)
    @rule(limit=st.sampled_from([0, 60 * SECOND, 300 * SECOND]))
    def scavenge(self, limit):
        self.h.scavenge(self.now, limit)
        self.check()

    @rule()
    def free_os_memory(self):
        self.h.scavenge(2**64 - 1, 0)
        self.check()

    def keep(self, s):
        if s is not None:
            self.held.append(s)
        self.check()

    def check(self):
        assert [str(v) for v in self.h.unexplained()] == []


class CollectedMachine(RuleBasedStateMachine):
    """Mutators that drop objects, collections, and sweeps by everybody who may sweep; one thread does it all in turn."""

    edits = ()

    @initialize(order=st.sampled_from([0, 1]), chunk=st.sampled_from([2, 8192]))
    def start(self, order, chunk):
        more = {"arena_pages": 300, "spans": 80, "sweep_order": order, "allspans_chunk": chunk, "max_mheap_list": 16}
        self.h = PlainHeap({**REAL, **more, "gc_cycles": 1, "mutators": 2, "held": 8, "sweepdone_start": 1}, self.edits)
        self.phase = 0

    def slot(self, taken):
        m = self.h.root.mutators
        return next(((i, j) for i in (0, 1) for j in range(8) if (m[i].root[j] != 0) == taken), None)

    def keep(self, v):
        where = self.slot(False)
        if v != 0:
            self.h.root.mutators[where[0]].root[where[1]] = v
        self.check()

    @precondition(lambda self: self.slot(False))
    @rule(pages=st.one_of(st.integers(1, 20), st.integers(1, 100)))
    def alloc_large(self, pages):
        self.keep(self.h.call(CLIENT + "alloc_large_object", pages))

    @precondition(lambda self: self.slot(False))
    @rule(order=st.integers(3, 4))
    def alloc_stack(self, order):
        self.keep(self.h.call("environment.stacks.stackalloc", order))

    @precondition(lambda self: self.slot(False))
    @rule()
    def alloc_pooled_stack(self):
        self.keep(self.h.call("environment.stacks.stackpoolalloc"))

    @precondition(lambda self: self.slot(True))
    @rule(data=st.data())
    def give_up(self, data):
        m = self.h.root.mutators
        held = [(i, j) for i in (0, 1) for j in range(8) if m[i].root[j]]
        i, j = data.draw(st.sampled_from(held))
        self.h.call("environment.mutator.give_up", m[i], j)
        self.check()

    @rule(count=st.integers(1, 4))
    def sweep_some(self, count):
        for _ in range(count):
            self.h.call("environment.sweep.sweepone")
        self.check()

    @precondition(lambda self: self.phase == 0)
    @rule()
    def begin_collection(self):
        self.h.call(COLLECTOR + "finish_sweep")
        self.h.root.gcphase = self.phase = MARK
        self.h.call(COLLECTOR + "phase_begins")
        self.h.call(COLLECTOR + "gc_copy_spans")
        self.check()

    @precondition(lambda self: self.phase == MARK)
    @rule()
    def end_collection(self):
        self.h.root.world.stopped = True
        self.h.call(COLLECTOR + "gc_mark_termination", False)
        self.h.root.world.stopped = False
        self.h.call("environment.stacks.free_stack_spans")
        self.phase = 0
        self.check()

    @precondition(lambda self: self.phase == 0)
    @rule()
    def free_os_memory(self):
        self.h.call("scavenge.free_os_memory")
        self.h.root.os.shortest_idle = self.h.parameters.word_max
        self.check()

    def check(self):
        assert [str(v) for v in self.h.unexplained()] == []


def run(machine, examples, steps, phases=tuple(Phase)):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=phases,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_random_program_breaks_a_property():
    run(HeapMachine, 60, 40)


def test_no_random_program_with_collections_breaks_a_property():
    run(CollectedMachine, 60, 40)


@pytest.mark.parametrize("name", ["B01", "B02", "B03", "B05", "B06", "B08", "B12"])
def test_a_planted_bug_is_found(name):
    class Planted(HeapMachine):
        edits = variant_edits(name)

    with pytest.raises(AssertionError, match=r"P\d+"):
        run(Planted, 300, 40, phases=(Phase.generate,))


@pytest.mark.parametrize("name", ["B10", "B11", "B15", "B19", "B19b"])
def test_a_planted_bug_of_the_collector_s_world_is_found(name):
    class Planted(CollectedMachine):
        edits = variant_edits(name)

    with pytest.raises(AssertionError, match=r"P\d+"):
        run(Planted, 300, 40, phases=(Phase.generate,))
