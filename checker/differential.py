"""Plain, lowered and native execution side by side, on the same random schedules.

The plain run shares nothing with the lowering but the language. After every step the cells, what each thread waits at,
its call stack, and the enabled steps must be equal; so must throws, failed clauses and errors of the spec. Native
execution is held against the lowered one at each state on the way (`checker.differential_native`).

One difference is deliberate: the lowering drops the scheduling point after a release when nothing that others can see
happens before the next one. There the plain thread takes one more step, which must change no cell but ghosts.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from checker.difference import Different, cell, place, point
from checker.differential_native import NativeSide, NativeTally
from checker.errors import SpecEvaluationError
from checker.load import Spec, load
from checker.lowering.machine import Failure, Machine, Successor
from checker.plain import PlainRun
from checker.plain import ends as plain_ends
from spec.language import Scenario
from spec.language.plain import encode

Atomicity = Literal["lock", "fine"]
Step = tuple[int, tuple[int, ...]]

EPISODE = 400
"""Steps after which a run begins again at the initial state."""


@dataclass(slots=True)
class Tally:
    """What was compared, so that a test can tell that it compared something; ``native`` is None without native execution."""

    steps: int = 0
    episodes: int = 0
    silent: int = 0
    throws: int = 0
    errors: int = 0
    checks: int = 0
    failures: int = 0
    places: set[object] = field(default_factory=set)
    native: NativeTally | None = None


@dataclass(slots=True)
class Comparison:
    """The executions of one scenario.

    Parameters
    ----------
    plain, lowered : Spec
        Two loads of the same spec: each execution sets the parameters, and the plain one wraps functions.
    scenario : str
    parameters : mapping
        Over the scenario's.
    atomicity : {"lock", "fine"}
    sample : float
        Share of the steps after which plain execution evaluates invariants and step properties too.
    native : bool
        Compare native execution as well. Its code comes from the cache of object code, or goes there: whoever changes how
        code is made has to name another folder in ``CHECKER_CACHE``.
    """

    plain: Spec
    lowered: Spec
    scenario: str
    parameters: Mapping[str, int]
    atomicity: Atomicity
    sample: float = 0.02
    native: bool = False
    tally: Tally = field(default_factory=Tally)

    def first_difference(self, steps: int, seed: int) -> str | None:
        """Take random steps, from the initial state again and again.

        Returns
        -------
        str or None
            What differs first, and after which schedule.
        """
        scenario = self.lowered.scenarios[self.scenario]
        machine = Machine(self.lowered, scenario, self.parameters, atomicity=self.atomicity, explained=False)
        side = self._native_side(scenario) if self.native else None
        pick = random.Random(seed)
        done = 0
        try:
            while done < steps:
                with self.begin() as run:
                    episode = _Episode(self, machine, run, side, pick)
                    try:
                        episode.run(min(EPISODE, steps - done))
                    except Different as e:
                        return f"{self.scenario} at {self.atomicity} atomicity, {episode.schedule()}: {e}"
                done += max(len(episode.taken), 1)
                self.tally.steps += len(episode.taken)
                self.tally.episodes += 1
        finally:
            if side is not None:
                side.close()
        return None

    def _native_side(self, scenario: Scenario) -> NativeSide:
        side = NativeSide(Machine(self.lowered, scenario, self.parameters, atomicity=self.atomicity))
        self.tally.native = side.tally = self.tally.native or side.tally
        return side

    def begin(self) -> PlainRun:
        """A plain run in state 0."""
        scenario = self.plain.scenarios[self.scenario]
        return PlainRun(self.plain, scenario, self.parameters, atomicity=self.atomicity)


class _Episode:
    """One schedule from the initial state on."""

    def __init__(
        self, comparison: Comparison, machine: Machine, run: PlainRun, side: NativeSide | None, pick: random.Random
    ) -> None:
        self.comparison = comparison
        self.tally = comparison.tally
        self.machine = machine
        self.plain = run
        self.side = side
        self.pick = pick
        self.taken: list[Step] = []
        self.taken_plain: list[Step] = []

    def schedule(self) -> str:
        """The last steps taken."""
        last = [f"{self.machine.threads[t]}{list(c) if c else ''}" for t, c in self.taken[-8:]]
        return f"after step {len(self.taken)} ({'..., ' if len(self.taken) > 8 else ''}{', '.join(last)})"

    def run(self, steps: int) -> None:
        """Take steps until none is enabled, a thread throws, or there are enough."""
        state = self.machine.initial()
        if self.side is not None and self.side.begin() != state:
            raise AssertionError("findings change state 0")
        self._pass_silent(state, range(len(self.plain.threads)))
        while True:
            self._same_state(state)
            options = self._options(state)
            if self.side is not None:
                self._native_steps(self.side, state, options)
            if not options or len(self.taken) >= steps:
                return
            successor = options[self.pick.choice(sorted(options))]
            before = self.plain.snapshot() if self.pick.random() < self.comparison.sample else None
            self._take(successor)
            if successor.thrown is not None:
                self.tally.throws += 1
                self._same_cells(successor.state)
                return
            self._pass_silent(successor.state, [successor.thread])
            if self.side is not None:
                self.side.same_properties(state, successor.state, successor.thread)
            if before is not None:
                self.tally.checks += 1
                m, p, at = self.machine, self.plain, successor.thread
                self._same_failures("invariants", p.check_invariants(), m.check(successor.state))
                self._same_failures("step properties", p.check_step(before, at), m.check_step(state, successor.state, at))
            state = successor.state

    def _native_steps(self, side: NativeSide, state: bytes, options: Mapping[Step, Successor]) -> None:
        """The native steps, and that findings change nothing in the lowered ones but which failures are left."""
        steps = side.same_steps(state) or []
        if [(s.state, s.thrown) for s in steps] != [(s.state, s.thrown) for s in options.values()]:
            raise Different("the lowered steps depend on whether findings explain failures")

    def _take(self, successor: Successor) -> None:
        step = (successor.thread, successor.choice)
        self.taken.append(step)
        self.taken_plain.append(step)
        try:
            result = self.plain.take(*step)
        except SpecEvaluationError as e:
            raise Different(f"error of the spec: plain {str(e)!r}, lowered None") from e
        thrown = None if successor.thrown is None else successor.thrown[0]
        if result.thrown != thrown:
            raise Different(f"thrown: plain {result.thrown!r}, lowered {thrown!r}")
        self._same_failures("end of the operation", result.failures, successor.failures)

    def _pass_silent(self, state: bytes, threads: Iterable[int]) -> None:
        """Take the plain step after a release at which the lowering does not end a step."""
        for i in threads:
            position = self.plain.position(i)
            if self.plain.waiting_at(i) != "released" or position not in self.machine.graphs[i].silent:
                continue
            if self.machine.waiting_at(state, i) == ("released", position):
                continue  # one line is inlined twice, and here the point is kept
            cells = self._seen()
            self.taken_plain.append((i, ()))
            result = self.plain.take(i)
            self.tally.silent += 1
            if self._seen() != cells or result.thrown is not None or result.failures:
                raise Different(f"the lowering drops the point after {place(position)}, but its step has an effect")

    def _seen(self) -> list[tuple[str, str, int, int | None, int]]:
        """The cells of the plain heap that threads can see: all but the ghosts."""
        records = self.plain.schema.records
        return [c for c in self.plain.cells() if not records[c[0]].fields[c[1]].ghost]

    def _same_state(self, state: bytes) -> None:
        self._same_cells(state)
        for i, name in enumerate(self.machine.threads):
            plain, lowered = (self.plain.waiting_at(i), self.plain.position(i)), self.machine.waiting_at(state, i)
            if plain != lowered:
                raise Different(f"{name} is at: plain {point(*plain)}, lowered {point(*lowered)}")
            self.tally.places.add((i, lowered))

    def _same_cells(self, state: bytes) -> None:
        plain, lowered = self.plain.cells(), list(self.machine.layout.values(state))
        if plain != lowered:
            a, b = next((a, b) for a, b in zip(plain, lowered, strict=True) if a != b)
            raise Different(f"{cell(*a[:4])}: plain {a[4]}, lowered {b[4]}")

    def _options(self, state: bytes) -> dict[Step, Successor]:
        """The lowered steps, compared with what plain says is enabled; none if both executions fail here."""
        guard = ""
        enabled: list[Step] = []
        try:
            enabled = self.plain.enabled()
        except SpecEvaluationError as e:
            guard = str(e)
        options: dict[Step, Successor] = {}
        failed = False
        for i in range(len(self.machine.threads)):
            try:
                options.update(((s.thread, s.choice), s) for s in self.machine.steps(state, i))
            except SpecEvaluationError as e:
                said = guard or self._error_of_plain([s for s in enabled if s[0] == i])
                if line_of(said) != line_of(str(e)):
                    raise Different(f"error of the spec: plain {said or None!r}, lowered {str(e)!r}") from e
                failed = True
        if failed:
            self.tally.errors += 1
            return {}
        if guard:
            raise Different(f"error of the spec: plain {guard!r}, lowered None")
        if list(options) != enabled:
            raise Different(f"enabled steps: plain {enabled}, lowered {list(options)}")
        return options

    def _error_of_plain(self, steps: list[Step]) -> str:
        """What plain says of the first of these steps that fails; a run cannot be copied, so each is taken in a new one."""
        for step in steps:
            with self.comparison.begin() as run:
                for earlier in self.taken_plain:
                    run.take(*earlier)
                try:
                    run.take(*step)
                    if run.waiting_at(step[0]) == "store":
                        run.take(step[0])  # the lowering sees when it saves a value that it does not fit its cell
                except SpecEvaluationError as e:
                    return str(e)
        return ""

    def _same_failures(self, what: str, plain: Iterable[plain_ends.Failure], lowered: Iterable[Failure]) -> None:
        a = sorted((p, clause, tuple((n, encode(v)) for n, v in w.items())) for p, clause, w in plain)
        ids = self.machine.properties
        b = sorted((ids[f.property].id, f.clause, tuple((n, v) for n, _, v in f.witness)) for f in lowered)
        self.tally.failures += len(b)
        if a != b:
            raise Different(f"failed clauses, {what}: plain {a}, lowered {b}")


def compare(
    scenario: str,
    parameters: Mapping[str, int],
    atomicity: Atomicity,
    steps: int,
    seed: int,
    *,
    plain: Spec | None = None,
    lowered: Spec | None = None,
    native: bool = False,
) -> str | None:
    """The first difference on random schedules of a scenario, or None.

    Parameters
    ----------
    plain, lowered : Spec, optional
        Two loads of the same spec; of the installed one by default.
    native : bool
        As for `Comparison`.
    """
    comparison = Comparison(plain or load(), lowered or load(), scenario, parameters, atomicity, native=native)
    return comparison.first_difference(steps, seed)


def line_of(message: str) -> tuple[str, int] | None:
    """File name and line that an error of the spec names first."""
    found = re.search(r"([^/\s]+\.py):(\d+)", message)
    return (found.group(1), int(found.group(2))) if found else None
