"""Searches that are disturbed and resumed, and what must be the same afterwards as if they had not been."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from checker.load import load
from checker.lowering.machine import Machine
from checker.search.breadth_first import Limits, Progress
from checker.search.checkpoint_file import Saved
from checker.search.native import NativeSearch
from checker.search.outcome import Outcome
from checker.search.saving import Saving, identity_of

PAGEHEAP = Path(__file__).parents[1] / "bench" / "pageheap"
ROUNDS = int(os.environ.get("CHECKER_RESUME_ROUNDS", "1"))
"""How often the random tests are repeated, each time with other seeds."""

NEVER = 1e9
"""Seconds between checkpoints: only those that a test asks for are written."""


class Killed(Exception):
    """The run ends here, with nothing written."""


@dataclass(frozen=True)
class Case:
    """A search: a variant with its scenario and parameters, a scenario, or the benchmark model (``pageheap``)."""

    of: str
    parameters: tuple[tuple[str, int], ...] = ()
    atomicity: str = "lock"
    go_on: bool = False
    depth: int | None = None

    def machine(self) -> Machine:
        spec = load()
        name, own = self.of, dict[str, int]()
        if self.of == "pageheap":
            spec = load(PAGEHEAP)
        elif self.of in spec.variants:
            variant = spec.variants[self.of]
            spec, name, own = load(None, variant.edits), variant.scenario, dict(variant.parameters)
        return Machine(spec, spec.scenarios[name], {**own, **dict(self.parameters)}, atomicity=self.atomicity)


Run = Callable[[int, random.Random], tuple[Limits, float, Callable[[NativeSearch], Callable[[Progress], None]] | None]]
"""From the depth so far: limits, seconds between checkpoints, and what to do in the midst of it."""


def to_some_states(depth: int, rng: random.Random) -> Any:
    """A bound that is met between two blocks of a level."""
    return Limits(states=rng.choice((1, 30, 1000)) * rng.randrange(1, 30)), NEVER, None


def to_some_depth(depth: int, rng: random.Random) -> Any:
    """A bound that is met between two levels."""
    return Limits(depth=depth + rng.randrange(1, 6)), NEVER, None


def killed_at_a_level(depth: int, rng: random.Random) -> Any:
    """What the next level gave is lost: the checkpoint is that of its beginning."""
    return Limits(), 0, lambda search: _killer(search, depth + rng.randrange(1, 6), inside=False)


def killed_after_a_stop(depth: int, rng: random.Random) -> Any:
    """The last checkpoint was written between two blocks of a level."""
    return Limits(), NEVER, lambda search: _killer(search, depth + rng.randrange(1, 6), inside=True)


WAYS: tuple[Run, ...] = (to_some_states, to_some_depth, killed_at_a_level, killed_after_a_stop)


def _killer(search: NativeSearch, depth: int, *, inside: bool) -> Callable[[Progress], None]:
    def look(progress: Progress) -> None:
        if progress.level_done and progress.depth >= depth:
            raise Killed
        if progress.level_done and inside:
            search.engine.search["stop"] = 1

    return look


def counters(machine: Machine) -> list[list[int]]:
    return [machine.counts, machine.steps_from, machine.antecedents, machine.explained]


def facts(machine: Machine, outcome: Outcome) -> dict[str, Any]:
    """Everything that must not depend on how often a search was interrupted, and by how many workers it was done."""
    found = asdict(outcome)
    for name in ("seconds", "memory", "jobs"):
        del found[name]
    kinds = [p.kind for p in machine.properties]  # each worker looks for what must be possible until it has seen it
    met = [bool(n) if kind == "reachable" else n for n, kind in zip(machine.antecedents, kinds, strict=True)]
    return {**found, "counters": [list(machine.counts), list(machine.steps_from), met, list(machine.explained)]}


class Searches:
    """Searches of one machine, each as if it were the first."""

    def __init__(self, case: Case, storage: str = "64") -> None:
        self.case, self.storage = case, storage
        self.machine = case.machine()
        self.bound = Limits(depth=case.depth)

    def run(self, *, jobs: int = 1, saving: Saving | None = None, rng: random.Random | None = None, **more: Any) -> Outcome:
        """Search; with ``rng``, in blocks of random size."""
        for counts in counters(self.machine):
            counts[:] = [0] * len(counts)
        disturb = more.pop("disturb", None)
        limits = more.pop("limits", self.bound)
        search = NativeSearch(
            self.machine, limits, go_on=self.case.go_on, jobs=jobs, storage=self.storage, saving=saving, **more
        )
        if disturb is not None:
            search.report = disturb(search)
        if rng is not None:
            shared = search.engine.search
            shared.update(look=1, chunk=rng.choice((1, 3, shared["chunk"])), chunks=rng.randrange(1, 1 + shared["chunks"]))
        return search.run()

    def facts(self, outcome: Outcome) -> dict[str, Any]:
        return facts(self.machine, outcome)

    def identity(self) -> dict[str, Any]:
        return identity_of(self.machine, storage=self.storage, strict=False)

    def disturbed(self, folder: Path, rng: random.Random, times: int) -> tuple[Outcome, list[bool]]:
        """Stop and resume so many times, then go on to the end; for each resume whether it began inside a level."""
        inside: list[bool] = []
        for i in range(times + 1):
            meta = newest(folder)
            if meta is not None:
                inside.append(meta["level_at"] > 0)
            depth = meta["depth"] if meta else 0
            limits, every, disturb = self.bound, NEVER, None
            if i < times:
                limits, every, disturb = rng.choice(WAYS)(depth, rng)
            try:
                with Saving(folder, self.identity(), resume=bool(i), every=every) as saving:
                    outcome = self.run(
                        jobs=rng.choice((1, 2)), saving=saving, rng=rng, limits=_within(limits, self.bound), disturb=disturb
                    )
            except Killed:
                continue
        return outcome, inside


def _within(limits: Limits, bound: Limits) -> Limits:
    depths = [d for d in (limits.depth, bound.depth) if d is not None]
    return Limits(depth=min(depths, default=None), states=limits.states)


def files(folder: Path) -> list[Path]:
    """The checkpoints, oldest first."""
    return sorted(folder.glob("checkpoint-*.bin"))


def newest(folder: Path) -> Mapping[str, Any] | None:
    """The meta of the newest checkpoint."""
    if not files(folder):
        return None
    with Saved(files(folder)[-1]) as saved:
        return saved.meta
