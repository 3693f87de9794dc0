"""A thread's graph as two native functions, shared by all threads that run the same function.

``step`` executes from a label to the next scheduling point, in place. ``next`` finds out, at the thread's present label,
what is enabled, and for each choice has a copy of the state made (``begin_successor``), steps it, and hands it over
(``end_successor``).
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from checker.errors import AssumptionError
from checker.frontend import tree as t
from checker.frontend.walk import subexpressions
from checker.lowering.graph import Cut, Graph
from checker.lowering.layout import Cell
from checker.lowering.thread_layout import ThreadLayout
from checker.native import arithmetic
from checker.native.context import CHOICES, Run
from checker.native.emit import BYTE, POINTER, WORD, Number, returned
from checker.native.exits import ENDLESS, RELEASE
from checker.native.reporting import ReportingBody, ReportingUnit

Value = Any

SAVED = ("range", "wrap")
"""Kinds of saved locals that are checked when a thread is suspended."""


class ThreadCode:
    """The native functions of one thread function.

    Parameters
    ----------
    unit : ReportingUnit
    graph : Graph
    layout : ThreadLayout
        Of any thread that runs it: they differ in ``base`` only.
    first_point : int
        The number of the scheduling point with label 1.
    """

    def __init__(self, unit: ReportingUnit, graph: Graph, layout: ThreadLayout, first_point: int) -> None:
        self.unit, self.graph, self.layout, self.first_point = unit, graph, layout, first_point
        chosen = [len(c.stmt.names) for _, c in self.cuts() if isinstance(c.stmt, t.Choose)]
        self.choices = max(chosen, default=0)
        if self.choices > CHOICES:
            place = unit.program.functions[graph.function].place
            raise AssumptionError(f"{place}: a choice of {self.choices} values; the native engine has room for {CHOICES}")
        words = [WORD] * (4 + self.choices)
        self.step = ir.Function(unit.module, ir.FunctionType(returned(1), [POINTER, POINTER, *words]), f"step.{graph.function}")
        self.next = ir.Function(
            unit.module, ir.FunctionType(returned(1), [POINTER, POINTER, WORD, WORD, WORD]), f"next.{graph.function}"
        )
        for f in (self.step, self.next):
            f.linkage = "internal"
        _Step(self)
        _Next(self)

    def cuts(self) -> list[tuple[int, Cut]]:
        """The blocks at which the thread can be suspended."""
        return [(b, cut) for b in self.graph.cuts() if (cut := self.graph.blocks[b].cut) is not None]


class _ThreadBody(ReportingBody):
    """What both functions share: the thread's own values, its saved locals, locks and atomic operations."""

    def __init__(self, code: ThreadCode, function: Value) -> None:
        state, run, self.thread, self.base, self.element, *self.more = function.args
        super().__init__(code.unit, function, [state, None], run)
        self.code = code
        params = code.unit.program.functions[code.graph.function].params
        self.fixed = dict(zip(params[1:], [self.element], strict=False))

    def _e_local(self, e: t.Local) -> Number:
        if e.name in self.fixed:
            return Number(self.fixed[e.name], 1)
        return super()._e_local(e)

    def slots_of(self, names: set[str]) -> None:
        """Give each of these locals a place."""
        for name in sorted(names - set(self.slots) - set(self.fixed)):
            self.slots[name] = self.slot(name)

    def restore(self, b: int, but: tuple[str, ...] = ()) -> None:
        """Load the locals saved at a cut."""
        for s in self.code.layout.slots[b]:
            if s.name not in but:
                self.builder.store(self.load_cell(self.record(s.offset), s).value, self.slots[s.name])

    def record(self, offset: int) -> Value:
        """A pointer into the thread's record."""
        at = self.builder.add(self.base, ir.Constant(WORD, offset))
        return self.builder.gep(self.memory[0], [at], source_etype=BYTE)

    def label(self) -> Value:
        """The thread's label."""
        width = 8 * self.code.layout.label_width
        return self.builder.zext(self.builder.load(self.record(0), align=1, typ=ir.IntType(width)), WORD)

    def _s_acquire(self, s: t.Acquire) -> None:
        owner = self.builder.add(self.thread, ir.Constant(WORD, 1))
        self.store_cell(owner, self.address(s), self._cell(s))

    def _s_release(self, s: t.Release) -> None:
        address, c = self.address(s), self._cell(s)
        owner = self.builder.add(self.thread, ir.Constant(WORD, 1))
        mine = self.builder.icmp_signed("==", self.load_cell(address, c).value, owner)
        self.guard(mine, RELEASE, s.place)
        self.store_cell(ir.Constant(WORD, 0), address, c)

    def _e_atomic(self, e: t.Atomic) -> Number:
        address, c = self.address(e), self._cell(e)
        values = [self.value(v) for v in e.values]
        now = self.load_cell(address, c)
        if e.op == "cas":
            swap, done = self.block("swap"), self.block("swapped")
            equal = self.builder.icmp_signed("==", now.value, values[0].value)
            self.builder.cbranch(equal, swap, done)
            self.enter(swap)
            self.store_cell(self.fitting(values[1], c.scalar, e.place, "an atomic store"), address, c)
            self.jump(done)
            self.enter(done)
            return Number(self.builder.zext(equal, WORD), 0, 1)
        added = arithmetic.binary(self, "+", now, values[0], e.place)
        stored = self.fitting(added, c.scalar, e.place, "an atomic store")
        self.store_cell(stored, address, c)
        return Number(stored, c.scalar.lo, c.scalar.hi)

    def _cell(self, e: t.Acquire | t.Release | t.Atomic) -> Cell:
        return self.unit.layout.cells[e.record, e.field]


class _Step(_ThreadBody):
    """From a label to the next cut."""

    def __init__(self, code: ThreadCode) -> None:
        super().__init__(code, code.step)
        label, *chosen = self.more
        graph = code.graph
        self.slots_of({n for slots in code.layout.slots.values() for s in slots for n in [s.name]})
        for block in graph.blocks:
            self.locals_of(block.stmts)
            if block.cut is not None and isinstance(block.cut.stmt, t.Choose):
                self.slots_of(set(block.cut.stmt.names))
            self.slots_of(
                {x.name for e in ([block.test] if block.test else []) for x in subexpressions(e) if isinstance(x, t.Local)}
            )
        self._left = self.slot("left", ir.Constant(WORD, self.unit.limit))
        self._blocks = [self.block(f"block.{b}") for b in range(len(graph.blocks))]
        self._suspends = {b: self.block(f"suspend.{b}") for b, _ in code.cuts()}
        nowhere = self.block("nowhere")
        switch = self.builder.switch(label, nowhere)
        starts = {0: 0, **{code.layout.labels[b]: b for b, _ in code.cuts()}}
        for number, b in starts.items():
            resume = self.block(f"resume.{number}")
            switch.add_case(ir.Constant(WORD, number), resume)
            self.enter(resume)
            if number:
                cut = graph.blocks[b].cut
                names = cut.stmt.names if cut is not None and isinstance(cut.stmt, t.Choose) else ()
                self.restore(b, names)
                for name, value in zip(names, chosen, strict=False):
                    self.builder.store(value, self.slots[name])
            self.jump(self._blocks[b])
        self.enter(nowhere)
        self.builder.unreachable()
        for b in range(len(graph.blocks)):
            self._block(b)
        for b, cut in code.cuts():
            self.enter(self._suspends[b])
            self._suspend(b, cut)
        self.close()

    def _block(self, b: int) -> None:
        block = self.code.graph.blocks[b]
        self.enter(self._blocks[b])
        self.body(block.stmts)
        if self.ended:
            return
        if block.test is not None:
            assert block.then is not None
            assert block.other is not None
            test = self.test(block.test)
            then, other = self._target(b, block.then), self._target(b, block.other)
            self.builder.cbranch(test, then, other)
        elif block.then is not None:
            self.jump(self._target(b, block.then))
        else:
            self._leave(0, [])

    def _target(self, b: int, to: int) -> Value:
        """Where to go from one block to another; ways back are counted, so that a corrupted list cannot hang the search."""
        if self.code.graph.blocks[to].cut is not None:
            return self._suspends[to]
        if to > b:
            return self._blocks[to]
        here, back = self.builder.block, self.block("back")
        self.enter(back)
        rounds = self.builder.sub(self.builder.load(self._left, typ=WORD), ir.Constant(WORD, 1))
        place = self.unit.program.functions[self.code.graph.function].place
        self.guard(self.builder.icmp_signed(">=", rounds, ir.Constant(WORD, 0)), ENDLESS, place, str(self.unit.limit))
        self.builder.store(rounds, self._left)
        self.jump(self._blocks[to])
        self.enter(here)
        return back

    def _suspend(self, b: int, cut: Cut) -> None:
        function, line = cut.position[-1]
        place = f"{self.unit.program.file(function)}:{line}"
        slots = self.code.layout.slots[b]
        values = []
        for s in slots:
            value = self.builder.load(self.slots[s.name], typ=WORD)
            if s.scalar.kind in SAVED:
                self.within(value, s.scalar, place, s.name)
            values.append((s, value))
        self._leave(self.code.layout.labels[b], values)

    def _leave(self, label: int, values: list[Any]) -> None:
        width, used = self.code.layout.label_width, self.code.layout.label_width
        self.builder.store(ir.Constant(ir.IntType(8 * width), label), self.record(0), align=1)
        for s, value in values:
            self.store_cell(value, self.record(s.offset), s)
            used = s.offset + s.width
        for at in range(used, self.code.layout.size):
            self.builder.store(ir.Constant(BYTE, 0), self.record(at), align=1)
        self.finish([])


class _Next(_ThreadBody):
    """What is enabled at the present label."""

    def __init__(self, code: ThreadCode) -> None:
        super().__init__(code, code.next)
        self._begin = self.unit.declared("begin_successor", 2)
        self._end = self.unit.declared("end_successor", 5)
        for b, cut in code.cuts():
            bound = set(cut.stmt.bound) if isinstance(cut.stmt, t.Choose) else set()
            self.slots_of({s.name for s in code.layout.slots[b]} | bound)
        done = self.block("returned")
        switch = self.builder.switch(self.label(), done)
        for b, cut in code.cuts():
            at = self.block(f"at.{b}")
            switch.add_case(ir.Constant(WORD, code.layout.labels[b]), at)
            self.enter(at)
            self.restore(b)
            self._guarded(b, cut)
            self.jump(done)
        self.enter(done)
        self.finish([])
        self.close()

    def _guarded(self, b: int, cut: Cut) -> None:
        stmt, done = cut.stmt, self.block("closed")
        if isinstance(stmt, t.Choose):
            self._choices(b, stmt, 0)
        elif stmt is None:
            self._take(b, [])
        else:
            if isinstance(stmt, t.Wait):
                test = self.test(stmt.test)
            else:
                assert isinstance(stmt, t.Acquire)
                held = self.load_cell(self.address(stmt), self._cell(stmt)).value
                test = self.builder.icmp_signed("==", held, ir.Constant(WORD, 0))
            on = self.block("open")
            self.builder.cbranch(test, on, done)
            self.enter(on)
            self._take(b, [])
        self.jump(done)
        self.enter(done)

    def _choices(self, b: int, stmt: t.Choose, depth: int) -> None:
        """One loop inside the other, the guard in the innermost."""
        if depth == len(stmt.bound):
            done = self.block("refused")
            if stmt.where is not None:
                on = self.block("chosen")
                self.builder.cbranch(self.test(stmt.where), on, done)
                self.enter(on)
            self._take(b, [self.builder.load(self.slots[n], typ=WORD) for n in stmt.bound])
            self.jump(done)
            self.enter(done)
            return
        lo, hi = (self.value(x).value for x in stmt.ranges[depth])
        slot = self.slots[stmt.bound[depth]]
        self.builder.store(lo, slot)
        head, inside, done = self.block("choice"), self.block("try"), self.block("tried")
        self.jump(head)
        self.enter(head)
        value = self.builder.load(slot, typ=WORD)
        self.builder.cbranch(self.builder.icmp_signed("<", value, hi), inside, done)
        self.enter(inside)
        self._choices(b, stmt, depth + 1)
        again = self.builder.add(self.builder.load(slot, typ=WORD), ir.Constant(WORD, 1))
        self.builder.store(again, slot)
        self.jump(head)
        self.enter(done)

    def _take(self, b: int, chosen: list[Value]) -> None:
        """Step a copy of the state, and hand it over."""
        builder, code = self.builder, self.code
        state, run = (builder.ptrtoint(p, WORD) for p in (self.memory[0], self.run))
        for i, value in enumerate(chosen):
            builder.store(value, self.run_field(Run.offset("choice") + 8 * i))
        copy = builder.call(self._begin, [run, state])
        label = ir.Constant(WORD, code.layout.labels[b])
        rest = [ir.Constant(WORD, 0)] * (code.choices - len(chosen))
        args = [builder.inttoptr(copy, POINTER), self.run, self.thread, self.base, self.element, label, *chosen, *rest]
        result = builder.call(code.step, args)
        status = builder.zext(builder.extract_value(result, 0), WORD)
        self.increment(self.unit.run.points + 8 * (code.first_point + code.layout.labels[b] - 1))
        builder.call(self._end, [run, state, copy, status, builder.extract_value(result, 1)])
