"""What an expression reads, or calls, on a condition is not read without it where a scheduling point cuts the expression."""

from __future__ import annotations

import pytest
from agreement import Case
from engines import breadth_first
from random_specs import RandomSpec

from checker.differential import Atomicity

HEAD = """
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(3, hi=64, doc="word")
    gen_bits = parameter(2, hi=32, doc="generation")

sys = Sys()

class Node:
    v: Annotated[int, Range(0, 3)]

class Root:
    node: Node
    other: Node | None
    y: Annotated[int, Range(0, 3), Racy()]
    called: bool

def initial(r: Root) -> None:
    r.y = 0

def call(r: Root) -> bool:
    r.called = True
    return True

def run(r: Root) -> None:
    step()
    m = r.other
"""
STATEMENTS = {
    "a read before a racy store": "r.y = 1 if m is not None and m.v != 2 else 0",
    "a call before a racy store": "r.y = 1 if m is not None and call(r) else 0",
    "a read before a racy load": "r.called = (m is None or m.v == 1) == (r.y > 0)",
    "a call before a racy load": "r.called = (m is not None and call(r)) == (r.y > 0)",
    "a conditional before a racy load": "r.node.v = ((m.v if m is not None else 3) + r.y) % 3",
    "a read before an atomic operation": 'cas(r, "y", m.v if m is not None else 0, 1)',
}


@pytest.mark.parametrize("atomicity", ["lock", "fine"])
@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_a_condition_guards_its_reads(statement: str, atomicity: Atomicity) -> None:
    scenario = 'S = Scenario("s", "reads", Root, initial, (Thread(run),))\n'
    text = RandomSpec((("__init__.py", f"{HEAD}    {statement}\n\n{scenario}"),), plain_actions=False)
    case = Case.of(text, atomicity, 100)
    assert case.explored.closed
    assert not case.explored.errors
    assert case.disagreement(breadth_first) is None
