"""The executor of one path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.symbolic.cells import Cells
from checker.symbolic.evaluate import PathEnds, Summary
from checker.symbolic.memory import Value
from checker.symbolic.number import Num, Term, within
from checker.symbolic.paths import DeadEnd, Path
from checker.symbolic.splitting.branches import Branches
from checker.symbolic.splitting.loops import Loops
from checker.symbolic.splitting.numbers import Numbers
from checker.symbolic.state import State

Bound = Callable[["Splitter", State, Num], tuple[Term, int]]
"""For an array: whether an index is inside, and the largest that can be."""

Hook = Callable[["Splitter", State, list[Value], Value], None]
"""What happens to ghosts when a function returns, from its arguments and its result."""


class Splitter(Branches, Loops, Numbers):
    """Executes functions on one path.

    Parameters
    ----------
    program : Program
    cells : Cells
        The initial heap.
    path : Path
    variables : mapping
        Spec parameters that are variables.
    summaries : mapping
        By function name: contracts that stand for calls.
    bounds : mapping
        By (record, field): for arrays whose length is not the declared one.
    after : mapping
        By function name: what ghosts do when it returns.
    learn : callable
        What else is known by now; asked before each decision.
    loop_bound : int
        Rounds after which a loop that may go on is refused.
    """

    def __init__(
        self,
        program: Program,
        cells: Cells,
        path: Path,
        *,
        variables: Mapping[str, Num] | None = None,
        summaries: Mapping[str, Summary] | None = None,
        bounds: Mapping[tuple[str, str], Bound] | None = None,
        after: Mapping[str, Hook] | None = None,
        learn: Callable[[], Iterable[Term]] = tuple,
        loop_bound: int = 64,
    ) -> None:
        super().__init__(program, cells, path, variables or {}, summaries or {}, learn, loop_bound)
        self.bounds = dict(bounds or {})
        self.after = dict(after or {})

    def run(self, state: State, function: t.Function, args: Mapping[str, Value]) -> State | None:
        """Run a function on the present path; None if it ends in a throw, or no heap takes it to its end.

        What the path was obliged to on the way must hold in either case: after a throw on every heap there is none left.
        """
        inner = State(locals=dict(args), writes=state.writes)
        try:
            self.block(inner, function.body, ends=True)
        except PathEnds:
            return None
        except DeadEnd:
            self.path.dead = True
            return None
        inner.locals = {}
        return inner

    def call(self, state: State, name: str, args: list[Value]) -> Value:
        """Call a function of the spec, and do what ghosts do when it returns."""
        result = super().call(state, name, args)
        if name in self.after:
            self.after[name](self, state, args, result)
        return result

    def inside(self, state: State, place: t.Place, record: str, field: str, index: Num) -> Num:
        """An index of an array; one outside it is trouble."""
        if (record, field) not in self.bounds:
            return super().inside(state, place, record, field, index)
        ok, most = self.bounds[record, field](self, state, index)
        self.require(state, ok, "index", place, f"{record}.{field}[...]: index outside what is mapped")
        return within(index, 0, most)
