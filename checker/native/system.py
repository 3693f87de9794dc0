"""A lowered scenario as one LLVM module: what the search's kernels call to step, to check, and to pack a state.

Every function takes and returns words. A status of 0 is a normal end; the value that did not fit is left in the `Run`.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from checker.lowering.lowered import Lowered
from checker.lowering.support import LIMIT
from checker.native.body import print_function
from checker.native.context import Run, RunLayout, run_layout
from checker.native.emit import BYTE, POINTER, WORD
from checker.native.exits import Exit
from checker.native.packing import Packing, print_packing
from checker.native.reporting import Known, ReportingBody, ReportingUnit
from checker.native.threads import ThreadCode
from spec.language import ALWAYS, LOCK_FREE, Property

Value = Any


class System:
    """The printed module.

    Parameters
    ----------
    lowered : Lowered
    limit : int
        Rounds of one loop in one step.

    Attributes
    ----------
    text : str
        LLVM IR. It defines ``initial(state, run)``, ``enter_thread(state, run, thread)``, ``successors(state, run)``,
        ``steps_of(state, run, thread)``, ``check_invariants(state, run)``, ``check_step(before, after, run)``,
        ``marks(state, number, run)``, ``at_rest(state)``, ``forget_when(rule, state, number, run)``, ``pack(state, to)`` and
        ``unpack(from, state)``.
    exits : list of Exit
        Status k is number k - 1.
    clauses : list of str
    run : RunLayout
    packing : Packing
    """

    def __init__(self, lowered: Lowered, *, limit: int = LIMIT) -> None:
        self.lowered = lowered
        counted = len(lowered.program.blocks), len(lowered.points), len(lowered.properties), len(lowered.findings)
        self.run: RunLayout = run_layout(*counted)
        self.packing = Packing(lowered.layout, lowered.thread_layouts)
        unit = ReportingUnit(lowered.program, lowered.layout, coverage=True, limit=limit, run=self.run, known=_known(lowered))
        self._unit = unit
        codes: dict[str, ThreadCode] = {}
        for i, graph in enumerate(lowered.graphs):
            if graph.function not in codes:
                codes[graph.function] = ThreadCode(unit, graph, lowered.thread_layouts[i], lowered.first_points[i])
        self._codes = [codes[g.function] for g in lowered.graphs]
        self._initial()
        self._enter()
        self._successors()
        self._steps_of()
        self._check_invariants()
        self._check_step()
        self._marks()
        self._at_rest()
        self._forget_when()
        print_packing(unit.module, self.packing)
        while unit.pending:
            print_function(unit, unit.pending.pop(), ReportingBody)
        self.text = str(unit.module)
        self.exits: list[Exit] = unit.exits.table
        self.clauses = unit.clauses

    def _define(self, name: str, words: int) -> tuple[Any, list[Value], list[Value]]:
        """A function over words: its builder, its arguments, and the same as pointers."""
        f = ir.Function(self._unit.module, ir.FunctionType(WORD, [WORD] * words), name)
        f.attributes.add("nounwind")
        builder = ir.IRBuilder(f.append_basic_block("start"))
        return builder, list(f.args), [builder.inttoptr(a, POINTER) for a in f.args]

    def _field(self, builder: Any, run: Value, name: str) -> Value:
        return builder.gep(run, [ir.Constant(WORD, Run.offset(name))], source_etype=BYTE)

    def _done(self, builder: Any, run: Value, result: Value) -> None:
        """Return the status of a result if it is not 0, with its detail; else go on."""
        status = builder.zext(builder.extract_value(result, 0), WORD)
        failed = builder.icmp_unsigned("!=", status, ir.Constant(WORD, 0))
        with builder.if_then(failed, likely=False):
            builder.store(builder.extract_value(result, 1), self._field(builder, run, "detail"))
            builder.ret(status)

    def _end(self, builder: Any) -> None:
        builder.ret(ir.Constant(WORD, 0))

    def _thread(self, i: int) -> list[Value]:
        """A thread's number, the base of its record and its element."""
        return [ir.Constant(WORD, n) for n in (i, self.lowered.thread_layouts[i].base, self.lowered.instances[i][2])]

    def _initial(self) -> None:
        builder, _, (state, run) = self._define("initial", 2)
        f = self._unit.function(self.lowered.initial_name)
        self._done(builder, run, builder.call(f, [state, run, ir.Constant(WORD, 1)]))
        self._end(builder)

    def _enter(self) -> None:
        builder, (_, _, thread), (state, run, _) = self._define("enter_thread", 3)
        for i, code in enumerate(self._codes):
            with builder.if_then(builder.icmp_unsigned("==", thread, ir.Constant(WORD, i))):
                zeros = [ir.Constant(WORD, 0)] * (1 + code.choices)
                self._done(builder, run, builder.call(code.step, [state, run, *self._thread(i), *zeros]))
        self._end(builder)

    def _successors(self) -> None:
        builder, _, (state, run) = self._define("successors", 2)
        observer = builder.inttoptr(builder.load(self._field(builder, run, "observer"), typ=WORD), POINTER)
        for i in range(len(self._codes)):
            self._step(builder, state, run, observer, i)
        self._end(builder)

    def _steps_of(self) -> None:
        """The successors by one thread alone."""
        builder, (_, _, thread), (state, run, _) = self._define("steps_of", 3)
        observer = builder.inttoptr(builder.load(self._field(builder, run, "observer"), typ=WORD), POINTER)
        for i in range(len(self._codes)):
            with builder.if_then(builder.icmp_unsigned("==", thread, ir.Constant(WORD, i))):
                self._step(builder, state, run, observer, i)
        self._end(builder)

    def _step(self, builder: Any, state: Value, run: Value, observer: Value, i: int) -> None:
        """Let a thread take each step that it can."""
        for memory in (run, observer):
            builder.store(ir.Constant(WORD, i + 1), self._field(builder, memory, "who"))
        self._done(builder, run, builder.call(self._codes[i].next, [state, run, *self._thread(i)]))

    def _evaluate(self, builder: Any, run: Value, number: int, p: Property, states: list[Value]) -> None:
        """Call a property on one state, or on two."""
        f = self._unit.function(self.lowered.program.name_of(p.function))
        builder.store(ir.Constant(WORD, number), self._field(builder, run, "property"))
        self._done(builder, run, builder.call(f, [*states, run, *[ir.Constant(WORD, 1)] * len(states)]))

    def _look(self, builder: Any, run: Value, number: int, p: Property, state: Value) -> None:
        """Count a state in which what must be possible happens, as the property's antecedent, once."""
        at = builder.gep(run, [ir.Constant(WORD, self.run.antecedents + 8 * number)], source_etype=BYTE)
        with builder.if_then(builder.icmp_unsigned("==", builder.load(at, typ=WORD), ir.Constant(WORD, 0))):
            f = self._unit.function(self.lowered.program.name_of(p.function))
            result = builder.call(f, [state, run, ir.Constant(WORD, 1)])
            self._done(builder, run, result)
            builder.store(builder.extract_value(result, 1), at)

    def _check_invariants(self) -> None:
        lowered, cells = self.lowered, self.lowered.layout.cells
        root = lowered.schema.root
        builder, _, (state, run) = self._define("check_invariants", 2)
        builder.store(ir.Constant(WORD, 0), self._field(builder, run, "who"))
        invariants = [(i, p) for i, p in enumerate(lowered.properties) if p.kind == "invariant"]
        locks = {
            f.name: cells[root, f.name]
            for f in lowered.schema.records[root].fields.values()
            if f.scalar is not None and f.scalar.kind == "lock"
        }

        def free(name: str) -> Value:
            cell = locks[name]
            at = builder.gep(state, [ir.Constant(WORD, cell.base)], source_etype=BYTE)
            kind = ir.IntType(8 * cell.width)
            return builder.icmp_unsigned("==", builder.load(at, align=1, typ=kind), ir.Constant(kind, 0))

        for i, p in enumerate(lowered.properties):
            if p.kind == "reachable":
                self._look(builder, run, i, p, state)
        for i, p in invariants:
            if p.when == ALWAYS:
                self._evaluate(builder, run, i, p, [state])
        every = ir.Constant(ir.IntType(1), 1)
        for name in locks:
            every = builder.and_(every, free(name))
        with builder.if_then(every):
            for i, p in invariants:
                if p.when == LOCK_FREE:
                    self._evaluate(builder, run, i, p, [state])
        for i, p in invariants:
            if p.when not in (ALWAYS, LOCK_FREE):
                with builder.if_then(free(p.when)):
                    self._evaluate(builder, run, i, p, [state])
        self._end(builder)

    def _check_step(self) -> None:
        builder, _, (before, after, run) = self._define("check_step", 3)
        for i, p in enumerate(self.lowered.properties):
            if p.kind == "step":
                self._evaluate(builder, run, i, p, [before, after])
        self._end(builder)

    def _marks(self) -> None:
        """What a liveness property says of a state, left as ``detail``: 1 if its condition holds, and 2 if its goal does."""
        builder, (_, number, _), (state, _, run) = self._define("marks", 3)
        builder.store(ir.Constant(WORD, 0), self._field(builder, run, "who"))
        for i, p in enumerate(self.lowered.properties):
            if p.kind != "liveness":
                continue
            with builder.if_then(builder.icmp_unsigned("==", number, ir.Constant(WORD, i))):
                found = ir.Constant(WORD, 1 if p.after is None else 0)
                for shift, function in enumerate((p.after, p.function)):
                    if function is not None:
                        f = self._unit.function(self.lowered.program.name_of(function))
                        result = builder.call(f, [state, run, ir.Constant(WORD, 1)])
                        self._done(builder, run, result)
                        holds = builder.icmp_unsigned("!=", builder.extract_value(result, 1), ir.Constant(WORD, 0))
                        bit = builder.select(holds, ir.Constant(WORD, 1 << shift), ir.Constant(WORD, 0))
                        found = builder.or_(found, bit)
                builder.store(found, self._field(builder, run, "detail"))
        self._end(builder)

    def _at_rest(self) -> None:
        """1 if every thread has returned or waits at a resting place."""
        builder, _, (state,) = self._define("at_rest", 1)
        for graph, layout in zip(self.lowered.graphs, self.lowered.thread_layouts, strict=True):
            kind = ir.IntType(8 * layout.label_width)
            at = builder.gep(state, [ir.Constant(WORD, layout.base)], source_etype=BYTE)
            label = builder.load(at, align=1, typ=kind)
            rests = builder.icmp_unsigned("==", label, ir.Constant(kind, 0))
            for b, number in layout.labels.items():
                cut = graph.blocks[b].cut
                if cut is not None and cut.kind == "rest":
                    rests = builder.or_(rests, builder.icmp_unsigned("==", label, ir.Constant(kind, number)))
            with builder.if_then(builder.not_(rests)):
                builder.ret(ir.Constant(WORD, 0))
        builder.ret(ir.Constant(WORD, 1))

    def _forget_when(self) -> None:
        """Whether a rule of the spec says that cells of a record are forgotten: status << 1 | truth."""
        builder, (rule, _, number, _), (_, state, _, run) = self._define("forget_when", 4)
        for i, forget in enumerate(self.lowered.forgets):
            f = self._unit.function(self.lowered.program.name_of(forget.when))
            with builder.if_then(builder.icmp_unsigned("==", rule, ir.Constant(WORD, i))):
                result = builder.call(f, [state, run, ir.Constant(WORD, 1), number])
                status = builder.zext(builder.extract_value(result, 0), WORD)
                failed = builder.icmp_unsigned("!=", status, ir.Constant(WORD, 0))
                truth = builder.icmp_unsigned("!=", builder.extract_value(result, 1), ir.Constant(WORD, 0))
                with builder.if_then(failed, likely=False):
                    builder.store(builder.extract_value(result, 1), self._field(builder, run, "detail"))
                    builder.ret(builder.shl(status, ir.Constant(WORD, 1)))
                builder.ret(builder.zext(truth, WORD))
        self._end(builder)


def _known(lowered: Lowered) -> Known:
    """The findings by what they explain."""
    known: dict[tuple[int, str], list[tuple[int, str, tuple[str, ...]]]] = {}
    for k, finding in enumerate(lowered.findings):
        typed = lowered.program.functions[lowered.program.name_of(finding.explains)]
        for i, p in enumerate(lowered.properties):
            if p.id == finding.property:
                known.setdefault((i, finding.clause), []).append((k, typed.name, tuple(typed.params[1:])))
    return known
