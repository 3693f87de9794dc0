"""What the language means, in both executions: machine words, errors with their place, throws, clauses of choices."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checker.differential import Comparison
from checker.errors import AssumptionError, SpecEvaluationError
from checker.load import Spec, load
from checker.lowering import support
from checker.lowering.machine import Machine
from checker.plain import PlainRun

HEAD = """
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, lo=8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")

sys = Sys()
TABLE = (1, 2, 3)

class Item:
    v: Annotated[int, Range(0, 9)]

class Root:
    lock: Lock
    x: Annotated[int, Range(0, 9)]
    far: Annotated[int, Range(3, 900)]
    low: Annotated[int, Range(-9, 9)]
    racy: Annotated[int, Range(0, 9), Racy()]
    word: Annotated[int, Wrap("word_bits")]
    gen: Annotated[int, Wrap("gen_bits"), Racy()]
    a: Annotated[list[int], Range(0, 9), Size(3)]
    first: Item | None
    items: Annotated[list[Item], Size(2)]

def initial(r: Root) -> None:
    pass

"""


def one_thread(folder: Path, body: str, more: str = "") -> tuple[Spec, Spec]:
    """A spec of one thread, loaded twice."""
    folder = folder / "a_spec"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        f"{HEAD}def f(r: Root) -> None:\n    {body}\n{more}\n"
        'S = Scenario(name="s", purpose="", root=Root, initial=initial, threads=(Thread(f),))\n'
    )
    return load(folder), load(folder)


LINE = HEAD.count("\n") + 3

ERRORS = {
    "above its range": ("r.x = 10", "Root.x = 10 is outside its declared range"),
    "below its range": ("r.low = -10", "Root.low = -10 is outside its declared range"),
    "a sum above its range": ("r.x += r.far + r.far * 3", "Root.x = 12 is outside its declared range"),
    "an index above": ("r.a[r.far] = 1", r"index 3 is outside 0\.\.2"),
    "an index below": ("r.x = r.a[r.x - 1]", r"index -1 is outside 0\.\.2"),
    "an index into a table": ("r.x = TABLE[r.far]", r"index 3 is outside 0\.\.2"),
    "an index of records": ("r.items[r.far].v = 1", r"index 3 is outside 0\.\.1"),
    "a field of None": ("r.first.v = 1", "a field of None is used"),
    "a read of None": ("r.x = r.first.v", "a field of None is used"),
    "division by zero": ("r.x = 1 // r.x", "division by zero"),
    "modulo zero": ("r.x = 1 % r.x", "division by zero"),
    "a shift by a negative distance": ("r.x = 1 << (r.x - 1)", "the distance must not be negative"),
    "a shift to the right by a negative distance": ("r.x = 1 >> (r.x - 1)", "the distance must not be negative"),
    "a lock that another holds": ("release(r.lock)", "does not hold it"),
    "a range in a racy cell": ("r.racy = r.x - 1", "is outside its declared range"),
    "an xadd out of range": ("xadd(r, 'racy', -1)", "is outside its declared range"),
    "a cas out of range": ("cas(r, 'racy', 0, 10)", "is outside its declared range"),
}


@pytest.mark.parametrize("atomicity", ["lock", "fine"])
@pytest.mark.parametrize(("statement", "said"), ERRORS.values(), ids=ERRORS.keys())
def test_an_error_of_the_spec_names_the_same_line_in_both(tmp_path: Path, statement: str, said: str, atomicity: object) -> None:
    plain, lowered = one_thread(tmp_path, f"step()\n    {statement}")
    comparison = Comparison(plain, lowered, "s", {}, "fine" if atomicity == "fine" else "lock")
    assert comparison.first_difference(5, seed=1) is None
    assert comparison.tally.errors > 0
    with pytest.raises(SpecEvaluationError, match=rf"a_spec/__init__\.py:{LINE}: .*{said}"):
        final(lowered, str(atomicity))


@pytest.mark.parametrize("guard", ["wait(lambda: r.first.v == 0)", "a = choose(range(3), where=lambda i: r.a[i + 1] == 0)"])
def test_an_error_in_a_guard_names_the_same_line_in_both(tmp_path: Path, guard: str) -> None:
    plain, lowered = one_thread(tmp_path, f"step()\n    {guard}")
    comparison = Comparison(plain, lowered, "s", {}, "lock")
    assert comparison.first_difference(5, seed=1) is None
    assert comparison.tally.errors > 0


LOOPS = {
    "in a function": ("spin(r)", "\ndef spin(r: Root) -> None:\n    while r.x == 0:\n        r.low = 1\n", 3),
    "in a step": ("while r.x == 0:\n        if r.low == 5:\n            step()", "", 0),
    "of long counting": ("for i in range(r.far * 100 - 300, r.far * 1000):\n        r.low = 1", "", 0),
}


@pytest.mark.parametrize(("body", "more", "later"), LOOPS.values(), ids=LOOPS.keys())
def test_an_endless_loop_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, more: str, later: int) -> None:
    monkeypatch.setattr(support, "LIMIT", 1000)
    _, lowered = one_thread(tmp_path, f"step()\n    {body}", more)
    machine = Machine(lowered, lowered.scenarios["s"], {})
    with pytest.raises(SpecEvaluationError, match=r"a_spec/__init__\.py:(\d+): a loop went round 1000 times in one step") as e:
        machine.successors(machine.initial())
    found = re.search(r":(\d+):", str(e.value))
    assert found is not None
    assert int(found.group(1)) in (LINE - 2, LINE + later)


NONE_PASSED = """
def look(s: Item) -> int:
    if s is None:
        return 7
    return s.v

def touch(s: Item) -> int:
    step()
    return s.v
"""


def test_none_where_an_annotation_says_otherwise_is_found_where_it_is_used(tmp_path: Path) -> None:
    for i, (call, errors) in enumerate((("look", 0), ("touch", 1))):
        folder = tmp_path / str(i)
        folder.mkdir()
        plain, lowered = one_thread(folder, f"step()\n    r.x = {call}(r.first)", NONE_PASSED)
        comparison = Comparison(plain, lowered, "s", {}, "lock")
        assert comparison.first_difference(3, seed=1) is None
        assert min(comparison.tally.errors, 1) == errors


def final(spec: Spec, atomicity: str) -> dict[str, int]:
    """The root's cells when the only thread has returned."""
    machine = Machine(spec, spec.scenarios["s"], {}, atomicity=atomicity)
    state = machine.initial()
    while found := machine.successors(state):
        state = found[0].state
    return {name: value for record, name, _, index, value in machine.layout.values(state) if record == "Root" and index is None}


@pytest.mark.parametrize("atomicity", ["lock", "fine"])
def test_words_wrap_and_the_rest_is_exact(tmp_path: Path, atomicity: str) -> None:
    body = "\n    ".join(
        (
            "step()",
            "r.word = r.word - 1",  # 255
            "r.word += 2 * 256 + 3",  # 2
            "r.gen = r.word * 16 - 1",  # 15
            "old = xadd(r, 'gen', 4)",  # 3
            "r.low = u32(r.gen - 5) - u64(0 - 250)",  # 14 - 6
            "r.far = (u64(-1) + 1) * (-7 // 2) * -1 - (-7 % 3) * 300",  # 1024 - 600
            "r.x = old + (1 if -7 >> 1 == -4 else 0) + (1 if u64(r.low - 9) > r.low else 0)",  # 5
        )
    )
    _, lowered = one_thread(tmp_path, body)
    assert final(lowered, atomicity) | {"lock": 0} == {
        "lock": 0, "x": 5, "far": 424, "low": 8, "racy": 0, "word": 2, "gen": 3, "first": 0
    }  # fmt: skip


def test_cells_begin_at_the_least_value_or_0(tmp_path: Path) -> None:
    plain, lowered = one_thread(tmp_path, "step()")
    machine = Machine(lowered, lowered.scenarios["s"], {})
    cells = {(name, value) for _, name, _, _, value in machine.layout.values(machine.initial())}
    assert {("far", 3), ("low", 0), ("x", 0)} <= cells
    assert Comparison(plain, lowered, "s", {}, "lock").first_difference(2, seed=1) is None


def test_names_that_the_printed_code_uses_are_free_for_specs(tmp_path: Path) -> None:
    more = """
def add(S: Root, B: int, T: int, LIMIT: int, f_x: int, v_: int, null: int, int_: int) -> int:
    C = B + T
    e = C + LIMIT + f_x
    fail = e + v_
    for a_ in range(2):
        fail += a_ + null + int_
    return fail
"""
    body = "f_y = choose(range(1, 2))\n    out = add(r, f_y, 1, 1, 1, 1, 1, 0)\n    V = 0\n    r.x = out - V"
    plain, lowered = one_thread(tmp_path, body, more)
    comparison = Comparison(plain, lowered, "s", {}, "lock")
    assert comparison.first_difference(4, seed=1) is None
    assert final(lowered, "lock")["x"] == 8


CLAUSES = """
@end_of("act", "P1", "even")
def even(root: Root, n: int) -> None:
    check("even", n % 2 == 0, n=n)

def act(n: int) -> None:
    pass
"""


def test_each_choice_has_the_failures_of_its_own_step(tmp_path: Path) -> None:
    _, lowered = one_thread(tmp_path, "n = choose(range(4))\n    act(n)", CLAUSES)
    machine = Machine(lowered, lowered.scenarios["s"], {})
    failed = [[w.witness for w in s.failures] for s in machine.successors(machine.initial())]
    assert failed == [[], [(("n", "int", 1),)], [], [(("n", "int", 3),)]]


def test_failures_before_an_error_are_forgotten(tmp_path: Path) -> None:
    _, lowered = one_thread(tmp_path, "step()\n    act(1)\n    r.x = 10", CLAUSES)
    machine = Machine(lowered, lowered.scenarios["s"], {})
    with pytest.raises(SpecEvaluationError):
        machine.successors(machine.initial())
    assert machine.check(machine.initial()) == ()


def test_a_wrong_parameter_is_one_error_in_both(tmp_path: Path) -> None:
    plain, lowered = one_thread(tmp_path, "step()")
    for parameters, said in (({"word_bits": 3}, "out of range"), ({"words": 1}, "unknown parameter")):
        with pytest.raises(AssumptionError, match=said):
            Machine(lowered, lowered.scenarios["s"], parameters)
        with pytest.raises(AssumptionError, match=said):
            PlainRun(plain, plain.scenarios["s"], parameters, atomicity="lock")
