"""All schedules of a small spec in plain execution, state by state: what any engine must find too.

A plain run cannot be copied, so each step is taken after replaying a shortest schedule from state 0. Two runs are in the
same state if their cells are equal and each thread stands at the same instruction with the same values still to be read
(`thread_state`). That never joins states that go on differently, and may keep some apart that do not, so

- what a state shows (cells, and what each thread waits at) with the least depth at which one shows it, violated clauses
  with theirs, deadlocks, throws and antecedents do not depend on it, and are compared exactly (`agreement`);
- neither does what each schedule leads to, which is compared with the lowered steps one by one (`side_by_side`);
- numbers of states and transitions are compared, level by level, where nothing can be kept apart: where no local lives
  across a point.

As in the tool, step properties are asked of steps that change a cell, and a search to a depth looks for deadlocks above it.

The one thing that is taken over from the lowering is at which releases it ends no step; there the plain thread goes on
at once, which must change no cell but ghosts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from thread_state import ThreadStates

from checker.differential import line_of
from checker.errors import SpecEvaluationError
from checker.frontend.declarations import root_locks
from checker.load import Spec
from checker.plain import PlainRun
from checker.plain.frames import evaluation_error
from checker.search.outcome import DEADLOCK
from spec.language import ALWAYS, LOCK_FREE, Property, Scenario
from spec.language.plain import World
from spec.language.runtime import Runtime, active

Step = tuple[int, tuple[int, ...]]
Look = tuple[tuple[int, ...], tuple[tuple[str, Any], ...]]
"""The cells, and for each thread what it waits at and its call stack."""
Clause = tuple[str, str]
Line = tuple[str, int] | None
Silent = Callable[[int, str, Any], bool]
"""Whether the lowering ends no step here: thread, kind of point and call stack."""


class NotQuiet(Exception):
    """A step that the lowering joins to the one before changes what others can see."""


@dataclass(frozen=True, slots=True)
class Error:
    """An error of the spec: its line, the number of steps to it, and the state and step that show it.

    ``step`` is None for a guard, of which ``thread`` tells whose it is, and for a property, where ``thread`` is -1.
    """

    depth: int
    line: Line
    state: int
    thread: int = -1
    step: Step | None = None


@dataclass(slots=True)
class Explored:
    """What brute force found.

    Attributes
    ----------
    looks : list of Look
        Of each state, in the order in which they were found.
    depths : list of int
    steps : list of dict
        For each expanded state its steps and where they lead; None where the heap throws.
    transitions : int
    depth : int
        The last level that was reached and checked.
    closed : bool
        No state exists beyond these.
    violations : dict
        The least number of steps that shows each property and clause.
    antecedents : set of str
        Properties with an antecedent that was met.
    errors : list of Error
        The search ends one level behind the first.
    """

    looks: list[Look] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    steps: list[dict[Step, int | None]] = field(default_factory=list)
    transitions: int = 0
    depth: int = 0
    closed: bool = False
    violations: dict[Clause, int] = field(default_factory=dict)
    antecedents: set[str] = field(default_factory=set)
    errors: list[Error] = field(default_factory=list)

    def levels(self) -> list[int]:
        """New states of each level."""
        return [self.depths.count(d) for d in range(self.depth + 1)]

    def first_looks(self) -> dict[Look, int]:
        """The least depth at which a state looks so."""
        out: dict[Look, int] = {}
        for look, depth in zip(self.looks, self.depths, strict=True):
            out.setdefault(look, depth)
        return out


class Replayed(PlainRun):
    """A plain run that can begin again, and says which antecedents its properties met."""

    def __init__(self, spec: Spec, scenario: Scenario, atomicity: Literal["lock", "fine"]) -> None:
        self.antecedents: set[str] = set()
        super().__init__(spec, scenario, {}, atomicity=atomicity)
        self._zero = self.world.cells()
        self._scheduler.ends._told = self._ended  # type: ignore[union-attr]
        self._invariants = [p for p in spec.properties if p.kind == "invariant"]
        self.step_properties = [p for p in spec.properties if p.kind == "step"]
        self._lock_names = root_locks(self.schema)

    def again(self) -> None:
        """Begin again in state 0."""
        self.close()
        for old, now in zip(self._zero, self.world.cells(), strict=True):
            if old != now:
                self.world.store(*old)
        self._over = False
        self._scheduler.collected = []
        for t in self.threads:
            t.kind, t.error, t.chosen = "new", None, ()
            arguments = (getattr(self.root, t.elements)[t.element],) if t.elements else ()
            self._scheduler.start(t, (self.root, *arguments), False)

    def go(self, step: Step) -> list[Clause]:
        """Take a step that is enabled; the clauses that fail at ends of operations."""
        t = self.threads[step[0]]
        t.chosen = step[1]
        self._scheduler.resume(t)
        self._failed(t)
        failed, self._scheduler.collected = self._scheduler.collected, []
        return [(f[0], f[1]) for f in failed]

    def _ended(self, prop: Property, arguments: list[object]) -> None:
        self._scheduler._muted = True
        try:
            failed = self._judge(prop, arguments, self._scheduler.thread())
        finally:
            self._scheduler._muted = False
        self._scheduler.collected += [(id, clause, {}) for id, clause in failed]

    def failed_invariants(self) -> list[Clause]:
        """The clauses that fail in this state."""
        free = {name for name in self._lock_names if not getattr(self.root, name).owner}
        due = {ALWAYS, *free} | ({LOCK_FREE} if len(free) == len(self._lock_names) else set())
        return [c for p in self._invariants if p.when in due for c in self._judge(p, [self.root], 0)]

    def failed_step(self, before: World, thread: int) -> list[Clause]:
        """The clauses that fail from an earlier copy of the state to this one."""
        return [c for p in self.step_properties for c in self._judge(p, [before.root, self.root], thread + 1)]

    def _judge(self, prop: Property, arguments: list[object], number: int) -> list[Clause]:
        runtime = Runtime(self.spec.parameters, number=number)
        with active(runtime):
            try:
                prop.function(*arguments)
            except Exception as e:
                raise evaluation_error(e, self.spec.package, f"property {prop.id}") from e
        if runtime.antecedents:
            self.antecedents.add(prop.id)
        return [(prop.id, clause) for clause, _ in runtime.failures]


class BruteForce:
    """One exploration.

    Parameters
    ----------
    spec : Spec
        Loaded for this alone; see `ThreadStates`.
    scenario : Scenario
    atomicity : {"lock", "fine"}
    silent : callable
    most : int
        No level is begun beyond this number of states.
    """

    def __init__(
        self,
        spec: Spec,
        states: ThreadStates,
        scenario: Scenario,
        atomicity: Literal["lock", "fine"],
        silent: Silent,
        most: int,
    ) -> None:
        self.out = Explored()
        self.run = Replayed(spec, scenario, atomicity)
        self._states, self._silent, self._most = states, silent, most
        self._visible = [not self.run.schema.records[c[0]].fields[c[1]].ghost for c in self.run.cells()]
        self._before = self.run.snapshot() if self.run.step_properties else None
        self._number: dict[object, int] = {}
        self._paths: list[list[Step]] = []

    def explore(self) -> Explored:
        """Level by level until no new state exists, there are too many, or the spec fails."""
        out, run = self.out, self.run
        with run:
            run.again()
            self._new(self._settle(range(len(run.threads)))[0], [], 0)
            level = [0]
            while level and len(out.looks) <= self._most and not (out.errors and out.errors[0].depth < out.depth):
                first = len(out.looks)
                for number in level:
                    self._expand(number)
                level = list(range(first, len(out.looks)))
                out.depth += 1 if level else 0
        out.closed = not level
        out.antecedents = run.antecedents
        return out

    def _expand(self, number: int) -> None:
        out, depth = self.out, self.out.depths[number]
        out.steps.append({})
        self._replay(self._paths[number])
        options = self._options(number, depth)
        at_rest = all(t.kind in ("rest", "returned") for t in self.run.threads)
        if not options and not at_rest and not any(e.state == number for e in out.errors):
            self._violated([("P26", DEADLOCK)], depth)
        for i, step in enumerate(options):
            if i:
                self._replay(self._paths[number])
            with self._noting(depth + 1, number, step[0], step):
                out.steps[number][step] = self._step(number, step, depth + 1)
                out.transitions += 1

    def _options(self, number: int, depth: int) -> list[Step]:
        """The enabled steps by thread and choice; a guard that fails ends the list."""
        run, out = self.run, []
        for t in run.threads:
            run._scheduler.ask(t)
            with self._noting(depth + 1, number, t.index), active(run._scheduler):
                try:
                    out += [(t.index, v) for v in t.options()]
                except Exception as e:
                    raise evaluation_error(e, run.spec.package, f"what lets {t.name} go on") from e
        return out

    def _step(self, number: int, step: Step, depth: int) -> int | None:
        """Take a step from a state to which the run was brought; the number of the state that it leads to."""
        run = self.run
        cells = run.cells()
        if self._before is not None:
            run.snapshot(self._before)
        self._violated(run.go(step), depth)
        thread = run.threads[step[0]]
        if thread.error is not None:
            self._violated([("P6", str(thread.error))], depth)
            return None
        after, quiet = self._settle([step[0]])
        if self._before is not None and after != cells:
            self._violated(run.failed_step(self._before, step[0]), depth)
        return self._new(after, [*self._paths[number], step, *quiet], depth)

    def _settle(self, threads: Any) -> tuple[list[Any], list[Step]]:
        """Take the steps after a release at which the lowering does not end one; the cells then, and those steps."""
        run, taken = self.run, []
        cells = run.cells()
        for i in threads:
            while run.threads[i].kind == "released" and self._silent(i, "released", run.position(i)):
                failed = run.go((i, ()))
                taken.append((i, ()))
                before, cells = cells, run.cells()
                seen = any(a != b for a, b, v in zip(before, cells, self._visible, strict=True) if v)
                if seen or failed or run.threads[i].error is not None:
                    raise NotQuiet(f"the step of {run.threads[i].name} after its release is joined to it, but has an effect")
        return cells, taken

    def _replay(self, path: list[Step]) -> None:
        self.run.again()
        for step in path:
            self.run.go(step)

    def _new(self, cells: list[Any], path: list[Step], depth: int) -> int:
        run, out = self.run, self.out
        values = tuple(c[4] for c in cells)
        threads = tuple((t.kind, self._states(t.greenlet.gr_frame)) for t in run.threads)
        number = self._number.setdefault((values, threads), len(out.looks))
        if number == len(out.looks):
            out.looks.append((values, tuple((t.kind, run.position(t.index)) for t in run.threads)))
            out.depths.append(depth)
            self._paths.append(path)
            with self._noting(depth, number):
                self._violated(run.failed_invariants(), depth)
        return number

    @contextmanager
    def _noting(self, depth: int, state: int, thread: int = -1, step: Step | None = None) -> Iterator[None]:
        """Note an error of the spec."""
        try:
            yield
        except SpecEvaluationError as e:
            self.out.errors.append(Error(depth, line_of(str(e)), state, thread, step))

    def _violated(self, clauses: list[Clause], depth: int) -> None:
        for clause in clauses:
            self.out.violations.setdefault(clause, depth)
