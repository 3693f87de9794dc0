"""What is outside the language is refused with file and line, what was seen, and what to write instead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checker.errors import LanguageError
from checker.load import load
from checker.lowering.machine import Machine

HEAD = """\
from __future__ import annotations
import math
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    items = parameter(2, hi=8, doc="items")

sys = Sys()
TABLE = (1, 2, 3)

class Item:
    v: Annotated[int, Range(0, 9)]
    next: Item | None

class Root:
    lock: Lock
    other: Lock
    x: Annotated[int, Range(0, 9)]
    y: Annotated[int, Range(0, 9), Racy("lock")]
    flag: bool
    ghost: Annotated[int, Range(0, 9), Ghost()]
    a: Annotated[list[int], Range(0, 9), Size("items")]
    items: Annotated[list[Item], Size("items")]
    first: Item | None

"""

SCENARIO = """
def initial(r: Root) -> None:
    pass

SCENARIO = Scenario(name="s", purpose="", root=Root, initial=initial, threads=(Thread(f),))
"""


def refusal(folder: Path, text: str, scenario: str = SCENARIO, head: str = HEAD) -> tuple[int, str]:
    """Line and message with which a spec of one module is refused; the line counts from the end of the head."""
    folder = folder / "a_spec"
    folder.mkdir()
    (folder / "__init__.py").write_text(head + text + scenario)
    spec = load(folder)
    with pytest.raises(LanguageError) as e:
        Machine(spec, spec.scenarios["s"], {}, atomicity="fine").initial()
    found = re.fullmatch(r"a_spec/__init__\.py:(\d+): (.*)", str(e.value))
    assert found, str(e.value)
    return int(found.group(1)) - head.count("\n"), found.group(2)


STATEMENTS = {
    "a comprehension": ("r.x = [i for i in range(3)][0]", "only array fields and constant tables of integers have indices"),
    "a comprehension as a value": ("x = [i for i in range(3)]", "ListComp expression .* write plain statements"),
    "a for over a list": ("for i in r.items:\n        pass", r"write 'for i in range\(a, b\)"),
    "a for with a step": ("for i in range(0, 4, 2):\n        pass", r"write 'for i in range\(a, b\)"),
    "a for with two targets": ("for i, j in range(3):\n        pass", r"write 'for i in range\(a, b\)"),
    "a for with else": ("for i in range(3):\n        pass\n    else:\n        pass", r"one counter and no else"),
    "a while with else": ("while r.flag:\n        pass\n    else:\n        pass", "a loop has no else .* use a flag"),
    "a float": ("r.x = 1.5", r"the literal 1\.5 .* use integers, True, False and None"),
    "a string": ("x = 'a'", "the literal 'a' .* use integers"),
    "a dict": ("x = {1: 2}", "Dict expression .* write plain statements"),
    "a set": ("x = {1, 2}", "Set expression .* write plain statements"),
    "a list": ("x = [1, 2]", "List expression .* write plain statements"),
    "a tuple": ("x = (1, 2)", "Tuple expression .* write plain statements"),
    "a lambda elsewhere": ("x = lambda: 1", "Lambda expression .* write plain statements"),
    "an assignment expression": ("x = (y := 1)", "NamedExpr expression .* write plain statements"),
    "a reference as a truth value": ("if r.first:\n        pass", r"type Item \| None, a truth value .* write 'is not None'"),
    "an integer as a truth value": ("if r.x:\n        pass", "type int, a truth value .* write '!= 0'"),
    "not of an integer": ("r.flag = not r.x", "type int, a truth value .* write '!= 0'"),
    "and of integers": ("r.flag = r.x and r.flag", "type int, a truth value .* write '!= 0'"),
    "== on references": ("r.flag = r.first == r.items[0]", "write 'is' or 'is not'"),
    "!= None": ("r.flag = r.first != None", "write 'is' or 'is not'"),
    "is on integers": ("r.flag = r.x is sys.items", "write '==' or '!='"),
    "is on different records": ("r.flag = r is r.first", r"compares a Root with a Item"),
    "in": ("r.flag = 1 in (1, 2)", "Tuple expression|no 'in'"),
    "in a range": ("r.flag = r.x in r.a", "is an array: give an index"),
    "try": ("try:\n        pass\n    finally:\n        pass", "'try:': the language has if, while, for-range"),
    "with": ("with r:\n        pass", "'with r:': the language has"),
    "a class": ("class C:\n        pass", "'class C:': the language has"),
    "a nested function": ("def g() -> None:\n        pass", "'def g.*: the language has"),
    "global": ("global sys", "'global sys': the language has"),
    "del": ("x = 1\n    del x", "'del x': the language has"),
    "assert": ("assert r.flag", "'assert r.flag': the language has"),
    "import": ("import os", "'import os': the language has"),
    "raise": ("raise Throw('x')", "the language has"),
    "match": ("match r.x:\n        case 1:\n            pass", "the language has"),
    "yield": ("yield 1", "'yield 1' has no effect"),
    "star arguments": ("g(*(1, 2))", r"g takes \(a, b\)|Starred expression"),
    "starred keywords": ("g(**{})", "no free parameter"),
    "too few arguments": ("g(1)", r"g takes \(a, b\); 1 were given"),
    "a wrong keyword": ("g(1, c=2)", "no free parameter 'c'"),
    "an argument of a wrong type": ("g(r, 1)", "argument a of g is Root; int is expected"),
    "None for the root": ("h(None, r.items[0])", "argument r of h is None; Root is expected"),
    "None for a reference": ("h(r, None)", "argument s of h is None; Item is expected"),
    "a slice": ("r.x = r.a[0:1]", "Slice expression"),
    "an unknown name": ("r.x = nothing", "'nothing' is no local set before this line"),
    "an unknown field": ("r.x = r.nothing", "Root has no field 'nothing'; it has: lock, other, x"),
    "a field of an integer": ("r.x = r.x.v", "'r.x' is of type int, which has no field 'v'"),
    "an unknown parameter": ("r.x = sys.nothing", "'nothing' is no parameter; there are: word_bits"),
    "storing a parameter": ("sys.items = 1", "only cells are assigned to"),
    "storing a nested record": ("r.items[0] = r.items[1]", "only cells are assigned to"),
    "storing into a table": ("TABLE[0] = 1", "only cells are assigned to"),
    "an array without index": ("r.x = r.a", "Root.a is an array: give an index"),
    "an index of a cell": ("r.x = r.x[0]", "Root.x is no array"),
    "len": ("r.x = len(r.a)", "'len' is no function of the spec"),
    "print": ("print(r.x)", "'print' is no function of the spec"),
    "math.sqrt": ("r.x = math.sqrt(4)", r"'math.sqrt' is called; call a function of the spec by its name"),
    "a call of a local": ("g = 1\n    g(1, 2)", "'g' is called; call a function of the spec by its name"),
    "a foreign function": ("DeclarationError('x')", "is no function of this spec; write it in the language"),
    "a range as a value": ("x = range(3)", "'range' is no function of the spec"),
    "a ghost read by the heap": ("r.x = r.ghost", "Root.ghost is a ghost: the heap may not read it; move this"),
    "a ghost in a cas": ("cas(r, 'ghost', 0, 1)", "Root.ghost is a ghost"),
    "a cas of a reference": ("cas(r, 'first', 0, 1)", "works on a field that holds an integer or truth value"),
    "an xadd of a truth value": ("xadd(r, 'flag', 1)", "works on a field that holds an integer"),
    "a computed field name": ("x = 1\n    cas(r, x, 0, 1)", "takes the field's name as a literal string"),
    "choice bounds that read the state": ("x = choose(range(r.x))", "what reads the state goes into where="),
    "hidden reads in choice bounds": ("x = choose(range(1 if r.flag else 2))", "what reads the state goes into where="),
    "a choice of other things": ("x = choose(r.a)", r"write 'v = choose\(range\(n\)"),
    "a choice that is not assigned": ("choose(range(2))", r"choose\(\) goes on the right of '='"),
    "a choice in an expression": ("x = 1 + choose(range(2))", r"choose\(\) on the right of '='"),
    "a guard with wrong parameters": ("x = choose(range(2), where=lambda: True)", "one parameter for each range"),
    "a guard that stores": ("x = choose(range(2), where=lambda v: change(r))", "does more than look at the state"),
    "a wait without lambda": ("wait(r.flag)", r"write wait\(lambda: condition\)"),
    "a wait with a parameter": ("wait(lambda a: r.flag)", r"write wait\(lambda: condition\)"),
    "a wait on an integer": ("wait(lambda: r.x)", "a truth value is expected"),
    "a check in a thread": ("check('c', r.flag)", r"check\(\) is reached from thread .*; write a property instead"),
    "a given in a thread": (
        "if given(r.flag):\n        pass",
        r"given\(\) is reached from thread .*; write a property instead",
    ),
    "a wait that acts": ("wait(lambda: cas(r, 'x', 0, 1))", "does more than look at the state"),
    "a wait on a computed rest": ("wait(lambda: r.flag, rest=r.flag)", "rest=True or rest=False"),
    "given outside an if": ("r.flag = given(True)", r"given\(\) as an if test"),
    "given as a statement": ("given(True)", r"given\(\) is an if test"),
    "acquire of another field": ("acquire(r.x)", "'r.x' is no Lock field"),
    "a lock in a local": ("x = r.lock", "would hold a lock; name the lock's field"),
    "a lock assigned to": ("r.lock = r.other", r"is a lock; write acquire\(\) and release\(\)"),
    "a lock compared": ("r.flag = r.lock == 1", "compares a Lock"),
    "a computed message": ("throw(r.x)", "a literal string is expected here"),
    "a local of unknown range across a point": (
        "x = r.x * r.x\n    step()\n    r.x = x",
        r"'x' lives across this scheduling point, and its range is unknown; annotate",
    ),
    "a lock held on one path": (
        "if r.flag:\n        acquire(r.lock)\n    step()",
        "lock Root.lock is held on one path .* release it on both",
    ),
    "a lock held on another round": ("while r.flag:\n        acquire(r.lock)", "lock Root.lock is held on one path"),
    "a loop variable after its loop": (
        "for i in range(3):\n        pass\n    r.x = i",
        "'i' is the variable of a loop that is over; keep",
    ),
    "a loop variable after a loop that had a value": (
        "i = 1\n    for i in range(3):\n        pass\n    r.x = i",
        "a loop that is over",
    ),
    "a loop variable in the next round": (
        "i = 0\n    while r.flag:\n        r.x = i\n        for i in range(3):\n            pass",
        "a loop that is over",
    ),
    "assigning to a loop variable": (
        "for i in range(3):\n        i = 2",
        "'i' is the variable of the loop around this; assign to another",
    ),
    "adding to a loop variable": ("for i in range(3):\n        i += 1", "'i' is the variable of the loop around this"),
    "one variable for two loops": ("for i in range(3):\n        for i in range(2):\n            pass", "the loop around this"),
    "a local set on one path": (
        "if r.flag:\n        x = 1\n    r.x = x",
        "'x' may have no value here; assign it on every path",
    ),
    "a local set in a loop": ("while r.flag:\n        x = 1\n        break\n    r.x = x", "'x' may have no value here"),
    "a local set after its use": (
        "while True:\n        if r.flag:\n            r.x = x\n        x = 1\n        step()",
        "'x' is no local set",
    ),
    "an integer in a truth value": ("r.flag = 1", "stores a value of type int into a bool"),
    "an integer in a reference": ("r.first = 1", r"stores a value of type int into a Item \| None"),
    "a root in a reference": ("r.first = r", r"stores a value of type Root into a Item \| None"),
    "None in an integer": ("r.x = None", "stores a value of type None into a int"),
    "an or of truth values stored": ("r.flag |= True", "stores an integer into a bool"),
    "one local of two kinds": ("x = 1\n    x = r.first", r"holds both int and Item \| None; use two"),
    "an annotation that does not fit": ("x: bool = 1", "the value is int, the annotation says bool"),
    "an annotation of a string": ("x: str = 1", "no type of the language"),
    "an annotation of a stranger": ("x: Range = r.first", "Range is no type of the language; use int, bool, or one of: Root"),
    "an unreadable annotation": ("x: Nothing = 1", "the annotation 'Nothing' cannot be read"),
    "an annotation without value": ("x: int", "declares a local and gives its value"),
    "two annotations": ("x: int = 1\n    x: bool = True", "'x' is a int already; take another name"),
    "two targets": ("x = y = 1", "one target for each assignment"),
    "unpacking a number": ("x, y = 1", "unpack a tuple result into as many local names"),
    "division": ("r.x = 4 / 2", "the operator is outside the language; use"),
    "a power": ("r.x = 2 ** 2", "the operator is outside the language; use"),
    "a power in place": ("r.x **= 2", "the operator is outside the language"),
    "unary plus": ("r.x = +1", r"unary \+ does nothing; leave it out"),
    "a value for nothing": ("return 1", "returns int; f is declared to return None"),
    "a bare name": ("r", "'r' has no effect"),
}


@pytest.mark.parametrize("body", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_a_statement_outside_the_language_is_refused(tmp_path: Path, body: tuple[str, str]) -> None:
    statement, said = body
    text = f"""
def g(a: int, b: int) -> None:
    pass

def h(r: Root, s: Item) -> None:
    pass

def change(r: Root) -> bool:
    r.x = 1
    return True

def f(r: Root) -> None:
    step()
    {statement}
"""
    line, message = refusal(tmp_path, text)
    assert re.search(said, message), message
    assert 14 <= line <= 14 + statement.count("\n")


FUNCTIONS = {
    "recursion": ("def f(r: Root) -> None:\n    step()\n    f(r)", 3, "f calls itself; write a loop"),
    "mutual recursion": (
        "def f(r: Root) -> None:\n    g(r)\ndef g(r: Root) -> None:\n    f(r)",
        4,
        "f calls itself; write a loop",
    ),
    "an unannotated parameter": ("def f(r) -> None:\n    step()", 1, "parameter 'r' of f has no type; annotate it"),
    "a missing return annotation": ("def f(r: Root):\n    step()", 1, "f has no return type; annotate it"),
    "default arguments": (
        "def f(r: Root = None) -> None:\n    step()",
        1,
        "default, keyword-only or starred parameters; use plain",
    ),
    "star parameters": ("def f(*r: Root) -> None:\n    step()", 1, "default, keyword-only or starred parameters; use plain"),
    "an unreadable annotation": ("def f(r: Rot) -> None:\n    step()", 1, "annotations of f cannot be read: NameError"),
    "a parameter of a strange type": ("def f(r: Root, s: str) -> None:\n    step()", 1, "str is no type of the language"),
    "a list parameter": ("def f(r: Root, s: list[int]) -> None:\n    step()", 1, "no type of the language"),
    "a lock parameter": (
        "def f(r: Root, s: Lock) -> None:\n    step()",
        1,
        "a Lock is no value; pass the record that holds it",
    ),
    "a path without result": (
        "def g(r: Root) -> int:\n    if r.flag:\n        return 1\ndef f(r: Root) -> None:\n    step()\n    r.x = g(r)",
        2,
        "g may end without a result; end it with a return",
    ),
    "an endless loop that breaks": (
        "def g(r: Root) -> int:\n    while True:\n        if r.flag:\n            break\n"
        "def f(r: Root) -> None:\n    step()\n    r.x = g(r)",
        2,
        "g may end without a result",
    ),
    "a result of another type": (
        "def g(r: Root) -> bool:\n    return r.x\ndef f(r: Root) -> None:\n    step()\n    r.flag = g(r)",
        2,
        "returns int; g is declared to return bool",
    ),
    "a tuple passed on": (
        "def g(r: Root) -> tuple[int, int]:\n    return r.x, r.x\ndef k(r: Root) -> tuple[int, int]:\n    return g(r)\n"
        "def f(r: Root) -> None:\n    step()\n    a, b = k(r)",
        4,
        r"returns \(int, int\); k is declared",
    ),
    "a tuple in one local": (
        "def g(r: Root) -> tuple[int, int]:\n    return r.x, r.x\ndef f(r: Root) -> None:\n    step()\n    a = g(r)",
        5,
        "a would hold a tuple; unpack it into names",
    ),
    "a thread without root": ("def f() -> None:\n    step()", 1, r"f\(\) is thread 'f'; it takes \(Root\)"),
    "a thread with a record": (
        "def f(r: Root, s: Item) -> None:\n    step()",
        1,
        r"f\(r: Root, s: Item\) is thread 'f'; it takes",
    ),
    "a thread of another record": ("def f(r: Item) -> None:\n    step()", 1, r"f\(r: Item\) is thread 'f'; it takes \(Root\)"),
    "a thread that is no function": ("f = lambda r: None", 1, "not a plain function at the top level"),
    "a nested thread": (
        "def make():\n    def f(r: Root) -> None:\n        step()\n    return f\nf = make()",
        2,
        "not a plain function at the top level",
    ),
    "a throw before the first point": (
        "def f(r: Root) -> None:\n    throw('now')",
        2,
        "'now' is thrown before the first .* begin",
    ),
    "a property that acts": (
        "def f(r: Root) -> None:\n    step()\n@invariant('P1', 'p')\ndef p(r: Root) -> None:\n    r.x = 1",
        5,
        "this changes the state, and is reached from property P1 p; there, only look",
    ),
    "a property that throws": (
        "def f(r: Root) -> None:\n    step()\n    g(r)\ndef g(r: Root) -> None:\n    throw_if(r.flag, 'no')\n"
        "@invariant('P1', 'p')\ndef p(r: Root) -> None:\n    g(r)",
        5,
        "this throws, and is reached from property P1 p",
    ),
    "a property that waits": (
        "def f(r: Root) -> None:\n    step()\n@invariant('P1', 'p')\ndef p(r: Root) -> None:\n    step()",
        5,
        "this is a scheduling point, and is reached from property P1 p",
    ),
    "a property without root": (
        "def f(r: Root) -> None:\n    step()\n@step_property('P1', 'p')\ndef p(r: Root) -> None:\n    pass",
        4,
        r"p\(r: Root\) is the step property P1; it takes \(Root, Root\)",
    ),
    "records of two states compared": (
        "def f(r: Root) -> None:\n    step()\n@step_property('P1', 'p')\ndef p(b: Root, r: Root) -> None:\n"
        "    check('same', b.first is r.first)",
        5,
        "compares records before and after the step; compare their fields",
    ),
    "the end of an operation that keeps no such local": (
        "def f(r: Root) -> None:\n    step()\n    g(r)\ndef g(r: Root) -> None:\n    a = r.x\n"
        "@end_of('g', 'P1', 'p')\ndef p(r: Root, b: int) -> None:\n    check('b', b == 0)",
        5,
        "end property P1 reads 'b', which g has not set here",
    ),
    "the end of an operation whose local has no value on one path": (
        "def f(r: Root) -> None:\n    step()\n    g(r)\ndef g(r: Root) -> None:\n    if r.x == 1:\n        a = r.x\n"
        "@end_of('g', 'P1', 'p')\ndef p(r: Root, a: int) -> None:\n    check('a', a == 0)",
        5,
        "'a' may have no value here",
    ),
    "the result of an operation that returns none": (
        "def f(r: Root) -> None:\n    step()\n    g(r)\ndef g(r: Root) -> None:\n    result = r.x\n"
        "@end_of('g', 'P1', 'p')\ndef p(r: Root, result: int) -> None:\n    check('a', result == 0)",
        5,
        "end property P1 reads the result, but g returns no single value",
    ),
    "an invariant of a lock that is none": (
        "def f(r: Root) -> None:\n    step()\n@invariant('P1', 'p', when='x')\ndef p(r: Root) -> None:\n    pass",
        3,
        r"property P1 holds when='x', which names no lock of Root",
    ),
    "thread() of something": (
        "def f(r: Root) -> None:\n    step()\n    r.x = thread(1)",
        3,
        r"thread\(\) takes 0 positional",
    ),
}


@pytest.mark.parametrize("case", FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_a_function_outside_the_language_is_refused(tmp_path: Path, case: tuple[str, int, str]) -> None:
    text, where, said = case
    line, message = refusal(tmp_path, text + "\n")
    assert re.search(said, message), message
    assert line == where


RECORDS = {
    "an int without range": ("x: int", r"Root.x: an int field needs Range\(lo, hi\)"),
    "an array without size": (
        "x: Annotated[list[int], Range(0, 1)]",
        r"Root.x: an array needs a Size\(...\) or PerThread\(\) marker",
    ),
    "a float": ("x: float", "Root.x: <class 'float'> is no type of the language; use"),
    "a string": ("x: str", "is no type of the language; use"),
    "a dict": ("x: dict[int, int]", "is no type of the language; use"),
    "a list of lists": ("x: Annotated[list[list[int]], Size(2), Range(0, 1)]", "is no type of the language; use"),
    "a stranger": ("x: Lock | None", "Lock is no record of this spec; a field is"),
    "an optional integer": ("x: int | None", "int is no record of this spec; a field is"),
    "a list of locks": ("x: Annotated[list[Lock], Size(2)]", "Root.x is an array of locks; declare each lock"),
    "a nested record that is racy": (
        "x: Annotated[Item, Racy()]",
        "Root.x is a record and marked Racy; mark the fields of Item",
    ),
    "an array of records that is racy": ("x: Annotated[list[Item], Size(2), Racy()]", "Root.x is a record and marked Racy"),
    "a racy field of no lock": (
        "x: Annotated[bool, Racy('look')]",
        r"Root.x is marked Racy\('look'\), which names no lock of Root \(lock\); or write Racy\(\)",
    ),
    "an unknown parameter": ("x: Annotated[int, Range(0, 'nothing')]", "a declaration names 'nothing', which is no parameter"),
    "an unknown size": ("x: Annotated[list[bool], Size('nothing')]", "a declaration names 'nothing', which is no parameter"),
    "an unknown name": ("x: Nothing", "the fields of Root cannot be read: NameError"),
    "a record in itself": ("x: Root", "Root holds itself by value; write 'record | None'"),
    "an empty range": ("x: Annotated[int, Range(3, 2)]", r"Root.x has the empty range 3\.\.2"),
    "a negative size": ("x: Annotated[list[bool], Size(-1)]", r"Root.x is an array of -1 cells"),
}


@pytest.mark.parametrize("case", RECORDS.values(), ids=RECORDS.keys())
def test_a_field_outside_the_language_is_refused(tmp_path: Path, case: tuple[str, str]) -> None:
    field, said = case
    head = HEAD[: HEAD.index("class Root")]
    text = f"class Root:\n    lock: Lock\n    {field}\n\ndef f(r: Root) -> None:\n    step()\n"
    line, message = refusal(tmp_path, text, head=head)
    assert re.search(said, message), message
    assert line in (1, 3)


def test_two_records_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a_spec").mkdir()
    folder = tmp_path / "a_spec"
    (folder / "other.py").write_text("class Item:\n    flag: bool\n")
    (folder / "__init__.py").write_text(
        HEAD.replace("first: Item | None", "first: Item | None\n    same: other.Item").replace(
            "import math", "from . import other"
        )
        + "def f(r: Root) -> None:\n    step()\n"
        + SCENARIO
    )
    spec = load(folder)
    with pytest.raises(LanguageError, match=r"a_spec/\w+\.py:\d+: two records are called Item; names must differ"):
        Machine(spec, spec.scenarios["s"], {})


SCENARIOS = {
    "each names nothing": ("Thread(f, each='things')", 7, "each='things' names no array of records of Root; name one"),
    "each names integers": ("Thread(f, each='a')", 7, "each='a' names no array of records of Root; name one"),
    "a thread without its record": ("Thread(f, each='items')", 1, r"f\(r: Root\) is thread 'f 0'; it takes \(Root, Item\)"),
    "a foreign thread": ("Thread(max)", 7, "'max' is no function of this spec; write it in the language"),
}


@pytest.mark.parametrize("case", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_a_scenario_that_does_not_fit_is_refused(tmp_path: Path, case: tuple[str, int, str]) -> None:
    thread, where, said = case
    line, message = refusal(tmp_path, "def f(r: Root) -> None:\n    step()\n", SCENARIO.replace("Thread(f)", thread))
    assert re.search(said, message), message
    assert line == where


INITIAL = {
    "a scheduling point": (
        "    acquire(r.lock)",
        "a scheduling point is reached from what builds state 0, initial; leave it to",
    ),
    "a throw": ("    throw('no')", "'no' is thrown before the first scheduling point"),
}


@pytest.mark.parametrize("case", INITIAL.values(), ids=INITIAL.keys())
def test_state_0_is_built_at_once(tmp_path: Path, case: tuple[str, str]) -> None:
    body, said = case
    _, message = refusal(tmp_path, "def f(r: Root) -> None:\n    step()\n", SCENARIO.replace("    pass", body))
    assert re.search(said, message), message


def test_the_environment_reads_ghosts_and_what_looks_alike_is_allowed(tmp_path: Path) -> None:
    folder = tmp_path / "a_spec"
    (folder / "environment").mkdir(parents=True)
    (folder / "types.py").write_text(HEAD)
    (folder / "environment" / "act.py").write_text(
        "from __future__ import annotations\nfrom ..types import *\n\ndef look(r: Root) -> int:\n    return r.ghost\n"
    )
    (folder / "__init__.py").write_text(
        """from __future__ import annotations
from .types import *
from .environment.act import look

def f(r: Root) -> None:
    step()
    for i in range(3):
        r.x = i
    i = 7
    for j in range(2):
        if r.flag:
            break
        k = j
        r.x = k
    while True:
        if r.flag:
            n = 1
            break
        else:
            n = 2
        if n == 2:
            break
    r.x = i + n - look(r)
    return None
"""
        + SCENARIO
    )
    spec = load(folder)
    machine = Machine(spec, spec.scenarios["s"], {})
    (after,) = machine.successors(machine.initial())
    (last,) = machine.successors(after.state) or [after]
    assert ("Root", "x", 1, None, 9) in machine.layout.values(last.state)
