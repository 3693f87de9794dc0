"""What functions do that matters to scheduling: touch the shared state, or reach a scheduling point."""

from __future__ import annotations

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.frontend.walk import children, expressions, nested, statements, subexpressions
from spec.language.markers import Racy

_POINTS = (t.Step, t.Wait, t.Choose, t.Acquire, t.Release)


class Effects:
    """Answers for one program at one atomicity (``lock`` or ``fine``)."""

    def __init__(self, program: Program, atomicity: str) -> None:
        self.program = program
        self.fine = atomicity == "fine"
        self._points: dict[int, tuple[t.Expr | t.Stmt, bool]] = {}  # by identity; holding a node keeps its identity its own
        self._suspends: dict[str, bool] = {}
        self._touches: dict[str, bool] = {}

    def racy(self, record: str, field: str) -> Racy | None:
        """The marker of a racy field where its accesses are scheduling points, else None."""
        return self.program.schema.records[record].fields[field].racy if self.fine else None

    def expr_suspends(self, e: t.Expr) -> bool:
        """Whether evaluating an expression can reach a scheduling point."""
        known = self._points.get(id(e))
        if known is None:
            known = self._points[id(e)] = e, self._point(e) or any(map(self.expr_suspends, children(e)))
        return known[1]

    def _point(self, e: t.Expr) -> bool:
        if isinstance(e, t.Atomic):
            return True
        if isinstance(e, t.Load):
            return self.racy(e.record, e.field) is not None
        return isinstance(e, t.Call) and self.suspends(e.function)

    def stmt_suspends(self, s: t.Stmt) -> bool:
        """Whether a statement, nested ones included, can reach a scheduling point."""
        known = self._points.get(id(s))
        if known is None:
            inside = any(self.stmt_suspends(x) for body in nested(s) for x in body)
            known = self._points[id(s)] = s, inside or self._reaches_point(s)
        return known[1]

    def _reaches_point(self, s: t.Stmt) -> bool:
        if isinstance(s, _POINTS) or (isinstance(s, t.Store) and self.racy(s.record, s.field) is not None):
            return True
        return not isinstance(s, (t.Check, t.EndCheck)) and any(map(self.expr_suspends, expressions(s)))

    def suspends(self, function: str) -> bool:
        """Whether a call of a function can reach a scheduling point."""
        if function not in self._suspends:
            f = self.program.functions[function]
            self._suspends[function] = not f.ghost and any(self.stmt_suspends(s) for s in f.body)
        return self._suspends[function]

    def touches(self, s: t.Stmt) -> bool:
        """Whether a statement may read or write what other threads can see, or end the run.

        Ghosts are seen by nobody: what only the observer writes may as well be written in the step before.
        """
        for x in statements((s,)):
            if isinstance(x, t.Store) and not self.program.schema.records[x.record].fields[x.field].ghost:
                return True
            if isinstance(x, (t.Throw, t.Check, t.EndCheck, t.Given, t.Acquire, t.Release)):
                return True
            if any(self.expr_touches(e) for e in expressions(x)):
                return True
        return False

    def expr_touches(self, e: t.Expr) -> bool:
        """Whether an expression may read or write what other threads can see."""
        for x in subexpressions(e):
            if isinstance(x, (t.Load, t.Atomic)):
                return True
            if isinstance(x, t.Call):
                if x.function not in self._touches:
                    f = self.program.functions[x.function]
                    self._touches[x.function] = not f.ghost and any(self.touches(s) for s in f.body)
                if self._touches[x.function]:
                    return True
        return False
