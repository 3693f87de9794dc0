"""Connectives that fold constants and call z3 directly.

The conditions are many and alike: with z3's own wrappers, building them takes several times as long as proving them.
"""

from __future__ import annotations

from collections.abc import Sequence

import z3

from checker.symbolic.linear import Lin
from checker.symbolic.number import Num, Term

TRUE, FALSE = z3.BoolVal(True), z3.BoolVal(False)
_CONTEXT = z3.main_ctx()
_REF = _CONTEXT.ref()
_YES, _NO = TRUE.ast.value, FALSE.ast.value


def neg(a: Term) -> Term:
    """Not."""
    value = a.ast.value
    if value == _YES:
        return FALSE
    if value == _NO:
        return TRUE
    return z3.BoolRef(z3.Z3_mk_not(_REF, a.ast), _CONTEXT)


def both(*parts: Term) -> Term:
    """And."""
    return _join(parts, _YES, _NO, TRUE, FALSE, z3.Z3_mk_and)


def either(*parts: Term) -> Term:
    """Or."""
    return _join(parts, _NO, _YES, FALSE, TRUE, z3.Z3_mk_or)


def _join(parts: Sequence[Term], neutral: object, ruling: object, none: Term, ruled: Term, make: Term) -> Term:
    kept = [p for p in parts if p.ast.value != neutral]
    if any(p.ast.value == ruling for p in kept):
        return ruled
    if len(kept) < 2:
        return kept[0] if kept else none
    return z3.BoolRef(make(_REF, len(kept), (z3.Ast * len(kept))(*(p.ast for p in kept))), _CONTEXT)


def implies(condition: Term, conclusion: Term) -> Term:
    """The implication."""
    return either(neg(condition), conclusion)


def iff(a: Term, b: Term) -> Term:
    """Both or neither."""
    if a.ast.value in (_YES, _NO) or b.ast.value in (_YES, _NO):
        return both(implies(a, b), implies(b, a))
    return z3.BoolRef(z3.Z3_mk_eq(_REF, a.ast, b.ast), _CONTEXT)


def equal(a: Num | Term, b: Num | Term | int) -> Term:
    """That two numbers, or two truth values, are the same."""
    if not isinstance(a, Num):
        assert not isinstance(b, (Num, int))
        return iff(a, b)
    assert isinstance(b, (Num, int))
    x, y = _atom(a), _atom(b)
    if x is None or y is None or (isinstance(a, Lin) is False and not isinstance(b, Lin)):
        return a == b
    if x.ast.value == y.ast.value:
        return TRUE
    return z3.BoolRef(z3.Z3_mk_eq(_REF, x.ast, y.ast), _CONTEXT)


def unequal(a: Num | Term, b: Num | Term | int) -> Term:
    """That they are not."""
    return neg(equal(a, b))


def _atom(a: Num | int) -> Term | None:
    """The z3 integer, where it is a single one; None for a sum."""
    if isinstance(a, Lin):
        (part, *more) = a.parts.values()
        return part.atom if not more and not a.base and part.factor == 1 else None
    value = a if isinstance(a, int) else a.constant
    if value is None:
        return None
    if value not in _CONSTANTS:
        _CONSTANTS[value] = z3.IntVal(value)
    return _CONSTANTS[value]


_CONSTANTS: dict[int, Term] = {}
