"""Execution of parts of functions: one round of a loop, one statement; and of what a thread does alone.

A loop over unbounded data is proved by the rule for loops: what holds before it, what one round keeps, what is left after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import z3

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.symbolic.evaluate import Summary, Trouble
from checker.symbolic.execute import Ends, Executor
from checker.symbolic.memory import Memory, Value, Write
from checker.symbolic.number import Num, Term, conjunction, disjunction
from checker.symbolic.scope import Scope
from checker.symbolic.state import Effect, State
from proofs.kernel import Condition

WAITS = "wait"
"""The effect of a thread that stops here until another one changes the heap."""


@dataclass(frozen=True, slots=True)
class Read:
    """A read of an array's entry, and what holds where it happens."""

    when: Term
    record: str
    field: str
    index: Num


class Alone(Executor):
    """Executes what one thread does while no other runs: atomic operations are ordinary ones, a wait ends the path.

    Parameters
    ----------
    program : Program
    memory : Memory
    variables, summaries : mapping
        As for `checker.symbolic.execute.run`.

    Attributes
    ----------
    reads : list of Read
        Of entries of arrays.
    """

    def __init__(
        self,
        program: Program,
        memory: Memory,
        *,
        variables: Mapping[str, Num] | None = None,
        premises: list[Term] | None = None,
        summaries: Mapping[str, Summary] | None = None,
    ) -> None:
        super().__init__(program, Scope(program.schema, variables or {}), memory, premises or [], summaries or {}, 64)
        self.reads: list[Read] = []

    def read(self, state: State, record: str, field: str, number: Num, index: Num | None) -> Value:
        """The content of a cell; one of an array is noted."""
        if index is not None:
            self.reads.append(Read(conjunction(list(state.facts)), record, field, index))
        return super().read(state, record, field, number, index)

    def _atomic(self, state: State, e: t.Atomic) -> Value:
        number = self.record(state, e.ref, f"{e.record}.{e.field}")
        found = self.read(state, e.record, e.field, number, None)
        values = [self.number(state, v) for v in e.values]
        bits = self.memory.scalar(e.record, e.field).hi.bit_length()
        guard = found == values[0] if e.op == "cas" else z3.BoolVal(True)
        stored = values[1] if e.op == "cas" else found + values[0]
        self.write(state, e.record, e.field, Write(guard, number, None, self.low_bits(state, stored, bits)))
        return guard if e.op == "cas" else self.low_bits(state, stored, bits)

    def _s_wait(self, state: State, s: t.Wait) -> Ends:
        state.effects = (*state.effects, Effect(z3.BoolVal(True), WAITS, ()))
        return [(state, "return")]


def complete(paths: Iterable[State], troubles: Iterable[Trouble]) -> Condition:
    """That every case takes a path or throws: without it, conditions on paths could hold for want of paths."""
    cases = [p.condition() for p in paths] + [x.condition for x in troubles]
    return Condition("every case takes a path", z3.BoolVal(True), disjunction(cases))


def returning(answer: Value) -> Summary:
    """The contract of a function of which only the call matters: it returns this and changes nothing."""
    return lambda state, args: answer


@dataclass(frozen=True, slots=True)
class Looping:
    """A function that is one loop: what comes before it, the loop, what comes after."""

    before: tuple[t.Stmt, ...]
    loop: t.While
    after: tuple[t.Stmt, ...]


def looping(function: t.Function) -> Looping:
    """The parts of a function with exactly one ``while`` at its top level.

    Raises
    ------
    ValueError
        It has another number of them.
    """
    at = [i for i, s in enumerate(function.body) if isinstance(s, t.While)]
    if len(at) != 1:
        raise ValueError(f"{function.place}: {function.name} has {len(at)} loops at its top level; the rule is for one")
    (i,) = at
    loop = function.body[i]
    assert isinstance(loop, t.While)
    return Looping(function.body[:i], loop, function.body[i + 1 :])


def stores(statements: tuple[t.Stmt, ...]) -> Iterator[t.Store]:
    """The stores in statements, in the order of the text."""
    for s in statements:
        if isinstance(s, t.Store):
            yield s
        elif isinstance(s, t.If):
            yield from stores((*s.body, *s.other))
        elif isinstance(s, (t.While, t.ForRange)):
            yield from stores(s.body)
