"""Random programs on a heap of realistic sizes, all properties after each operation; planted bugs make it fail."""

import pytest
from harness import REAL, PlainHeap, variant_edits
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

SECOND = 10**9
CLIENT = "environment.client."
LENGTHS = st.one_of(st.integers(1, 9), st.integers(1, 40), st.integers(120, 300))


class HeapMachine(RuleBasedStateMachine):
    """Clients, the scavenger with a clock that it may have read long ago, and time."""

    edits = ()

    @initialize(phys=st.sampled_from([4096, 16384, 65536]), pages=st.sampled_from([200, 700, 4000]))
    def start(self, phys, pages):
        self.h = PlainHeap({**REAL, "phys_page_size": phys, "arena_pages": pages, "spans": 160}, self.edits)
        self.h.root.clock = SECOND
        self.held = []
        self.now = None

    @rule(pages=LENGTHS)
    def alloc_large(self, pages):
        self.keep(self.h.call(CLIENT + "alloc_large_object", pages))

    @rule(sizeclass=st.integers(1, 66))
    def alloc_small(self, sizeclass):
        pages = self.h.spec.modules["size_classes"].CLASS_TO_PAGES[sizeclass]
        self.keep(self.h.call(CLIENT + "alloc_small_span", pages, sizeclass))

    @rule(pages=st.sampled_from([4, 8, 32]))
    def alloc_stack(self, pages):
        self.keep(self.h.call(CLIENT + "alloc_stack_span", pages))

    @rule(pages=LENGTHS)
    def alloc_dirty(self, pages):
        s = self.h.call("alloc.alloc", pages, 0, True, False)
        if s is not None:
            self.check()
            s.limit = s.start_addr + (pages << 13)
            s.alloc_count = 1
            self.h.call(CLIENT + "take", s, 1)
        self.keep(s)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), count=st.integers(1, 3))
    def free(self, data, count):
        for _ in range(min(count, len(self.held))):
            self.h.call(CLIENT + "give_up", self.held.pop(data.draw(st.integers(0, len(self.held) - 1))))
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


@pytest.mark.parametrize("name", ["B01", "B02", "B03", "B05", "B06", "B08", "B12"])
def test_a_planted_bug_is_found(name):
    class Planted(HeapMachine):
        edits = variant_edits(name)

    with pytest.raises(AssertionError, match=r"P\d+"):
        run(Planted, 60, 40, phases=(Phase.generate,))
