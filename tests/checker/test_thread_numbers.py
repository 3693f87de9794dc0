"""Threads' numbers: who asks, who is answered what, and arrays with an element for each thread, in both executions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checker.differential import Comparison
from checker.errors import LanguageError, SpecEvaluationError
from checker.frontend.program import Program
from checker.load import Spec, load
from checker.lowering.machine import Machine
from checker.lowering.python_text import Printer
from checker.plain import PlainRun
from checker.report.naming import Names
from checker.symbolic.execute import run
from checker.symbolic.number import Num, num
from spec.language.schema import Schema

HEAD = """
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")

sys = Sys()

class Worker:
    x: Annotated[int, Range(0, 9)]

class Note:
    by: Annotated[int, ThreadNumber()]
    x: Annotated[int, Range(0, 9)]

class Root:
    lock: Lock
    turn: Annotated[int, ThreadNumber()]
    first: Annotated[int, ThreadNumber()]
    done: Annotated[list[int], Range(0, 9), PerThread()]
    shared: Annotated[list[int], Range(0, 9), PerThread(), Racy()]
    notes: Annotated[list[Note], PerThread()]
    extra: Worker
    workers: Annotated[list[Worker], Size(2)]

"""

WORK = """
def initial(r: Root) -> None:
    r.turn = 3
    r.first = thread()

def own(r: Root) -> int:
    return r.done[thread() - 1]

def note(r: Root, x: int) -> None:
    r.notes[thread() - 1].by = thread()
    r.notes[thread() - 1].x = x

def pass_on(r: Root) -> None:
    acquire(r.lock)
    r.turn = thread() - 1
    r.done[thread() - 1] += 1
    release(r.lock)

def work(r: Root, w: Worker) -> None:
    wait(lambda: r.turn == thread())
    me = thread()
    pass_on(r)
    note(r, own(r))
    r.shared[me - 1] += 1
    k = choose(range(4), where=lambda k: k == thread() or k == 0)
    w.x = k

def clock(r: Root) -> None:
    wait(lambda: r.turn == thread())
    r.first = thread() + r.turn - thread()
    pass_on(r)

@invariant("P1", "nobody executes an invariant")
def nobody(r: Root) -> None:
    check("none", thread() == 0 and r.turn != 0, turn=r.turn)

@step_property("P2", "a thread works for itself")
def itself(before: Root, after: Root) -> None:
    for i in range(3):
        if i != thread() - 1:
            check("others", after.done[i] == before.done[i] and after.notes[i].by == before.notes[i].by, i=i)
    check("mine", after.done[thread() - 1] == before.done[thread() - 1], me=thread())

@end_of("pass_on", "P3", "the end knows its thread")
def ends(r: Root) -> None:
    check("turn", r.turn + 1 != thread(), me=thread())

@end_of("note", "P4", "the return knows its thread")
def returns(r: Root, x: int) -> None:
    check("by", r.notes[thread() - 1].by == thread() and x != 1, me=thread())

S = Scenario(
    name="s", purpose="", root=Root, initial=initial, threads=(Thread(work, each="workers"), Thread(clock)),
)
"""


def made(folder: Path, text: str) -> Spec:
    """A spec of one module."""
    folder = folder / "a_spec"
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").write_text(HEAD + text)
    return load(folder)


@pytest.mark.parametrize("atomicity", ["lock", "fine"])
def test_both_executions_number_threads_alike(tmp_path: Path, atomicity: Any) -> None:
    plain, lowered = made(tmp_path, WORK), made(tmp_path, WORK)
    comparison = Comparison(plain, lowered, "s", {}, atomicity, sample=1.0)
    for seed in range(4):
        assert comparison.first_difference(120, seed=seed) is None
    assert comparison.tally.failures > 0
    assert comparison.tally.checks > 100


def test_a_wrong_number_in_the_printed_code_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Printer, "_e_threadid", lambda self, e: "1" if e.place.function == "own" else "W[0]")
    comparison = Comparison(made(tmp_path, WORK), made(tmp_path, WORK), "s", {}, "lock")
    assert comparison.first_difference(200, seed=1) is not None


def test_each_thread_has_its_own_number_wherever_it_asks(tmp_path: Path) -> None:
    lowered = made(tmp_path, WORK)
    machine = Machine(lowered, lowered.scenarios["s"], {})
    state, taken, ended, stepped = machine.initial(), [], [], []
    while found := machine.successors(state):
        s = found[-1]
        taken.append((s.thread, s.choice))
        ended += [(machine.properties[f.property].id, f.witness[0][2]) for f in s.failures]
        stepped += [(f.clause, f.witness[0][2]) for f in machine.check_step(state, s.state, s.thread)]
        assert [f.clause for f in machine.check(s.state)] in ([], ["none"])
        state = s.state
    cells = {(record, name, number, i): v for record, name, number, i, v in machine.layout.values(state)}
    assert [cells["Root", "done", 1, i] for i in range(3)] == [1, 1, 1]
    assert [cells["Note", "by", i, None] for i in (1, 2, 3)] == [1, 2, 0]
    assert [cells["Worker", "x", i, None] for i in (1, 2, 3)] == [0, 1, 2]  # the root's own worker comes first
    assert cells["Root", "first", 1, None] == 3
    assert [t for t, choice in taken if choice] == [1, 0]
    assert ended == [("P3", 3), ("P3", 2), ("P4", 2), ("P3", 1), ("P4", 1)]
    assert stepped == [("mine", 3), ("mine", 2), ("mine", 1)]


def test_cells_of_threads_have_names(tmp_path: Path) -> None:
    spec = made(tmp_path, WORK)
    with PlainRun(spec, spec.scenarios["s"], {}, atomicity="lock") as begun:
        names = Names(begun.schema)
        assert names.cell("Note", "by", 2, None) == "notes[1].by"
        assert names.cell("Root", "done", 1, 2) == "done[2]"
        assert [names.value("Root", "turn", v) for v in (0, 1)] == ["no thread", "thread 0"]


def test_an_array_of_each_thread_has_no_thread_for_each_element(tmp_path: Path) -> None:
    text = WORK.replace('each="workers"', 'each="notes"').replace("w: Worker", "w: Note")
    spec = made(tmp_path, text)
    with pytest.raises(LanguageError, match=r"'notes' names a PerThread array, .* give it a Size"):
        Machine(spec, spec.scenarios["s"], {})
    with pytest.raises(LanguageError, match=r"'notes' names a PerThread array, .* give it a Size"):
        PlainRun(spec, spec.scenarios["s"], {}, atomicity="lock")


@pytest.mark.parametrize(("value", "fits"), [(3, True), (4, False)])
def test_a_number_beyond_the_last_thread_is_an_error_of_the_run(tmp_path: Path, value: int, fits: bool) -> None:
    text = WORK.replace("    r.turn = 3\n", f"    r.turn = {value}\n")
    spec = made(tmp_path, text)
    if fits:
        Machine(spec, spec.scenarios["s"], {}).initial()
        return
    with pytest.raises(SpecEvaluationError, match="outside its declared range"):
        Machine(spec, spec.scenarios["s"], {}).initial()
    with pytest.raises(SpecEvaluationError, match="outside its declared range"):
        PlainRun(spec, spec.scenarios["s"], {}, atomicity="lock")


def test_a_function_executed_alone_is_thread_1(tmp_path: Path) -> None:
    spec = made(tmp_path, WORK.replace("def own", "def who(r: Root) -> int:\n    return thread() + 4\n\ndef own"))
    schema = Schema(spec.modules[""].Root, spec.parameters, 3)
    program = Program(spec, schema, [])
    (path,) = run(program, program.function(spec.modules[""].who), {"r": num(1)}).paths
    assert isinstance(path.result, Num)
    assert (path.result.lo, path.result.hi) == (5, 5)
    assert spec.modules[""].who(None) == 5
