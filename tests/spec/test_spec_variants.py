"""Each variant, in a small sequential program, breaks the property that it names; the unmodified heap breaks none."""

import pytest
from harness import PlainHeap, spec_with, variant_edits

BASE = {"arena_pages": 8, "spans": 10, "max_mheap_list": 4, "heap_alloc_chunk": 8, "max_time": 99}


def release_all(h):
    h.root.clock = 9
    h.scavenge(h.parameters.word_max, 0)


def whole_physical_page(h):
    h.give_up(h.large(8))
    release_all(h)


def hole_of_one_page(h):
    spans = [h.large(n) for n in (1, 1, 6)]
    h.give_up(spans[1])
    release_all(h)


def one_allocation(h):
    h.large(1)


def free_second_then_first(h):
    a, b = h.large(1), h.large(1)
    h.large(6)
    h.give_up(b)
    h.give_up(a)


def alloc_and_free(h):
    h.give_up(h.large(1))


PROGRAMS = {
    "B01": (whole_physical_page, 4),
    "B02": (hole_of_one_page, 4),
    "B03": (hole_of_one_page, 2),
    "B05": (one_allocation, 1),
    "B06": (one_allocation, 1),
    "B08": (free_second_then_first, 1),
    "B12": (alloc_and_free, 1),
}


def test_every_variant_has_a_program():
    assert set(spec_with().variants) >= set(PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_variant_breaks_the_property_that_it_names(name):
    program, phys = PROGRAMS[name]
    h = PlainHeap({**BASE, "phys_page_size": phys}, variant_edits(name))
    program(h)
    assert spec_with().variants[name].property in h.broken()


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_unmodified_heap_breaks_none(name):
    program, phys = PROGRAMS[name]
    h = PlainHeap({**BASE, "phys_page_size": phys})
    program(h)
    assert [str(v) for v in h.violations()] == []


def test_the_negative_range_cannot_happen_with_physical_pages_of_two():
    for first in range(8):
        for pages in range(1, 9 - first):
            h = PlainHeap({**BASE, "max_mheap_list": 8, "phys_page_size": 2}, variant_edits("B02"))
            spans = [h.large(n) for n in (first, pages, 8 - first - pages) if n]
            h.give_up(spans[1 if first else 0])
            release_all(h)
            assert h.violations() == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_variant_keeps_the_number_of_lines_and_names_a_scenario(name):
    plain, changed = spec_with(), spec_with(variant_edits(name))
    variant = plain.variants[name]
    assert variant.scenario in plain.scenarios
    assert set(variant.parameters) <= set(plain.parameters.declared())
    assert variant.property in {p.id for p in plain.properties}
    for module, text in plain.sources.items():
        assert len(text.splitlines()) == len(changed.sources[module].splitlines())
