"""The variables of an exploration: what defines them, comparisons of numbers, and what z3 is told about both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import gcd
from typing import Any

import z3

from checker.symbolic.exploration.affine import (
    PLAIN,
    Affine,
    Compare,
    Condition,
    Junction,
    Number,
    affine,
    combine,
    holds,
    junction,
    replaced,
    variables_of,
)


@dataclass(slots=True)
class Variable:
    """An integer in ``lo..hi``.

    Attributes
    ----------
    compute : callable or None
        Its value, from a function that gives the value of numbers; None for an input.
    facts : list of z3 terms
        That hold of it, whatever the other variables are, and that are cheap.
    exact : list of z3 terms
        With the facts, they define it.
    mentions : tuple of str
        The variables in its facts.
    """

    lo: int
    hi: int
    compute: Callable[[Callable[[Number], int]], int] | None = None
    facts: list[Any] = field(default_factory=list)
    exact: list[Any] = field(default_factory=list)
    mentions: tuple[str, ...] = ()


class Space:
    """All variables of an exploration.

    Attributes
    ----------
    variables : dict
    cases : dict
        Of each variable that a parameter decides: its value for each value of the parameter.
    """

    def __init__(self) -> None:
        self.variables: dict[str, Variable] = {}
        self.cases: dict[str, tuple[int, ...]] = {}
        self.parameter = ""
        self._defined: dict[Any, str] = {}
        self._quotients: dict[str, tuple[Number, Number, str]] = {}
        self._terms: dict[Any, Any] = {}

    def input(self, name: str, lo: int, hi: int) -> Number:
        """A variable that may have any value in ``lo..hi``."""
        if lo == hi:
            return lo
        if name not in self.variables:
            self.variables[name] = Variable(lo, hi)
        known = self.variables[name]
        assert (known.lo, known.hi) == (lo, hi), f"{name} has two ranges"
        return Affine(0, ((name, 1),))

    def parameterise(self, name: str, values: Sequence[int]) -> Number:
        """The parameter that takes each of some values; there is at most one."""
        assert not self.parameter, "one parameter varies at most"
        if len(values) == 1:
            return values[0]
        self.parameter = name
        self.cases[name] = tuple(values)
        v = self.variables[name] = Variable(min(values), max(values))
        v.facts = [z3.Or(*(z3.Int(name) == k for k in values))]
        return Affine(0, ((name, 1),))

    def decided(self, values: Sequence[int]) -> Number:
        """The number that has these values, one for each value of the parameter."""
        if len(set(values)) == 1:
            return values[0]
        key = tuple(values)
        for name, known in self.cases.items():
            if known == key:
                return Affine(0, ((name, 1),))
        name = f"{self.parameter}/{len(self.cases)}"
        cases = dict(zip(self.cases[self.parameter], key, strict=True))
        chooser = Affine(0, ((self.parameter, 1),))
        facts = [z3.Implies(z3.Int(self.parameter) == v, z3.Int(name) == u) for v, u in cases.items()]
        self.cases[name] = key
        self.variables[name] = Variable(min(key), max(key), lambda of: cases[of(chooser)], facts, [], (self.parameter,))
        return Affine(0, ((name, 1),))

    def by_case(self, a: Number) -> tuple[int, ...] | None:
        """The values of a number that only the parameter decides, or a constant's; None for others."""
        if isinstance(a, int):
            return (a,) * len(self.cases[self.parameter]) if self.parameter else (a,)
        if any(n not in self.cases for n, _ in a.parts):
            return None
        rows = zip(*([k * v for v in self.cases[n]] for n, k in a.parts), strict=True)
        return tuple(a.base + sum(row) for row in rows)

    def quotient(self, a: Affine, by: Number) -> Number:
        """``a // by``, for a positive constant or a number that the parameter decides."""
        key = ("quotient", a, by)
        if key not in self._defined:
            each = self.by_case(by)
            assert each is not None, f"a division by {by}, which depends on inputs"
            assert min(each) > 0, f"a division by {by}"
            name, rounded = f"q{len(self.variables)}", f"r{len(self.variables)}"
            lo, hi = self.bounds(a)
            q, r, value = z3.Int(name), z3.Int(rounded), self.number_term(a)
            facts, exact = [r <= value, value < r + self.number_term(by)], []
            if isinstance(by, int):
                facts.append(r == by * q)
            else:
                chooser = z3.Int(self.parameter)
                exact = [z3.Implies(chooser == v, r == m * q) for v, m in zip(self.cases[self.parameter], each, strict=True)]
            mentions = (*(n for n, _ in a.parts), *(() if isinstance(by, int) else (self.parameter, *(n for n, _ in by.parts))))
            ends = [x // m for x in (lo, hi) for m in (min(each), max(each))]
            self.variables[name] = Variable(
                min(ends), max(ends), lambda of: of(a) // of(by), facts, exact, (*mentions, rounded)
            )
            low = min(lo // m * m for m in each)
            self.variables[rounded] = Variable(low, hi, lambda of: of(a) // of(by) * of(by), facts, exact, (*mentions, name))
            self._defined[key] = name
            self._quotients[name] = (a, by, rounded)
        return Affine(0, ((self._defined[key], 1),))

    def rounded(self, a: Affine, by: Number) -> Number:
        """``a // by * by``."""
        q = self.quotient(a, by)
        assert isinstance(q, Affine)
        return Affine(0, ((self._quotients[q.variable][2], 1),))

    def either(self, condition: Condition, a: Number, b: Number) -> Number:
        """``a`` if the condition holds, else ``b``."""
        if a == b or isinstance(condition, bool):
            return a if condition else b
        key = ("either", condition, a, b)
        if key not in self._defined:
            name = self._defined[key] = f"e{len(self.variables)}"
            ends = [*self.bounds(a), *self.bounds(b)]
            c, v = self.term(condition), z3.Int(name)
            facts = [z3.Implies(c, v == self.number_term(a)), z3.Or(c, v == self.number_term(b))]
            mentions = (*variables_of(condition), *(n for x in (a, b) if isinstance(x, Affine) for n, _ in x.parts))

            def compute(of: Callable[[Number], int]) -> int:
                return of(a if holds(condition, of) else b)

            self.variables[name] = Variable(min(ends), max(ends), compute, facts, [], mentions)
        return Affine(0, ((self._defined[key], 1),))

    def product(self, a: Affine, b: Number) -> Number | None:
        """``q * by`` for a quotient by that very number; None for other products."""
        known = self._quotients.get(a.variable)
        return Affine(0, ((known[2], 1),)) if known is not None and known[1] == b else None

    def bounds(self, a: Number) -> tuple[int, int]:
        """An interval that a number lies in."""
        if isinstance(a, int):
            return a, a
        lo = hi = a.base
        for name, k in a.parts:
            v = self.variables[name]
            lo += k * (v.lo if k > 0 else v.hi)
            hi += k * (v.hi if k > 0 else v.lo)
        return lo, hi

    def compare(self, op: str, a: Number, b: Number) -> Condition:
        """A comparison, in normal form."""
        if isinstance(a, int) and isinstance(b, int):
            return PLAIN[op](a, b)
        if op in (">", ">="):
            return self.compare("<" if op == ">" else "<=", b, a)
        d = combine(a, b, -1)
        if isinstance(d, int):
            return PLAIN[op](d, 0)
        lo, hi = self.bounds(d)
        base, g = d.base, gcd(*(k for _, k in d.parts))
        if op in ("<", "<="):
            if op == "<":
                base, lo, hi = base + 1, lo + 1, hi + 1
            if hi <= 0 or lo > 0:
                return hi <= 0
            return Compare("<=", tuple((n, k // g) for n, k in d.parts), -(-base // g))
        if lo > 0 or hi < 0 or base % g:
            return op == "!="
        g = -g if d.parts[0][1] < 0 else g
        return Compare(op, tuple((n, k // g) for n, k in d.parts), base // g)

    def replaced(self, c: Condition, values: Mapping[str, int]) -> Condition:
        """The condition with some variables known."""
        if isinstance(c, bool):
            return c
        if isinstance(c, Junction):
            return junction(c.op, [self.replaced(i, values) for i in c.items])
        if not any(n in values for n, _ in c.parts):
            return c
        return self.compare(c.op, replaced(Affine(c.base, c.parts), values), 0)

    def number_term(self, a: Number) -> Any:
        """A number in z3."""
        if isinstance(a, int):
            return z3.IntVal(a)
        terms = [z3.Int(n) if k == 1 else k * z3.Int(n) for n, k in a.parts]
        return z3.Sum(*terms, z3.IntVal(a.base)) if a.base else terms[0] if len(terms) == 1 else z3.Sum(*terms)

    def term(self, c: Condition) -> Any:
        """A condition in z3."""
        if c not in self._terms:
            self._terms[c] = self._term(c)
        return self._terms[c]

    def _term(self, c: Condition) -> Any:
        if isinstance(c, bool):
            return z3.BoolVal(c)
        if isinstance(c, Junction):
            return (z3.And if c.op == "and" else z3.Or)(*map(self.term, c.items))
        left = [(n, k) for n, k in c.parts if k > 0]
        right = [(n, -k) for n, k in c.parts if k < 0]
        a, b = self.number_term(affine(max(c.base, 0), dict(left))), self.number_term(affine(max(-c.base, 0), dict(right)))
        return a <= b if c.op == "<=" else a == b if c.op == "==" else a != b
