"""Whether each local has a value where it is read, on every path.

Plain execution would stop with Python's UnboundLocalError, and only on the paths where the value is missing.
The variable of a for loop has no value after its loop: the lowering counts one further than Python does.
"""

from __future__ import annotations

from checker.errors import LanguageError
from checker.frontend import tree as t
from checker.frontend.walk import expressions, subexpressions

Names = frozenset[str]


def require_values(function: t.Function) -> None:
    """Refuse a function that reads a local that may have no value.

    Raises
    ------
    LanguageError
        Also if a loop assigns to its own variable.
    """
    _Assigned().block(function.body, frozenset(function.params))


def _meet(a: Names | None, b: Names | None) -> Names | None:
    """What is assigned on both paths; None is a path that does not exist."""
    if a is None or b is None:
        return b if a is None else a
    return a & b


class _Assigned:
    def __init__(self) -> None:
        self.counters: list[str] = []
        self.finished: set[str] = set()
        self.breaks: list[Names | None] = []
        self.again: list[Names | None] = []

    def block(self, body: tuple[t.Stmt, ...], now: Names | None) -> Names | None:
        """The locals with a value after a block; None if its end is not reached."""
        for s in body:
            if now is None:
                return None
            now = self.stmt(s, now)
        return now

    def stmt(self, s: t.Stmt, now: Names) -> Names | None:
        bound = set(s.bound) if isinstance(s, t.Choose) else set()
        if not isinstance(s, t.While):
            for e in expressions(s):
                self.reads(e, now | bound)
        if isinstance(s, (t.Assign, t.Choose)):
            for name in s.names:
                self.free(s, name)
            return now | set(s.names)
        if isinstance(s, t.If):
            return _meet(self.block(s.body, now), self.block(s.other, now))
        if isinstance(s, t.While):
            endless = isinstance(s.test, t.Const) and bool(s.test.value)
            entry, left = self.loop(s.body, now, s.test, None)
            return left if endless else _meet(entry, left)
        if isinstance(s, t.ForRange):
            self.free(s, s.name)
            self.counters.append(s.name)
            entry, left = self.loop(s.body, now, None, s.name)
            self.counters.pop()
            self.finished.add(s.name)
            after = _meet(entry, left)
            return None if after is None else after - {s.name}
        if isinstance(s, t.Break):
            self.breaks[-1] = _meet(self.breaks[-1], now)
        if isinstance(s, t.Continue):
            self.again[-1] = _meet(self.again[-1], now)
        return None if isinstance(s, (t.Return, t.Throw, t.Break, t.Continue)) else now

    def loop(
        self, body: tuple[t.Stmt, ...], now: Names, test: t.Expr | None, counter: str | None
    ) -> tuple[Names, Names | None]:
        """What has a value before each round, and after leaving by a break."""
        while True:
            if test is not None:
                self.reads(test, now)
            self.breaks.append(None)
            self.again.append(None)
            end = self.block(body, now | {counter} if counter else now)
            end = _meet(end, self.again.pop())
            left = self.breaks.pop()
            entry = now if end is None else now & end
            if entry == now:
                return now, left
            now = entry

    def reads(self, e: t.Expr, now: Names) -> None:
        for x in subexpressions(e):
            if isinstance(x, t.Local) and x.name not in now:
                why = "may have no value here; assign it on every path"
                if x.name in self.finished:
                    why = "is the variable of a loop that is over; keep what you need in another local"
                raise LanguageError(str(x.place), f"{x.name!r} {why}")

    def free(self, s: t.Stmt, name: str) -> None:
        if name in self.counters:
            raise LanguageError(str(s.place), f"{name!r} is the variable of the loop around this; assign to another local")
