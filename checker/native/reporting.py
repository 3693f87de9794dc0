"""Printing properties: antecedents are counted, failed clauses noted unless a finding explains them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llvmlite import ir

from checker.frontend import tree as t
from checker.native.body import Body
from checker.native.context import Run
from checker.native.emit import POINTER, WORD
from checker.native.unit import Unit

Value = Any

Known = Mapping[tuple[int, str], Sequence[tuple[int, str, tuple[str, ...]]]]
"""For a property's number and a clause: findings as (number, function that explains, the witnesses that it takes)."""


class ReportingUnit(Unit):
    """A module whose functions may report.

    Attributes
    ----------
    clauses : list of str
        Number k of a clause is its index.
    known : Known
    """

    def __init__(self, *arguments: Any, known: Known, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.known = known
        self.clauses: list[str] = []

    def clause(self, name: str) -> int:
        """The number of a clause, the same each time it is asked for."""
        if name not in self.clauses:
            self.clauses.append(name)
        return self.clauses.index(name)


class ReportingBody(Body):
    """Prints statements of properties and of steps that end an operation."""

    unit: ReportingUnit

    def _s_given(self, s: t.Given) -> None:
        current = self.builder.load(self.run_field(Run.offset("property")), typ=WORD)
        at = self.builder.mul(current, ir.Constant(WORD, 8))
        counter = self.builder.gep(self.run_field(self.unit.run.antecedents), [at], source_etype=ir.IntType(8))
        self.builder.store(self.builder.add(self.builder.load(counter, typ=WORD), ir.Constant(WORD, 1)), counter)

    def _s_check(self, s: t.Check) -> None:
        failed, done = self.block("failed"), self.block("checked")
        self.builder.cbranch(self.test(s.test), done, failed).set_weights([1 << 20, 1])
        self.enter(failed)
        current = self.builder.load(self.run_field(Run.offset("property")), typ=WORD)
        witness = dict(s.witness)
        for property, clause in self.unit.known:
            if clause == s.clause:
                for finding, function, params in self.unit.known[property, clause]:
                    self._explain(s, current, property, finding, function, [witness[p] for p in params], done)
        self._note(current, self.unit.clause(s.clause))
        self.jump(done)
        self.enter(done)

    def _explain(
        self, s: t.Check, current: Value, property: int, finding: int, function: str, values: list[t.Expr], done: Value
    ) -> None:
        """Go on behind the check if a finding explains the failure."""
        asked, other, explained = self.block("known"), self.block("other"), self.block("explained")
        self.builder.cbranch(self.builder.icmp_signed("==", current, ir.Constant(WORD, property)), asked, other)
        self.enter(asked)
        args = [self.value(v).value for v in values]
        root = ir.Constant(WORD, 1)
        result = self.builder.call(self.unit.function(function), [self.memory[0], self.run, root, *args])
        self.propagate(result)
        truth = self.builder.icmp_signed("!=", self.builder.extract_value(result, 1), ir.Constant(WORD, 0))
        self.builder.cbranch(truth, explained, other)
        self.enter(explained)
        self.increment(self.unit.run.explained + 8 * finding)
        self.jump(done)
        self.enter(other)

    def _note(self, current: Value, clause: int) -> None:
        """Put a failed clause into the list."""
        code = self.builder.or_(self.builder.shl(current, ir.Constant(WORD, 32)), ir.Constant(WORD, clause))
        self.builder.call(self.unit.declared("note_failure", 2), [self.builder.ptrtoint(self.run, WORD), code])

    def _s_endcheck(self, s: t.EndCheck) -> None:
        """The property runs in the observer's `Run`, whose coverage is not the thread's."""
        observer = self.builder.inttoptr(self.builder.load(self.run_field(Run.offset("observer")), typ=WORD), POINTER)
        args = [self.value(a).value for a in s.args]
        at = self.builder.gep(observer, [ir.Constant(WORD, Run.offset("property"))], source_etype=ir.IntType(8))
        self.builder.store(ir.Constant(WORD, s.property), at)
        self.propagate(self.builder.call(self.unit.function(s.function), [self.memory[0], observer, *args]))
