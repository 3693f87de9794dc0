"""Symbolic exploration finds the known bugs without being given sizes, and agrees with the plain heap on any of them."""

from __future__ import annotations

import json
import random

import pytest

from checker.check import selected
from checker.cli.main import run
from checker.load import load
from checker.symbolic.exploration.affine import Affine, Compare, Junction, holds
from checker.symbolic.exploration.concrete import concrete, numbers, replay
from checker.symbolic.exploration.explore import explore
from checker.symbolic.exploration.search import Exploration, Node, Suspect
from checker.symbolic.exploration.space import Space
from checker.symbolic.exploration.trail import Known, Trail
from checker.symbolic.exploration.tree import Tree
from spec.language import Edit

SMALL = {"arena_pages": 1 << 12}


def exploration(name, *edits, **parameters):
    loaded = load(edits=edits)
    return Exploration(loaded, loaded.sequences[name], {**SMALL, **parameters})


def variant(name):
    return load().variants[name].edits


def found_by(name, depth, *edits):
    return explore(exploration(name, *edits), depth)


def found_properties(found):
    assert (found.spurious, found.stopped, found.unsupported) == ([], "", {})
    return {v.property for v in found.violations}


def test_the_unmodified_heap_violates_nothing_in_two_operations():
    found = found_by("alloc_free", 2)
    assert found_properties(found) == set()
    assert found.depth == 2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["stacks", "scavenge"])
def test_with_stacks_or_the_scavenger_too(name):
    found = found_by(name, 2)
    assert found_properties(found) == set()
    assert found.depth == 2


@pytest.mark.slow
def test_a_finding_is_recognised_and_counts_as_a_violation_under_strict():
    loaded = load()
    assert found_by("scavenge", 2).explained.keys() == {"F1"}
    x = Exploration(loaded, loaded.sequences["scavenge"], SMALL, strict=True)
    found = explore(x, 2)
    assert found_properties(found) == {"P11"}
    (steps,) = [v.steps for v in found.violations]
    assert [s.operation for s in steps][-1] == "scavenge_now"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sequences", "property", "ratio"),
    [
        ("B01", "scavenge", "P10", 2),
        ("B02", "scavenge", "P9", 4),
        ("B03", "scavenge", "P9", 2),
        ("B08", "alloc_free", "P3", 0.5),
    ],
)
def test_a_known_bug_is_found_with_the_least_sizes_and_confirmed_by_the_plain_heap(name, sequences, property, ratio):
    found = found_by(sequences, 2, *variant(name))
    assert property in found_properties(found)
    first = next(v for v in found.violations if v.property == property)
    assert len(first.steps) == 2
    assert first.confirmed
    assert dict(first.steps[0].chosen) == {"elapsed": 0, "npages": 1}
    assert min(dict(v.parameter)["phys_page_size"] for v in found.violations if v.property == property) >= ratio * 8192


def absorbs(old, new):
    return Edit("free.free_span_locked", old=old, new=new)


WRONG_COUNTS = {
    "released bytes for pages": (Edit("scavenge.scavenge_span", "s.npreleased = length >> ", "s.npreleased = released >> "), 4),
    "the count is not taken back on reuse": (
        Edit("alloc.alloc_span_locked", "        s.npreleased = 0\n", "        pass\n"),
        3,
    ),
    "the pages of the span before are lost": (absorbs("s.npreleased = t.npreleased", "s.npreleased = 0"), 3),
    "the pages of the span after are lost": (absorbs("s.npreleased += t.npreleased", "s.npreleased += 0"), 3),
    "the span before counts as released": (absorbs("s.npreleased = t.npreleased", "s.npreleased = t.npages"), 3),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", WRONG_COUNTS)
def test_a_wrong_count_of_released_pages_is_found(what):
    edit, depth = WRONG_COUNTS[what]
    loaded = load(edits=(edit,))
    x = Exploration(loaded, loaded.sequences["scavenge"], SMALL, properties=selected(loaded, ["P7", "P8"]))
    found = explore(x, depth, jobs=2)
    assert found_properties(found) & {"P7", "P8"}
    assert all(v.confirmed for v in found.violations)


@pytest.mark.slow
def test_the_unmodified_heap_violates_nothing_in_three_operations():
    found = explore(exploration("scavenge"), 3, jobs=2)
    assert found_properties(found) == set()
    assert found.explained.keys() == {"F1"}


@pytest.mark.slow
def test_processes_share_the_work_and_find_the_same():
    one, two = found_by("scavenge", 2, *variant("B02")), None
    two = explore(exploration("scavenge", *variant("B02")), 2, jobs=2)
    assert (two.paths, two.violations) == (one.paths, one.violations)


def contents(x, node, inputs):
    """The content of each cell of a path's heap, for some inputs."""
    value = Trail(x.space, inputs, Known()).value
    out = {}
    for place, v in {**node.heap.first, **node.heap.cells}.items():
        record, field, number, index = place
        f = x.program.schema.records[record].fields[field]
        if f.length is not None and index == -1:
            cells = [v] * f.length
            for layer in node.heap.layers.get((record, field, number), ()):
                for i in range(value(layer.start), value(layer.stop)):
                    cells[i] = layer.value if isinstance(layer.value, bool) else value(layer.value)
            out |= {(record, field, number, i): int(c) for i, c in enumerate(cells)}
        else:
            out[record, field, number, None if index == -1 else index] = int(v) if isinstance(v, bool) else value(v)
    return out


def plain(x, node, inputs):
    """The same by the plain heap."""
    value = Trail(x.space, inputs, Known()).value
    operations = [(o.name, [value(c.value) for c in o.chosen]) for o in node.operations]
    done, _ = replay(x, {"phys_page_size": inputs.get("phys_page_size", 4096)}, operations)
    assert (done.failures, done.stopped) == ([], None)
    return {cell[:4]: cell[4] for cell in done.world.cells()}


def agree(x, node, inputs):
    expected = plain(x, node, inputs)
    for place, v in contents(x, node, inputs).items():
        if place in expected:
            assert v == expected[place], (place, node.operations, inputs)


@pytest.mark.parametrize("seed", range(3))
def test_paths_end_in_the_heap_that_the_plain_heap_ends_in(seed):
    draw = random.Random(seed)
    x = exploration("scavenge")
    node = x.start()
    for _ in range(4):
        node = draw.choice([n for n, _ in x.after(node) if isinstance(n, Node)])
    agree(x, node, node.inputs)


@pytest.mark.parametrize("seed", range(3))
def test_random_numbers_take_exactly_one_path_and_end_in_the_same_heap(seed):
    draw = random.Random(100 + seed)
    x = exploration("scavenge")
    node, inputs = x.start(), {"phys_page_size": draw.choice([4096, 8192, 16384, 65536])}
    for k in range(1, 4):
        draws = {"npages": draw.choice([1, 2, 3, 5, 9, 40]), "elapsed": draw.randrange(9), "now": 1, "limit": draw.randrange(4)}
        following = [n for n, _ in x.after(node) if isinstance(n, Node)]
        for name, v in x.space.variables.items():
            if v.compute is None and name.startswith(f"{k}:"):
                inputs[name] = draws.get(name[2:].rpartition(".")[0], 0)
        value = Trail(x.space, inputs, Known()).value
        taken = [n for n in following if all(holds(f, value) for f in n.facts)]
        named = draw.choice(sorted({n.operations[-1].name for n in taken}))
        taken = [n for n in taken if n.operations[-1].name == named]
        assert len(taken) == 1, (named, inputs)
        node = taken[0]
    agree(x, node, inputs)


def test_a_path_that_the_plain_heap_does_not_confirm_is_called_spurious():
    x = exploration("alloc_free")
    node, _ = x.after(x.start())[0]
    suspect = Suspect("P3", "maximal coalescing", "no free neighbours", "clause", "", node.operations, node.facts, node.inputs)
    shown = concrete(x, suspect, numbers(x, suspect))
    assert not shown.confirmed
    assert shown.seen == "nothing violated"


def test_a_loop_over_pages_is_one_round_for_each_run_of_equal_pages():
    x = exploration("alloc_free")
    (node,) = [n for n, _ in x.after(x.start()) if not any(isinstance(f, Compare) and f.op == "==" for f in n.facts)]
    layers = node.heap.layers["OS", "dirty", 1]
    assert [repr(layer.stop) for layer in layers] == ["1:npages.1"]
    assert layers[-1].value is True


@pytest.mark.parametrize("seed", range(20))
def test_a_tree_has_one_run_for_each_path(seed):
    draw = random.Random(seed)
    space = Space()
    a, b = space.input("a", 0, 20), space.input("b", 0, 20)
    conditions = [
        space.compare(draw.choice(["<=", "==", "<"]), draw.choice([a, b]), draw.choice([b, draw.randrange(20), a + 3]))
        for _ in range(4)
    ]
    answers = [tuple(trail.decide(c) for c in conditions) for trail, _ in _runs(space, conditions)]
    expected = set()
    for i in range(21):
        for j in range(21):
            value = Trail(space, {"a": i, "b": j}, Known()).value
            expected.add(tuple(holds(c, value) for c in conditions))
    assert len(answers) == len(set(answers))
    assert set(answers) == expected


def _runs(space, conditions):
    return Tree(space, (), {}).runs(lambda trail: [trail.decide(c) for c in conditions])


def test_rounding_to_a_page_of_any_size_is_exact():
    space = Space()
    size = space.parameterise("size", [1, 2, 4, 8])
    a = space.input("a", 0, 100)
    down = space.rounded(a, size)
    for s in (1, 2, 4, 8):
        for v in (0, 3, 8, 9, 100):
            assert Trail(space, {"size": s, "a": v}, Known()).value(down) == v // s * s
    differs = space.compare("!=", down, a)
    seen = {
        (trail.inputs["size"] == 1, trail.decide(differs))
        for trail, _ in Tree(space, (), {}).runs(
            lambda trail: (trail.decide(space.compare("==", size, 1)), trail.decide(differs))
        )
    }
    assert seen == {(True, False), (False, False), (False, True)}


def test_conditions_keep_their_meaning_under_negation():
    space = Space()
    a = space.input("a", -5, 5)
    assert isinstance(a, Affine)
    for op in ("<=", "<", "==", "!=", ">", ">="):
        c = space.compare(op, a, 2)
        assert not isinstance(c, (bool, Junction))
        for v in range(-5, 6):
            assert holds(c, Trail(space, {"a": v}, Known()).value) == eval(f"{v} {op} 2")


def test_the_command_reports_the_sequence_with_its_numbers(capsys):
    words = ("--scenario", "alloc_free", "--depth", "2", "--variant", "B08", "--format", "json", "--set", "arena_pages=4096")
    assert run(("explore", "--symbolic", *words)) == 12
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "violation"
    assert found["symbolic"]
    assert found["spurious"] == []
    shown = found["counterexample"]
    assert (shown["property"], shown["clause"]) == ("P3", "no free neighbours")
    assert [(s["action"], s["args"]) for s in shown["steps"]] == [
        ("allocate_object", {"elapsed": 0, "npages": 1}),
        ("free", {"elapsed": 0, "slot": 0}),
    ]


def test_the_text_says_what_was_covered_and_what_was_not_checked(capsys):
    assert run(("explore", "--symbolic", "--scenario", "alloc_free", "--depth", "1")) == 0
    said = capsys.readouterr().out
    assert said.startswith("alloc_free: no violation in any sequence of up to 1 operations")
    for words in ("npages 1..10922", "phys_page_size: 4096", "not checked: P13"):
        assert words in said


def test_more_paths_than_allowed_are_incomplete(capsys):
    assert run(("explore", "--symbolic", "--scenario", "alloc_free", "--depth", "2", "--max-states", "5")) == 20
    assert "more than 5 paths" in capsys.readouterr().out


def test_the_command_needs_sequences(capsys):
    assert run(("explore", "--symbolic", "--scenario", "quick")) == 2
    assert "alloc_free" in capsys.readouterr().err
