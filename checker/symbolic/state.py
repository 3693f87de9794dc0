"""Where a symbolic execution stands: a path, its stores, and joining paths again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import z3

from checker.symbolic.memory import Key, Value, Write, select
from checker.symbolic.number import Term, conjunction, disjunction, negation


@dataclass(frozen=True, slots=True)
class Effect:
    """A call of a summarised function, which happened if the guard holds."""

    guard: Term
    function: str
    args: tuple[Value, ...]


@dataclass(slots=True)
class State:
    """One path: what holds on it, its locals, stores and effects."""

    facts: tuple[Term, ...] = ()
    locals: dict[str, Value] = field(default_factory=dict)
    writes: dict[Key, tuple[Write, ...]] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    result: Value = None

    def fork(self, *conditions: Term) -> State:
        """A copy on which more holds."""
        single = [p for c in conditions for p in (c.children() if z3.is_and(c) else [c])]
        more = tuple(c for c in single if not any(c.eq(f) for f in self.facts))
        return replace(self, facts=self.facts + more, locals=dict(self.locals), writes=dict(self.writes))

    def take(self, other: State) -> None:
        """Become another state."""
        self.facts, self.locals, self.writes = other.facts, other.locals, other.writes
        self.effects, self.result = other.effects, other.result

    def condition(self) -> Term:
        """What holds on the path, as one term."""
        return conjunction(list(self.facts))


def merge(base: State, states: list[State]) -> State:
    """One state that stands for several, which all come from ``base`` and exclude each other."""
    if len(states) == 1:
        return states[0]
    known = len(base.facts)
    guards = [conjunction(list(s.facts[known:])) for s in states]
    out = State(base.facts)
    reached = _either(guards)
    if reached is not None:
        out.facts += (reached,)
    for key in dict.fromkeys(k for s in states for k in s.writes):
        before = base.writes.get(key, ())
        out.writes[key] = before + tuple(
            replace(w, guard=conjunction([guard, w.guard]))
            for guard, s in zip(guards, states, strict=True)
            for w in s.writes.get(key, ())[len(before) :]
        )
    out.effects = base.effects + tuple(
        replace(e, guard=conjunction([guard, e.guard]))
        for guard, s in zip(guards, states, strict=True)
        for e in s.effects[len(base.effects) :]
    )
    for name in states[0].locals:
        if all(name in s.locals for s in states):
            out.locals[name] = _choose(guards, [s.locals[name] for s in states])
    if all(s.result is not None for s in states):
        out.result = _choose(guards, [s.result for s in states])
    return out


def _choose(guards: list[Term], values: list[Value]) -> Value:
    value = values[-1]
    for guard, other in zip(reversed(guards[:-1]), reversed(values[:-1]), strict=True):
        value = select(guard, other, value)
    return value


def _either(guards: list[Term]) -> Term | None:
    """That one of the guards holds; None where two are each other's negation."""
    if len(guards) == 2 and negation(guards[0]).eq(guards[1]):
        return None
    return disjunction(guards)
