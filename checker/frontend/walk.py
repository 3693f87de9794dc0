"""Walking and rewriting typed trees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from functools import cache
from typing import Any, TypeVar

from checker.frontend import tree as t

N = TypeVar("N", bound=t.Expr | t.Stmt)


@cache
def _holders(kind: type) -> tuple[str, ...]:
    """The fields of a kind of node that can hold expressions."""
    return tuple(f.name for f in fields(kind) if "Expr" in str(f.type))


def children(node: t.Expr | t.Stmt) -> list[t.Expr]:
    """The direct operands of an expression, or a statement's own expressions, in order of evaluation."""
    out: list[t.Expr] = []
    kind: type = type(node)
    for name in _holders(kind):
        value = getattr(node, name)
        if isinstance(value, tuple):
            out += value
        elif value is not None:
            out.append(value)
    return out


def rebuild(e: t.Expr, change: Callable[[t.Expr], t.Expr]) -> t.Expr:
    """The expression with each direct operand changed."""
    return _changed(e, change)


def _changed(node: N, change: Callable[[t.Expr], t.Expr]) -> N:
    new: dict[str, Any] = {}
    kind: type = type(node)
    for name in _holders(kind):
        value = getattr(node, name)
        if isinstance(value, tuple):
            new[name] = tuple(map(change, value))
        elif value is not None:
            new[name] = change(value)
    return replace(node, **new) if new else node


def subexpressions(e: t.Expr) -> Iterator[t.Expr]:
    """The expression and everything in it."""
    todo = [e]
    while todo:
        x = todo.pop()
        yield x
        todo += reversed(children(x))


def expressions(s: t.Stmt) -> list[t.Expr]:
    """The expressions that a statement itself evaluates, nested statements excluded."""
    if isinstance(s, t.Choose):
        bounds = [bound for pair in s.ranges for bound in pair]
        return bounds if s.where is None else [*bounds, s.where]
    if isinstance(s, t.Check):
        return [s.test, *(e for _, e in s.witness)]
    return children(s)


def nested(s: t.Stmt) -> Iterator[tuple[t.Stmt, ...]]:
    """The statement lists inside a statement."""
    if isinstance(s, t.If):
        yield from (s.body, s.other)
    elif isinstance(s, (t.While, t.ForRange)):
        yield s.body


def statements(body: Iterable[t.Stmt]) -> Iterator[t.Stmt]:
    """All statements of a body, nested ones included."""
    for s in body:
        yield s
        for inner in nested(s):
            yield from statements(inner)


def map_stmt(s: t.Stmt, change: Callable[[t.Expr], t.Expr], rename: Callable[[str], str]) -> t.Stmt:
    """The statement with each expression changed and each assigned local renamed."""
    if isinstance(s, t.If):
        return t.If(s.place, change(s.test), map_body(s.body, change, rename), map_body(s.other, change, rename))
    if isinstance(s, t.While):
        return t.While(s.place, change(s.test), map_body(s.body, change, rename))
    if isinstance(s, t.ForRange):
        return t.ForRange(s.place, rename(s.name), change(s.start), change(s.stop), map_body(s.body, change, rename))
    if isinstance(s, t.Check):
        return t.Check(s.place, s.clause, change(s.test), tuple((n, change(e)) for n, e in s.witness))
    if isinstance(s, t.Assign):
        names = tuple(map(rename, s.names))
        return t.Assign(s.place, names, change(s.value))
    return _changed(s, change)


def map_body(body: tuple[t.Stmt, ...], change: Callable[[t.Expr], t.Expr], rename: Callable[[str], str]) -> tuple[t.Stmt, ...]:
    """`map_stmt` over a list of statements."""
    return tuple(map_stmt(s, change, rename) for s in body)
