"""From a path to real numbers, the least there are, and what the plain heap does with them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from checker.errors import SpecEvaluationError
from checker.load import Spec
from checker.plain.ends import Ends, Failure, evaluate, instrument
from checker.report.naming import Names
from checker.symbolic.exploration.affine import Affine
from checker.symbolic.exploration.search import Exploration, Suspect
from checker.symbolic.exploration.space import Space
from checker.symbolic.exploration.trail import Known, Trail
from checker.symbolic.exploration.tree import Session
from spec.language import EvaluationError, Finding, Lock, Property, Throw
from spec.language.plain import World
from spec.language.runtime import Runtime, active
from spec.language.schema import Schema

Values = dict[str, int]


def least(space: Space, suspect: Suspect) -> Values | None:
    """The least inputs that violate, the parameter first and then in order; None if there are none."""
    session = Session(space, suspect.facts)
    session.refine()
    names = [space.parameter] if space.parameter else []
    names += [v.variable for o in suspect.operations for c in o.chosen if isinstance(v := c.value, Affine)]
    found = session.find()
    if found is None:
        return None
    for name in names:
        session.declare([name])
        low, high = space.variables[name].lo, found.get(name, space.variables[name].hi)
        one = Affine(0, ((name, 1),))
        while low < high:
            middle = (low + high) // 2
            better = session.find(space.compare("<=", one, middle))
            if better is None:
                low = middle + 1
            else:
                found, high = better, better[name]
        session.add(space.compare("==", one, low))
        session.fixed = low if name == space.parameter else session.fixed
        found[name] = low
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """An operation with the numbers that it chose, and the heap after it, drawn."""

    operation: str
    chosen: tuple[tuple[str, int], ...]
    drawn: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Concrete:
    """A violation on the plain heap.

    Attributes
    ----------
    property, name, clause, kind, place : str
        As of the path.
    witness : tuple of str and str
    parameter : tuple of str and int
        The one that varies, with its value; empty if none does.
    steps : tuple of Step
    confirmed : bool
        The plain heap violates the same clause at the end, and nothing before.
    seen : str
        What it did instead.
    """

    property: str
    name: str
    clause: str
    kind: str
    place: str
    witness: tuple[tuple[str, str], ...]
    parameter: tuple[tuple[str, int], ...]
    steps: tuple[Step, ...]
    confirmed: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """A sequence of operations with numbers: the parameter that varies, and what each operation chooses."""

    parameter: tuple[tuple[str, int], ...]
    operations: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]

    @property
    def size(self) -> tuple[int, int, list[int]]:
        """The smaller, the better."""
        values = [v for _, chosen in self.operations for _, v in chosen]
        return len(self.operations), sum(values), [*(v for _, v in self.parameter), *values]


class Following(Runtime):
    """A sequential run that chooses what it is told."""

    def __init__(self, spec: Spec, ended: Callable[[Property, list[object]], None], root: object) -> None:
        super().__init__(spec.parameters)
        self.queue: list[int] = []
        self._ends = Ends(spec, ended, root, instrument(spec).values())

    def choose(self, ranges: tuple[range, ...], where: Callable[..., bool] | None) -> tuple[int, ...]:
        """The next numbers, if they may be chosen."""
        values = tuple(self.queue[: len(ranges)])
        del self.queue[: len(ranges)]
        if any(v not in r for v, r in zip(values, ranges, strict=True)) or (where is not None and not where(*values)):
            raise EvaluationError(f"choose(): {values} may not be chosen here")
        return values

    def release(self, lock: Lock) -> None:
        """Give the lock back; an operation may end before."""
        self._ends.releases(sys._getframe(2))
        super().release(lock)

    def operation_returned(self, operation: str, values: Mapping[str, object]) -> None:
        """An operation that ends with its return has returned."""
        self._ends.reached(operation, values)


@dataclass(slots=True)
class Replay:
    """The plain heap, after some operations.

    Attributes
    ----------
    world : World
    failures : list of Failure
        In order, those that a finding explains left out.
    stopped : tuple of str
        Kind and message of a throw or an error; empty if there was none.
    """

    world: World
    failures: list[Failure] = field(default_factory=list)
    stopped: tuple[str, str] | None = None


def replay(
    x: Exploration, values: Mapping[str, int], operations: list[tuple[str, list[int]]]
) -> tuple[Replay, list[list[str]]]:
    """Run operations with these numbers on the plain heap, and draw it after each.

    Parameters
    ----------
    x : Exploration
    values : mapping
        Of the parameter that varies.
    operations : list
        Names, and what each chooses in order.
    """
    spec = x.spec
    spec.parameters.reset({**x.settings, **values})
    world = World(Schema(x.sequences.root, spec.parameters, threads=1))
    out = Replay(world)

    def judge(p: Property, arguments: list[object], number: int) -> None:
        for failure in evaluate(spec, p, arguments, number):
            if not any(_explains(f, failure, world.root) for f in x.findings):
                out.failures.append(failure)

    functions = {f.__name__: f for f in x.sequences.operations}
    runtime = Following(spec, lambda p, arguments: judge(p, arguments, 1) if p in x.properties else None, world.root)
    drawings: list[list[str]] = []
    with active(runtime):
        x.sequences.initial(world.root)
        for name, chosen in operations:
            if out.failures or out.stopped:
                break
            runtime.queue = list(chosen)
            try:
                functions[name](world.root)
            except Throw as e:
                out.stopped = ("throw", str(e))
            except (EvaluationError, SpecEvaluationError, AttributeError) as e:
                out.stopped = ("error", str(e))
            if not out.stopped:
                for p in x.properties:
                    if p.kind == "invariant" and x.is_about_root(p):
                        judge(p, [world.root], 0)
            drawings.append(drawn(spec, world))
    return out, drawings


def _explains(f: Finding, failure: Failure, root: object) -> bool:
    id, clause, witness = failure
    if (f.property, f.clause) != (id, clause):
        return False
    names = f.explains.__code__.co_varnames[1 : f.explains.__code__.co_argcount]
    return bool(f.explains(root, *(witness[n] for n in names)))


def drawn(spec: Spec, world: World) -> list[str]:
    """The spec's picture of a heap, its empty end left out; nothing if it has none or is long."""
    from checker.report.picture import as_text
    from spec.language import Strip

    out: list[str] = []
    for picture in spec.pictures:
        parts: list[Any] = []
        for part in picture.draw(world.root):
            if isinstance(part, Strip):
                used = max((i + 1 for i, b in enumerate(part.blocks) if b.mark != " "), default=0)
                if used > LONGEST:
                    continue
                part = Strip(part.name, part.blocks[:used])
            parts.append(part)
        out += as_text(parts)
    return out


LONGEST = 120
"""Pages that are drawn."""


def numbers(x: Exploration, suspect: Suspect) -> Numbers | None:
    """The least numbers of a path that violates; None if there are none after all."""
    inputs = least(x.space, suspect)
    if inputs is None:
        return None
    value = Trail(x.space, inputs, Known()).value
    name = x.space.parameter
    return Numbers(
        ((name, value(Affine(0, ((name, 1),)))),) if name else (),
        tuple((o.name, tuple((c.name, value(c.value)) for c in o.chosen)) for o in suspect.operations),
    )


def concrete(x: Exploration, suspect: Suspect, n: Numbers) -> Concrete:
    """A path with numbers, replayed on the plain heap."""
    done, drawings = replay(x, dict(n.parameter), [(o, [v for _, v in chosen]) for o, chosen in n.operations])
    witness, confirmed, seen = _compare(x, suspect, done)
    pictures = [*map(tuple, drawings), *[()] * len(n.operations)]
    return Concrete(
        suspect.property,
        suspect.name,
        suspect.clause,
        suspect.kind,
        suspect.place,
        witness,
        n.parameter,
        tuple(Step(o, chosen, drawn) for (o, chosen), drawn in zip(n.operations, pictures, strict=False)),
        confirmed and len(drawings) == len(n.operations),
        seen,
    )


def _compare(x: Exploration, suspect: Suspect, done: Replay) -> tuple[tuple[tuple[str, str], ...], bool, str]:
    """The witness, whether the plain heap agrees, and what it did."""
    if done.stopped:
        kind, message = done.stopped
        return (), kind == suspect.kind and (kind == "error" or message == suspect.clause), f"{kind}: {message}"
    seen = "; ".join(sorted({f"{id} {clause}" for id, clause, _ in done.failures})) or "nothing violated"
    for id, clause, witness in done.failures:
        if (id, clause) == (suspect.property, suspect.clause):
            names = Names(done.world.schema)
            return tuple((k, _shown(names, v)) for k, v in witness.items()), True, seen
    return (), False, seen


def _shown(names: Names, value: Any) -> str:
    if value is None or isinstance(value, (bool, int)):
        return str(value)
    return names.record(type(value).__name__, value.number)
