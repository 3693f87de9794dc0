"""The native graph for liveness against the reference engine's: array by array, to a bound or to closure, with all ends."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from checker.errors import CheckerError
from checker.load import load
from checker.lowering.machine import Machine
from checker.search import explore_graph as python
from checker.search import native_graph as native
from checker.search.breadth_first import Limits, Progress
from checker.search.graph import THREADS
from checker.search.graph_search import Explored
from spec.language import Property

LITMUS = Path(__file__).parent / "specs" / "liveness"
ARRAYS = ("offsets", "target", "thread", "choice", "enabled", "marks")
NONE = Limits()

TEXT = """\
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    cells = parameter(2, hi=4, doc="cells")

sys = Sys()

class Cell:
    left: Annotated[int, Range(0, 3)]
    used: bool

class Root:
    x: Annotated[int, Range(0, 3)]
    cells: Annotated[list[Cell], Size("cells")]

def initial(r: Root) -> None:
    pass

def unused(r: Root, c: Cell) -> bool:
    return not c.used

FORGET = Forget("Cell", ("left",), unused, "nobody reads it")

def walker(r: Root) -> None:
    while True:
        i = choose(range(4))
        throw_if(i == 3, "three")
        r.x = i
        r.cells[0].left = i

def thrower(r: Root) -> None:
    wait(lambda: r.x == 1)
    throw("always")

@leads_to("L0", "left alone", fair=("walker",))
def alone(r: Root) -> bool:
    return r.x == 0

@leads_to("L1", "goes on", fair=("walker",), after=alone)
def goal(r: Root) -> bool:
    return r.x == 2

SCENARIO = Scenario(
    name="s", purpose="", root=Root, initial=initial, threads=(Thread(walker), Thread(thrower)), liveness=("L0", "L1")
)
"""


def made(folder: Path, *edits: tuple[str, str]) -> Machine:
    """The machine of the text with parts of it replaced."""
    text = TEXT
    for old, new in edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    folder = folder / "a_spec"
    folder.mkdir()
    (folder / "__init__.py").write_text(text)
    spec = load(folder)
    return Machine(spec, spec.scenarios["s"], {})


def machine(folder: Path | None, scenario: str, atomicity: str = "lock") -> Machine:
    """A scenario with its threads apart."""
    spec = load(folder)
    reductions = ("forget", "naming", "unordered")
    return Machine(spec, spec.scenarios[scenario], {}, atomicity=atomicity, reductions=reductions)


def listed(m: Machine) -> list[Property]:
    """The liveness properties of a machine."""
    return [p for p in m.properties if p.kind == "liveness"]


def require_same(a: Explored, b: Explored) -> None:
    """The same states under the same numbers, the same steps, and the same reason to stop."""
    assert (a.stopped, a.interrupted, a.graph.expanded) == (b.stopped, b.interrupted, b.graph.expanded)
    for name in ARRAYS:
        assert list(getattr(a.graph, name)) == list(getattr(b.graph, name)), name
    assert list(a.forms) == list(b.forms)


def both(m: Machine, limits: Limits = NONE, properties: Sequence[Property] | None = None) -> Explored:
    """The native graph, which is the reference engine's."""
    chosen = listed(m) if properties is None else list(properties)
    made = native.explore_graph(m, chosen, limits)
    require_same(made, python.explore_graph(m, chosen, limits))
    return made


@pytest.mark.parametrize("atomicity", ["lock", "fine"])
@pytest.mark.parametrize("scenario", ["circle", "ending", "gate", "names", "neglect", "rounds"])
def test_the_graph_of_a_litmus_is_the_reference_engines(scenario: str, atomicity: str) -> None:
    assert scenario in load(LITMUS).scenarios
    made = both(machine(LITMUS, scenario, atomicity))
    assert made.graph.expanded == made.graph.states > 1


@pytest.mark.parametrize(
    ("scenario", "atomicity"),
    [
        *((s, "lock") for s in ("parking", "order", "sweep", "cycles")),
        ("parking", "fine"),
        *(pytest.param(s, "fine", marks=pytest.mark.slow) for s in ("order", "sweep", "cycles")),
    ],
)
def test_the_graph_of_the_heap_is_the_reference_engines(scenario: str, atomicity: str) -> None:
    made = both(machine(None, scenario, atomicity), Limits(states=2_000))
    assert bool(made.stopped) == (scenario != "parking")


def test_a_graph_that_outgrows_the_first_table_is_the_reference_engines() -> None:
    made = both(machine(None, "order"))
    assert made.graph.states == 52_959 > 0.7 * (1 << 16)
    assert (made.stopped, made.graph.expanded) == ("", 52_959)


def test_bounds_stop_both_at_the_same_place() -> None:
    m = machine(None, "parking")
    assert both(m, Limits(depth=20)).stopped == "the bound of 20 steps (--depth)"
    assert both(m, Limits(states=1)).stopped == "more than 1 states (--max-states)"
    assert both(m, Limits(memory=1)).stopped == "more than 1 bytes of memory (--memory)"
    partial = both(m, Limits(depth=20)).graph
    assert 1 < partial.expanded < partial.states
    assert not any(partial.enabled[partial.expanded :])


def test_an_interrupt_keeps_what_is_whole_and_progress_is_told() -> None:
    m = machine(None, "order")
    seen: list[list[tuple[int, int, int, int, bool]]] = []
    found = []
    for explore in (native.explore_graph, python.explore_graph):
        seen.append([])

        def report(p: Progress) -> None:
            seen[-1].append((p.depth, p.states, p.transitions, p.frontier, p.level_done))
            if p.states > 3_000:
                raise KeyboardInterrupt

        found.append(explore(m, listed(m), NONE, report))
    require_same(*found)
    assert seen[0] == seen[1]
    assert (found[0].stopped, found[0].interrupted) == ("an interrupt", 130)
    assert 0 < found[0].graph.expanded < found[0].graph.states


def test_an_interrupt_between_two_rows_leaves_them_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    m = machine(LITMUS, "neglect")
    whole = python.explore_graph(m, listed(m), NONE)
    successors = m.successors
    calls = []

    def cut(state: bytes) -> list[object]:
        calls.append(state)
        if len(calls) == whole.graph.states:
            raise KeyboardInterrupt
        return successors(state)  # type: ignore[return-value]

    monkeypatch.setattr(m, "successors", cut)
    found = python.explore_graph(m, listed(m), NONE)
    assert found.graph.expanded == whole.graph.states - 1
    assert len(found.graph.offsets) == found.graph.states + 1
    assert len(found.graph.target) == found.graph.offsets[found.graph.expanded] == found.graph.offsets[-1]


def test_a_thread_whose_every_step_throws_is_enabled_without_one(tmp_path: Path) -> None:
    m = made(tmp_path)
    assert m.canonical.reductions == ("forget",)
    graph = both(m).graph
    assert graph.states == 3
    assert [graph.enabled[s] for s in range(3)] == [0b01, 0b11, 0b01]
    assert set(graph.thread) == {0}
    assert list(graph.choice) == [0, 1, 2] * 3
    # bits 0 and 2: the conditions, L0 has none; bits 1 and 3: the goals
    assert list(graph.marks) == [0b0111, 0b0001, 0b1001]


def test_only_the_properties_asked_for_mark_states_in_the_order_given(tmp_path: Path) -> None:
    m = made(tmp_path)
    alone, goal = listed(m)
    assert list(both(m, properties=[goal, alone]).graph.marks) == [0b1101, 0b0100, 0b0110]
    assert list(both(m, properties=[goal]).graph.marks) == [0b01, 0b00, 0b10]
    assert list(both(m, properties=[]).graph.marks) == [0, 0, 0]


OVERFLOW = ("        r.x = i\n", "        r.x = i + r.x\n")
GOAL = ("return r.x == 2", "return r.cells[r.x].used")
SLOW = [("range(4)", "range(2)"), OVERFLOW, ('throw("always")', "r.x += 3")]
"""From 0 the counter comes to 1; from there to 2 by the first thread, and beyond 3 by the second."""


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([OVERFLOW], "outside"),
        ([GOAL], "index 2 is outside"),
        ([("return r.x == 0", "return r.cells[r.x].used")], "index 2 is outside"),
        ([("return r.x == 2", "return r.cells[0].left == 2")], "reads cells that the spec says may be forgotten"),
        ([*SLOW, GOAL], "Root.x = 4 is outside"),
    ],
    ids=["step", "goal", "condition", "forgotten", "a step before the goal"],
)
def test_an_error_of_the_spec_is_the_same(tmp_path: Path, edits: list[tuple[str, str]], said: str) -> None:
    m = made(tmp_path, *edits)
    errors = []
    for explore in (native.explore_graph, python.explore_graph):
        with pytest.raises(CheckerError) as e:
            explore(m, listed(m), NONE)
        errors.append((type(e.value), str(e.value)))
    assert errors[0] == errors[1]
    assert said in errors[0][1]


def test_what_a_graph_cannot_hold_is_refused() -> None:
    spec = load(Path(__file__).parent / "specs" / "pool")
    m = Machine(spec, spec.scenarios["pool"], {})
    with pytest.raises(CheckerError, match="without the reduction 'threads'"):
        native.explore_graph(m, [], NONE)
    m = machine(LITMUS, "gate")
    with pytest.raises(CheckerError, match="33 liveness properties"):
        native.explore_graph(m, listed(m) * 33, NONE)
    m.threads *= THREADS
    with pytest.raises(CheckerError, match="128 threads"):
        native.explore_graph(m, [], NONE)


def test_forms_are_a_sequence_as_long_as_the_graph() -> None:
    m = machine(LITMUS, "gate")
    forms = native.explore_graph(m, listed(m), NONE).forms
    assert forms[-1] == forms[len(forms) - 1] != forms[0]
    assert list(forms[1:]) == list(forms)[1:]
    with pytest.raises(IndexError):
        forms[len(forms)]
