"""Which functions and loops do anything that the protocol is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.frontend.walk import expressions, statements, subexpressions
from proofs.protocol.ghosts import AFTER, STORED
from proofs.protocol.known import FACTS, SUMMARIES
from proofs.protocol.now import watched

SCHEDULING = (t.Wait, t.Choose, t.Step, t.Acquire, t.Release)
"""Statements at which other threads may run."""


class Relevant:
    """Answers for one program.

    Parameters
    ----------
    program : Program
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._matters: dict[str, bool] = {}
        self._stores: dict[str, bool] = {}

    def matters(self, function: str) -> bool:
        """Whether a function, or one that it calls, reads or stores what the protocol is about, or may wait."""
        if function not in self._matters:
            self._matters[function] = True
            f = self.program.functions[function]
            kept = f.result.kind == "ref" and f.result.record == "Span"
            self._matters[function] = kept or function in AFTER or self._any(f.body)
        return self._matters[function]

    def stores(self, function: str) -> bool:
        """Whether a function of the observer, or one that it calls, stores what the protocol is about, or moves its ghosts."""
        if function not in self._stores:
            f = self.program.functions[function]
            calls = [e.function for e in parts(f.body) if isinstance(e, t.Call)]
            self._stores[function] = (
                function in AFTER
                or function in SUMMARIES
                or any(isinstance(x, t.Store) and watched(x.record, x.field) for x in statements(f.body))
                or any(self.stores(c) for c in calls)
            )
        return self._stores[function]

    def statement_matters(self, s: t.Stmt) -> bool:
        """Whether a loop or a branch does anything that the protocol is about, leaves its function, or throws."""
        loop = isinstance(s, (t.While, t.ForRange))
        leaves = (t.Return, t.Throw) if loop else (t.Return, t.Throw, t.Break, t.Continue)
        return self._any((s,), reads=not loop) or any(isinstance(x, leaves) for x in statements((s,)))

    def cut(self, s: t.If) -> bool:
        """Whether a branch without another stores what the protocol is about, and goes on behind."""
        inside = [x for x in statements(s.body)]
        leaves = any(isinstance(x, (t.Return, t.Break, t.Continue)) for x in inside)
        return not s.other and not leaves and any(isinstance(x, t.Store) and watched(x.record, x.field) for x in inside)

    def assigned(self, s: t.Stmt) -> set[str]:
        """The locals that a statement assigns."""
        out: set[str] = set()
        for x in statements((s,)):
            if isinstance(x, (t.Assign, t.Choose)):
                out |= set(x.names)
            elif isinstance(x, t.ForRange):
                out.add(x.name)
        return out

    def _any(self, body: Iterable[t.Stmt], reads: bool = True) -> bool:
        """Whether statements do anything of interest; a loop's reads are of none, what it assigns is any value after it."""
        body = tuple(body)
        for x in statements(body):
            if isinstance(x, SCHEDULING):
                return True
            if isinstance(x, t.Store) and (watched(x.record, x.field) or (x.record, x.field) in STORED):
                return True
        return any(self._is_of_interest(e) for e in parts(body) if reads or not isinstance(e, t.Load))

    def _is_of_interest(self, e: t.Expr) -> bool:
        if isinstance(e, t.Load):
            return watched(e.record, e.field) or (e.record, e.field) in FACTS
        if isinstance(e, t.Call):
            ghost = self.program.functions[e.function].ghost
            return self.stores(e.function) if ghost else e.function in SUMMARIES or self.matters(e.function)
        return isinstance(e, t.Atomic)


def parts(body: Iterable[t.Stmt]) -> Iterator[t.Expr]:
    """All expressions in statements."""
    for x in statements(tuple(body)):
        for e in expressions(x):
            yield from subexpressions(e)
