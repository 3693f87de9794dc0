"""The sweep protocol: its claims hold of the spec, and fail of specs that break the protocol."""

from __future__ import annotations

import re
from functools import partial
from importlib import import_module

import pytest
import z3

import proofs
from checker.frontend import tree as t
from checker.frontend.walk import statements
from proofs.heaps import spec_with, typed, variant
from proofs.kernel import Claim, decide
from proofs.protocol import tasks
from proofs.protocol.claims import several
from proofs.protocol.now import WATCHED, protocol_program
from proofs.protocol.task import Task
from proofs.results import Result
from spec.language import Edit

SWEEPONE, SWEEP = "environment.sweep.sweepone", "environment.sweep.sweep"
CLAIMING = 's.sweepgen != u32(sg - 2) or not cas(s, "sweepgen", u32(sg - 2), u32(sg - 1))'

STACKS = "environment.stacks."
SWEEP_CLAIMS = [c for c in proofs.identifiers() if c.startswith("sweep_")]

BROKEN = {
    "B14": (tasks.ALLOC_M, variant("B14"), "P13 one of three generations"),
    "B19": (tasks.STACK_FREE, variant("B19"), "P15 no collection is under way"),
    "B19b": (tasks.POOL_FREE, variant("B19b"), "P15 no collection is under way"),
    "B22": (tasks.SWEEP, variant("B22"), "no breach of the protocol"),
    "B29": (tasks.GROW, variant("B29"), "B29 generations move forward"),
    "a claim without looking whether another thread was first": (
        tasks.SWEEPONE,
        (Edit(SWEEPONE, CLAIMING, "s.sweepgen != u32(sg - 2)"),),
        "s is looked at no more",
    ),
    "a plain store instead of the compare-and-swap": (
        tasks.SWEEPONE,
        (
            Edit(SWEEPONE, CLAIMING, "s.sweepgen != u32(sg - 2)"),
            Edit(SWEEPONE, "        npages: Uintptr", "        s.sweepgen = u32(sg - 1)\n        npages: Uintptr"),
        ),
        "a span being swept has one owner",
    ),
    "a claim of what is out of use": (
        tasks.SWEEPONE,
        (Edit(SWEEPONE, "if s.state != IN_USE:", "if s.state > IN_USE + 1:"),),
        "a span out of use is nobody's",
    ),
    "a hand-over before the bits are written": (
        tasks.SWEEP,
        (
            Edit(SWEEP, "    s.sweepgen = sg\n    sweep_ends(s)\n", ""),
            Edit(SWEEP, "    writes_bits(h, s)\n", "    s.sweepgen = sg\n    sweep_ends(s)\n"),
        ),
        "bad span state after sweep",
    ),
    "a sweep that is never handed over": (
        tasks.SWEEP,
        (Edit(SWEEP, "    s.sweepgen = sg\n", ""),),
        "a span being swept has one owner",
    ),
    "a cycle that adds one": (
        tasks.COLLECT,
        (Edit("environment.collector.gc_sweep", "h.sweepgen += 2", "h.sweepgen += 1"),),
        "a span being swept has one owner",
    ),
    "a cycle that begins before the last one's sweep has ended": (
        tasks.COLLECT,
        (Edit("environment.collector.gc_start", "    finish_sweep(h)\n", ""),),
        "while marking, all is swept",
    ),
    "a world that is not stopped": (
        tasks.COLLECT,
        (Edit("environment.world.stop_the_world", "    wait(lambda: nobody_inside(h))\n", ""),),
        "nobody else is inside in a quiet world",
    ),
    "a list that is not begun again": (
        tasks.COLLECT,
        (Edit("environment.collector.gc_sweep", "    h.work.spanidx = 0\n", ""),),
        "an unswept span is still to come, or in hand",
    ),
    "a span that is freed twice": (
        tasks.SWEEP,
        (Edit(SWEEP, "        free_span(h, s, True)\n", "        free_span(h, s, True)\n        free_span(h, s, True)\n"),),
        "the caller has swept the span",
    ),
    "an object that is freed when it is dropped": (
        tasks.GIVE_UP,
        (Edit("environment.client.drop", "if sys.collects == 0:", "if True:"),),
        "environment.mutator.give_up, step before spec/free.py",
    ),
    "a sweep of any span that a slot leads to": (
        tasks.PIN,
        (Edit("environment.mutator.pin", "s is not None and s.state != STACK", "s is not None"),),
        "the span is in use, or was swept",
    ),
    "a mutator that begins in a stopped world": (
        tasks.MUTATOR,
        (Edit("environment.mutator.may_request", "if h.world.stopped:", "if False:"),),
        "nobody else is inside in a quiet world",
    ),
    "a stack that is freed and kept": (
        tasks.STACK_FREE,
        (Edit(STACKS + "stackfree", "        free_stack(h, s)\n    else:\n", "        free_stack(h, s)\n    if True:\n"),),
        "the stack is in no list",
    ),
    "a stack that is used and kept": (
        tasks.STACK_ALLOC,
        (Edit(STACKS + "stackalloc", "            remove(h.stack_large[order], s)\n", "            s.alloc_count = 0\n"),),
        "the stack is the caller's",
    ),
    "a pool without its lock": (
        tasks.POOL_FREE,
        (
            Edit(STACKS + "stackpoolfree", "    acquire(h.stackpoolmu)\n", ""),
            Edit(STACKS + "stackpoolfree", "    release(h.stackpoolmu)\n", ""),
        ),
        "bits are written by the sweeper",
    ),
    "a span that leaves the pool with stacks in use": (
        tasks.POOL_FREE,
        (Edit(STACKS + "stackpoolfree", "h.gcphase == OFF and s.alloc_count == 0", "h.gcphase == OFF"),),
        "only spans of the pool are shared",
    ),
    "a span that leaves the pool and stays in its list": (
        tasks.KEPT_STACKS,
        (Edit(STACKS + "free_stack_spans", "            remove(h.stackpool, s)\n", ""),),
        "the lists of stacks hold what no thread has",
    ),
    "a pool that hands out one stack too many": (
        tasks.POOL_ALLOC,
        (Edit(STACKS + "stackpoolalloc", "    if s.stackfreelist == 0:\n        remove(h.stackpool, s)\n", ""),),
        "lists the spans that have some left",
    ),
    "stacks that are given back before the marking ends": (
        tasks.COLLECT,
        (Edit("environment.collector.gc_start", "        mark(h)\n", "        mark(h)\n        free_stack_spans(h)\n"),),
        "P15 no collection is under way",
    ),
}
"""Edits that break the protocol, each with a function of which some condition must fail, and words of that condition."""

STORED = {
    *(("Span", field) for field in WATCHED["Span"]),
    *(("Heap", field) for field in ("sweepgen", "gcphase", "nspan")),
    *(("Work", field) for field in WATCHED["Work"]),
}
"""What only functions that are executed may store to."""

INLINE = {
    "span.init",
    "environment.client.drop",
    "environment.collector.gc_copy_spans",
    "environment.collector.gc_mark_termination",
    "environment.collector.gc_sweep",
    "environment.marker.mark_from",
    "environment.stacks.give_back",
}
"""The functions that store these and have no contract: they are executed where they are called."""


def decided(task: Task, edits: tuple[Edit, ...] = ()) -> Result:
    claim = Claim("c", "A statement.", "mgcsweep.go:x", task.function, lambda: several(task, edits=edits))
    return decide(claim)[0]


def claimed() -> set[str]:
    """The functions that some claim executes."""
    found: set[str] = set()
    for name in SWEEP_CLAIMS:
        build = import_module(f"proofs.claims.{name}").CLAIM.build
        if isinstance(build, partial) and build.func is several:
            found |= {task.function for task in build.args}
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", SWEEP_CLAIMS)
def test_each_claim_about_the_sweep_is_proved(name: str) -> None:
    (result,) = proofs.prove([name])
    assert result.ok, result.detail
    assert result.conditions > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_protocol_is_not_proved(name: str) -> None:
    task, edits, words = BROKEN[name]
    result = decided(task, edits)
    assert result.verdict == "not proved"
    assert words in result.detail
    assert "does not follow" in result.detail


@pytest.mark.parametrize("task", [tasks.FREE_SPAN, tasks.ALLOC, tasks.MUTATOR, tasks.PIN], ids=lambda task: task.function)
def test_a_function_that_keeps_the_protocol_is_proved(task: Task) -> None:
    assert decided(task).verdict == "proved"


def test_each_contract_is_shown_by_a_claim() -> None:
    assert claimed() == set(tasks.CONTRACTS) == set(tasks.TASKS)
    for used in tasks.CONTRACTS.values():
        assert {task.function for task in used} <= claimed()


def test_the_threads_of_all_scenarios_are_executed() -> None:
    threads = {thread.function for scenario in spec_with().scenarios.values() for thread in scenario.threads}
    names = {f"{f.__module__.partition('.')[2]}.{f.__name__}" for f in threads}
    assert "environment.mutator.mutator" in names
    assert names - claimed() == set()


def test_all_that_stores_what_the_protocol_is_about_is_executed() -> None:
    made = protocol_program()
    for task in tasks.CONTRACTS:
        typed(made, task)
    storing = {
        f.name
        for f in made.functions.values()
        if any(isinstance(s, t.Store) and (s.record, s.field) in STORED for s in statements(f.body))
    }
    observer = {f.name for f in made.functions.values() if f.ghost}
    by_lemma = {"table.recordspan"}
    assert storing - {*tasks.CONTRACTS} - observer == INLINE | by_lemma


def test_a_function_without_a_path_shows_nothing() -> None:
    stuck = Edit("environment.collector.collector", "h.world.cycles < sys.gc_cycles", "False")
    with pytest.raises(ValueError, match="no path"):
        several(tasks.COLLECTOR, edits=(stuck,))


def test_other_solvers_can_read_the_conditions() -> None:
    solver = z3.Solver()
    for condition in several(tasks.PIN).conditions:
        solver.add(*condition.given, condition.goal)
    names = re.findall(r"\(declare-fun (\S+)", solver.to_smt2())
    assert names
    assert not [name for name in names if name[0].isdigit()], "a symbol of SMT-LIB does not begin with a digit"
