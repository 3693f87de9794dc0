"""z3 terms over integers as plain trees, so that tests evaluate them without z3."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import z3

from checker.symbolic.cells import term
from checker.symbolic.memory import Value
from checker.symbolic.number import Num, Term


@dataclass(frozen=True, slots=True)
class Node:
    """An operator, its operands, and the constants below it."""

    op: str
    children: tuple[Node, ...]
    name: str
    number: int
    constants: frozenset[str]


OPERATORS: dict[str, Callable[[list[int]], int]] = {
    "not": lambda v: not v[0],
    "==": lambda v: v[0] == v[1],
    "<=": lambda v: v[0] <= v[1],
    "<": lambda v: v[0] < v[1],
    ">=": lambda v: v[0] >= v[1],
    ">": lambda v: v[0] > v[1],
    "+": sum,
    "*": prod,
    "-": lambda v: v[0] - sum(v[1:]),
    "negative": lambda v: -v[0],
}
"""Of those that evaluate all their operands."""

_KINDS = {
    z3.Z3_OP_ITE: "ite",
    z3.Z3_OP_AND: "and",
    z3.Z3_OP_OR: "or",
    z3.Z3_OP_IMPLIES: "implies",
    z3.Z3_OP_NOT: "not",
    z3.Z3_OP_EQ: "==",
    z3.Z3_OP_LE: "<=",
    z3.Z3_OP_LT: "<",
    z3.Z3_OP_GE: ">=",
    z3.Z3_OP_GT: ">",
    z3.Z3_OP_ADD: "+",
    z3.Z3_OP_MUL: "*",
    z3.Z3_OP_SUB: "-",
    z3.Z3_OP_UMINUS: "negative",
}
_known: dict[int, tuple[Term, Node]] = {}


def node_of(value: Value) -> Node:
    """The tree of a number or truth value."""
    return _node(term(value) if isinstance(value, Num) else value)


def _node(found: Term) -> Node:
    key = found.get_id()
    if key not in _known:
        _known[key] = found, _made(found)
    return _known[key][1]


def _made(found: Term) -> Node:
    kind, name = found.decl().kind(), found.decl().name()
    if kind == z3.Z3_OP_ANUM:
        return Node("number", (), "", found.as_long(), frozenset())
    if kind in (z3.Z3_OP_TRUE, z3.Z3_OP_FALSE):
        return Node("number", (), "", int(kind == z3.Z3_OP_TRUE), frozenset())
    children = tuple(_node(c) for c in found.children())
    constants = frozenset[str]().union(*(c.constants for c in children))
    if kind == z3.Z3_OP_UNINTERPRETED:
        op = "function" if children else "constant"
        return Node(op, children, name, 0, constants if children else frozenset({name}))
    return Node(_KINDS[kind], children, name, 0, constants)
