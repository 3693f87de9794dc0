"""Which locals are live: against a search for a path to a read, and in structured statements."""

from __future__ import annotations

import random

import pytest

from checker.frontend import tree as t
from checker.lowering.graph import Block, Cut
from checker.lowering.live_locals import live_locals

PLACE = t.Place("m", "m.py", 1, "f")
NAMES = "abc"


def read(name: str) -> t.Expr:
    return t.Local(t.INT, PLACE, name)


def assign(name: str, *reads: str) -> t.Stmt:
    value: t.Expr = t.Const(t.INT, PLACE, 0)
    for r in reads:
        value = t.Binary(t.INT, PLACE, "+", value, read(r))
    return t.Assign(PLACE, (name,), value)


def some_graph(pick: random.Random) -> list[Block]:
    blocks = []
    for _ in range(5):
        stmts = [assign(pick.choice(NAMES), *pick.sample(NAMES, pick.randrange(2))) for _ in range(pick.randrange(3))]
        then, other = pick.randrange(6), pick.randrange(5)
        block = Block(None, stmts, None, then if then < 5 else None)
        if block.then is not None and pick.random() < 0.5:
            block.test, block.other = t.Compare(t.BOOL, PLACE, "<", read(pick.choice(NAMES)), read("a")), other
        blocks.append(block)
    return blocks


def reaches_read(blocks: list[Block], start: int, name: str) -> bool:
    """Whether some path from a block reads a local before it sets it."""
    seen, todo = {start}, [start]
    while todo:
        block = blocks[todo.pop()]
        blocked = False
        for s in block.stmts:
            assert isinstance(s, t.Assign)
            if f"name='{name}'" in repr(s.value):
                return True
            blocked = blocked or s.names == (name,)
            if blocked:
                break
        if blocked:
            continue
        if f"name='{name}'" in repr(block.test):
            return True
        for n in block.successors():
            if n not in seen:
                seen.add(n)
                todo.append(n)
    return False


@pytest.mark.parametrize("seed", range(100))
def test_live_is_what_some_path_reads_before_it_sets_it(seed: int) -> None:
    blocks = some_graph(random.Random(seed))
    for b, live in enumerate(live_locals(blocks)):
        assert live == {name for name in NAMES if reaches_read(blocks, b, name)}


LESS = t.Compare(t.BOOL, PLACE, "<", read("n"), read("n"))
STRUCTURED: dict[str, tuple[t.Stmt, set[str]]] = {
    "both branches set it": (t.If(PLACE, LESS, (assign("a"),), (assign("a", "b"),)), {"n", "b"}),
    "one branch sets it": (t.If(PLACE, LESS, (assign("a"),), ()), {"n", "a"}),
    "a loop may have no round": (t.While(PLACE, LESS, (assign("a", "b"),)), {"n", "a", "b"}),
    "a round reads what the one before set": (t.While(PLACE, LESS, (assign("b", "c"), assign("c", "b"))), {"n", "a", "c"}),
    "a loop sets its counter": (t.ForRange(PLACE, "i", read("b"), read("n"), (assign("c", "i"),)), {"n", "a", "b"}),
    "a choice sets its names": (t.Choose(PLACE, ("a",), ((read("b"), read("n")),), ("v",), LESS), {"n", "b"}),
    "a guard's own name is no local": (t.Choose(PLACE, ("c",), ((read("b"), read("n")),), ("v",), read("v")), {"n", "a", "b"}),
}


@pytest.mark.parametrize(("stmt", "live"), STRUCTURED.values(), ids=STRUCTURED.keys())
def test_structured_statements(stmt: t.Stmt, live: set[str]) -> None:
    assert live_locals([Block(None, [stmt, assign("z", "a")])]) == [live]


def test_the_statement_at_a_cut_belongs_to_its_block() -> None:
    blocks = [Block(None, [assign("a")], None, 1), Block(Cut("wait", (("f", 1),), t.Wait(PLACE, read("a"), False)))]
    assert live_locals(blocks) == [set(), {"a"}]
