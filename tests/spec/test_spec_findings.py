"""The known findings, sequentially: each is shown, and is explained by its own predicate only."""

import pytest
from harness import REAL, PlainHeap, spec_with


def f1(scale):
    h = PlainHeap(scale)
    s = h.large(1)
    now = h.root.clock
    h.root.clock += 1
    h.give_up(s)
    h.scavenge(now, 5)
    return h


def f2(scale):
    h = PlainHeap(scale)
    s = h.large(2)
    h.give_up(s)
    h.call("alloc.alloc_m", 1, 0, True)
    return h


SMALL = {"max_time": 99}
EXPECT = {"F1": ("P11", "idle for longer than the limit"), "F2": ("P16", "initialised")}


@pytest.mark.parametrize("scale", [SMALL, REAL], ids=("small", "real"))
@pytest.mark.parametrize(("name", "program"), [("F1", f1), ("F2", f2)])
def test_the_program_shows_the_finding(name, program, scale):
    h = program(scale)
    found = h.violations()
    assert {(v.property, v.clause) for v in found} == {EXPECT[name]}
    assert {e for v in found for e in h.explanations(v)} == {name}


def test_an_address_in_a_free_span_is_found_through_a_stale_limit():
    h = PlainHeap({})
    s = h.large(4)
    h.give_up(s)
    h.call("alloc.alloc_m", 1, 0, True)
    pages = {v.witness["page"] for v in h.violations()}
    assert pages == {0, 2}, "page 2 lies in the middle of a free span"


@pytest.mark.parametrize(
    "scale", [{"max_mheap_list": 3, "heap_alloc_chunk": 4, "arena_pages": 6}, {**REAL, "arena_pages": 136}]
)
def test_growth_by_the_request_alone_fails_the_allocation(scale):
    h = PlainHeap(scale)
    chunk = h.parameters.heap_alloc_chunk >> h.parameters.page_shift
    assert h.large(chunk) is not None
    assert h.large(2) is None
    explained = {(v.property, v.clause): h.explanations(v) for v in h.violations()}
    assert explained == {
        ("P25", "refused by the operating system"): ["F3"],
        ("P25", "nothing free would have fitted"): ["F3b"],
    }
    assert h.large(2) is not None, "a second attempt finds the memory"


def test_a_plain_shortage_is_no_finding():
    h = PlainHeap({"max_mheap_list": 3, "heap_alloc_chunk": 4, "arena_pages": 4})
    h.large(4)
    assert h.large(1) is None
    assert h.violations() == []


def test_the_finding_about_lookups_does_not_explain_a_span_that_somebody_uses():
    h = f2(SMALL)
    s = h.root.spans[0]
    h.call("environment.client.take", s.start_addr, 1, 1)
    assert {v.clause for v in h.unexplained()} == {"initialised", "used object is allocated"}


def test_a_young_page_released_from_an_old_span_is_not_explained():
    h = PlainHeap({**SMALL, "max_time": 99})
    h.root.clock = 10
    h.give_up(h.large(1))
    h.live()[0].unusedsince = 1
    h.scavenge(10, 5)
    assert {v.property for v in h.unexplained()} == {"P11"}


def test_every_finding_names_a_scenario_and_a_property():
    spec = spec_with()
    for f in spec.findings.values():
        assert f.scenario in spec.scenarios
        assert f.property in {p.id for p in spec.properties}
        assert any(f'"{f.clause}"' in text for name, text in spec.sources.items() if name.startswith("properties."))
