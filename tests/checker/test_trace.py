"""The record of a run: what its steps say of the states, and what made the clause false."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from checker.load import load
from checker.lowering.machine import Machine
from checker.minimise.smallest import smallest
from checker.plain import PlainRun
from checker.report.style import Style
from checker.report.trace_text import trace_text
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.outcome import Violation
from checker.trace.document import document
from checker.trace.trace import Trace
from checker.trace.values import Paths

VARIANTS = ("B01", "B02", "B08", "B12", "B19", "B29", "B26")
SHELF = Path(__file__).parent / "specs" / "shrink"


@cache
def run_of(variant: str) -> tuple[Machine, Violation, Trace]:
    """A machine, its first violation, and the trace of it."""
    v = load().variants[variant]
    spec = load(None, v.edits)
    machine = Machine(spec, spec.scenarios[v.scenario], v.parameters, atomicity=v.atomicity, reductions=None)
    found = BreadthFirst(machine, Limits()).run().violations[0]
    return machine, found, smallest(machine, found, steps=0, shortest=True, variant=variant)[0]


def executed(machine: Machine, trace: Trace) -> list[dict[str, object]]:
    """The states of a trace as the plain heap has them: state 0, and one after each step."""
    paths = Paths(machine.schema, machine.threads)
    parameters = {k: machine.spec.parameters.parse(k, v) if isinstance(v, str) else v for k, v in trace.scope.parameters}
    out = []
    with PlainRun(machine.spec, machine.scenario, parameters, atomicity="lock") as run:
        out.append(dict(paths.cells(run.cells())))
        for s in trace.steps:
            thread = machine.threads.index(s.thread)
            run.take(thread, tuple(v for _, v in s.choice))
            while run.waiting_at(thread) == "released" and run.position(thread) in machine.graphs[thread].silent:
                run.take(thread)
            out.append(dict(paths.cells(run.cells())))
    return out


@pytest.mark.parametrize("variant", VARIANTS)
def test_applying_the_changes_to_state_0_gives_each_state(variant: str) -> None:
    machine, _, trace = run_of(variant)
    assert [dict(s) for s in trace.states()] == executed(machine, trace)


@pytest.mark.parametrize("variant", VARIANTS)
def test_applying_the_printed_changes_to_state_0_gives_each_state(variant: str) -> None:
    machine, _, trace = run_of(variant)
    now = {cell: str(value) for cell, value in trace.initial}
    text, at = trace_text(trace, Style(show=("*",))), 0
    states = [{k: str(v) for k, v in s.items()} for s in executed(machine, trace)]
    for line in text:
        if re.match(r" *\d+[* ] ", line) and not line.startswith("    "):
            assert now == states[at]
            at += 1
        if line.startswith(" " * 17):
            for cell, before, after in re.findall(r"(\S+): (\S+(?: \S+)*?) -> (\S+(?: \d+)?)(?=  |$)", line.strip()):
                assert now[cell] == before
                now[cell] = after
    assert at == len(trace.steps)
    assert now == states[-1]


@pytest.mark.parametrize("variant", VARIANTS)
def test_steps_are_numbered_from_1_and_state_0_is_the_initial_one(variant: str) -> None:
    _, _, trace = run_of(variant)
    assert [s.index for s in trace.steps] == list(range(1, len(trace.steps) + 1))
    assert len(list(trace.states())) == len(trace.steps) + 1 == len(trace.pictures)
    assert [s["index"] for s in document(trace)["steps"]] == [s.index for s in trace.steps]


def test_the_cause_names_the_step_and_who_wrote_what_it_reads() -> None:
    _, _, trace = run_of("B19")
    assert trace.cause is not None
    assert trace.cause.step == len(trace.steps)
    by_cell = {r.cell: r for r in trace.cause.reads}
    assert (by_cell["gcphase"].value, by_cell["mspans[0].state"].value) == ("MARK", "FREE")
    writer = trace.steps[by_cell["gcphase"].step - 1]
    assert (writer.thread, "gcphase") in {(writer.thread, c.cell) for c in writer.changed}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_cell_that_is_read_was_last_written_where_it_is_said(variant: str) -> None:
    _, _, trace = run_of(variant)
    assert trace.cause is not None
    assert trace.cause.reads
    last = list(trace.states())[-1]
    for read in trace.cause.reads:
        written = [s.index for s in trace.steps if any(c.cell == read.cell for c in s.changed)]
        assert read.step == (written[-1] if written else 0)
        assert last[read.cell] == read.value


def test_a_clause_that_was_false_before_it_was_due_is_blamed_on_the_step_that_made_it_so() -> None:
    spec = load(SHELF)
    machine = Machine(spec, spec.scenarios["full"], {})
    found = BreadthFirst(machine, Limits()).run().violations[0]
    trace, _ = smallest(machine, found, steps=0, shortest=True)
    assert trace.cause is not None
    assert (trace.cause.step, trace.cause.seen) == (2, 2)
    assert trace.cause.sentence == "Step 2 (worker 0, in put) made it false, writing cell[0] = 3."


def test_the_definition_is_the_line_of_the_clause() -> None:
    _, _, trace = run_of("B08")
    file, _, line = trace.definition.rpartition(":")
    text = (Path(__file__).parents[2] / file).read_text().splitlines()[int(line) - 1]
    assert f'check("{trace.clause}"' in text
    assert trace.meaning == "Have no free span end where another begins."


def test_fields_can_be_hidden_and_ghosts_shown() -> None:
    _, _, trace = run_of("B02")
    plain = "\n".join(trace_text(trace, Style()))
    assert "os.bad_range: " not in plain
    assert "os.bad_range: NOTHING -> EMPTY" in "\n".join(trace_text(trace, Style(show=("os.bad_*",))))
    assert "memstats.heap_sys" not in "\n".join(trace_text(trace, Style(hide=("memstats.*",))))


def test_colours_are_painted_only_where_they_are_wanted() -> None:
    _, _, trace = run_of("B08")
    assert "\x1b" not in "\n".join(trace_text(trace, Style()))
    coloured = "\n".join(trace_text(trace, Style(colour=True)))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == "\n".join(trace_text(trace, Style()))
