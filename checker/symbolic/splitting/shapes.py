"""What statements consist of, as far as it decides how they are executed."""

from __future__ import annotations

from checker.frontend import tree as t
from checker.frontend.walk import expressions, subexpressions


def stores_alone(statements: tuple[t.Stmt, ...]) -> bool:
    """Whether statements only store, or call what may do the same."""
    return all(isinstance(x, (t.Store, t.Do, t.Assign, t.Count)) for x in statements)


def returns(statements: tuple[t.Stmt, ...]) -> bool:
    """Whether statements only store, and then return at most one value."""
    last = statements[-1] if statements else None
    return isinstance(last, t.Return) and len(last.values) <= 1 and stores_alone(statements[:-1])


def only_call(statements: tuple[t.Stmt, ...]) -> t.Call | None:
    """The call that is all there is in a branch."""
    kept = [x for x in statements if not isinstance(x, t.Count)]
    only = kept[0] if len(kept) == 1 else None
    return only.value if isinstance(only, t.Do) and isinstance(only.value, t.Call) else None


def throws(statements: tuple[t.Stmt, ...]) -> t.Throw | None:
    """The throw that is all there is in a branch."""
    kept = [x for x in statements if not isinstance(x, t.Count)]
    return kept[0] if len(kept) == 1 and isinstance(kept[0], t.Throw) else None


def is_one_store(s: t.ForRange) -> bool:
    """Whether a loop's body is stores to arrays and nothing else."""
    body = [x for x in s.body if not isinstance(x, t.Count)]
    if not body or not all(isinstance(x, t.Store) and x.index is not None for x in body):
        return False
    stored = {(x.record, x.field) for x in body if isinstance(x, t.Store)}
    read = [e for x in body for top in expressions(x) for e in subexpressions(top)]
    if any(isinstance(e, t.Call) for e in read):
        return False  # what is called may store, and read what is stored
    return not stored & {(e.record, e.field) for e in read if isinstance(e, t.Load)}
