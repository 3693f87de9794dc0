"""Walking and rewriting typed trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any, TypeVar

from checker.frontend import tree as t

E = TypeVar("E", bound=t.Expr)


def children(e: t.Expr) -> Iterator[t.Expr]:
    """The direct operands of an expression, in order of evaluation."""
    if isinstance(e, t.Conditional):
        yield from (e.test, e.then, e.other)
        return
    for f in fields(e):
        value = getattr(e, f.name)
        if isinstance(value, t.Expr):
            yield value
        elif isinstance(value, tuple):
            yield from (v for v in value if isinstance(v, t.Expr))


def rebuild(e: t.Expr, change: Callable[[t.Expr], t.Expr]) -> t.Expr:
    """The expression with each direct operand changed."""
    new: dict[str, Any] = {}
    for f in fields(e):
        value = getattr(e, f.name)
        if isinstance(value, t.Expr):
            new[f.name] = change(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], t.Expr):
            new[f.name] = tuple(change(v) for v in value)
    return replace(e, **new) if new else e


def subexpressions(e: t.Expr) -> Iterator[t.Expr]:
    """The expression and everything in it."""
    yield e
    for c in children(e):
        yield from subexpressions(c)


def expressions(s: t.Stmt) -> Iterator[t.Expr]:
    """The expressions that a statement itself evaluates, nested statements excluded."""
    if isinstance(s, t.Choose):
        for a, b in s.ranges:
            yield from (a, b)
        if s.where is not None:
            yield s.where
        return
    if isinstance(s, t.Check):
        yield s.test
        yield from (e for _, e in s.witness)
        return
    for f in fields(s):
        value = getattr(s, f.name)
        if isinstance(value, t.Expr):
            yield value
        elif isinstance(value, tuple):
            yield from (v for v in value if isinstance(v, t.Expr))


def nested(s: t.Stmt) -> Iterator[tuple[t.Stmt, ...]]:
    """The statement lists inside a statement."""
    if isinstance(s, t.If):
        yield from (s.body, s.other)
    elif isinstance(s, (t.While, t.ForRange)):
        yield s.body


def statements(body: tuple[t.Stmt, ...]) -> Iterator[t.Stmt]:
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
    new: dict[str, Any] = {}
    for f in fields(s):
        value = getattr(s, f.name)
        if isinstance(value, t.Expr):
            new[f.name] = change(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], t.Expr):
            new[f.name] = tuple(change(v) for v in value)
        elif f.name == "names":
            new[f.name] = tuple(rename(n) for n in value)
    return replace(s, **new)


def map_body(body: tuple[t.Stmt, ...], change: Callable[[t.Expr], t.Expr], rename: Callable[[str], str]) -> tuple[t.Stmt, ...]:
    """`map_stmt` over a list of statements."""
    return tuple(map_stmt(s, change, rename) for s in body)
