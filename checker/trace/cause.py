"""Why a clause failed: the step that made it false, and who last wrote what it reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from checker.lowering.machine import Machine
from checker.plain.frames import evaluation_error
from checker.search.outcome import Violation
from checker.search.replay import Cell, Replay
from checker.trace.reads import CellName, Reader
from checker.trace.trace import Cause, Read
from checker.trace.values import Paths
from spec.language import Property
from spec.language.plain import World, encode

_SHOWN = 3
"""Cells that the sentence names."""


class Ends:
    """Keeps what the end-of-operation properties of one step are evaluated on.

    Parameters
    ----------
    step : int
        The step that is looked at.
    """

    def __init__(self, step: int) -> None:
        self._step = step
        self.seen: list[tuple[Property, list[object], list[Cell]]] = []

    def __call__(self, step: int, prop: Property, arguments: list[object], world: World) -> None:
        """Called before each evaluation, as `checker.search.replay.Told`."""
        if step == self._step:
            named = [(type(a).__mro__[1].__name__, encode(a)) if hasattr(a, "number") else a for a in arguments]
            self.seen.append((prop, list(named), world.cells()))


def cause_of(machine: Machine, v: Violation, run: Replay, ends: Ends) -> Cause | None:
    """Why a violation happened; None if it is no failed clause of a run: a deadlock, or a lasso.

    Parameters
    ----------
    machine : Machine
    v : Violation
        At the end of the run's schedule.
    run : Replay
    ends : Ends
        Of the last step.

    Raises
    ------
    SpecEvaluationError
        The property cannot be evaluated.
    """
    last = len(run.steps)
    if v.exit == 14:
        return Cause(last, last, f"{_step(run, last)} throws: {v.clause}.", (), ())
    prop = next((p for p in machine.properties if (p.id, p.name) == (v.property, v.name)), None)
    if prop is None or v.loop is not None or v.exit != 12:
        return None
    reader = Reader(machine.spec, machine.schema)
    try:
        found = _FAILED[prop.kind](machine, prop, v.clause, run, reader, ends)
    except Exception as e:
        raise evaluation_error(e, machine.spec.package, f"property {prop.id} {prop.name}") from e
    if found is None:
        return None
    step, cells = found
    reads = _reads(machine, run, cells)
    return Cause(step, last, _sentence(run, step, reads, prop.kind), reads, ())


_Found = tuple[int, tuple[CellName, ...]] | None


def _invariant(machine: Machine, prop: Property, clause: str, run: Replay, reader: Reader, ends: Ends) -> _Found:
    """The step from which on the clause fails in every state up to the last one, whether or not it is due there."""
    step = len(run.steps)
    found = reader.failed(prop, clause, [reader.world(run.states[step]).root], 0)
    if found is None:
        return None
    while step and reader.failed(prop, clause, [reader.world(run.states[step - 1]).root], 0) is not None:
        step -= 1
    return step, found


def _step_property(machine: Machine, prop: Property, clause: str, run: Replay, reader: Reader, ends: Ends) -> _Found:
    step = len(run.steps)
    roots = [reader.world(run.states[step - 1 + i], i).root for i in range(2)]
    found = reader.failed(prop, clause, roots, 1 + machine.threads.index(run.steps[-1].thread))
    return None if found is None else (step, found)


def _end(machine: Machine, prop: Property, clause: str, run: Replay, reader: Reader, ends: Ends) -> _Found:
    number = 1 + machine.threads.index(run.steps[-1].thread)
    for seen, arguments, cells in ends.seen:
        if seen.id == prop.id and seen.name == prop.name:
            world = reader.world(cells)
            records = [world.records[a[0]][a[1] - 1] if isinstance(a, tuple) else a for a in arguments]
            found = reader.failed(seen, clause, records, number)
            if found is not None:
                return len(run.steps), found
    return None


_FAILED: dict[str, Callable[..., _Found]] = {"invariant": _invariant, "step": _step_property, "end": _end}


def _reads(machine: Machine, run: Replay, cells: Sequence[CellName]) -> tuple[Read, ...]:
    """The cells with their last values and the steps that last wrote them, last written first."""
    paths = Paths(machine.schema, machine.threads)
    last = {c[:4]: c[4] for c in run.states[-1]}
    written = {change.cell: s.index for s in run.steps for change in s.changes}
    reads = [Read(paths.path(*c), paths.value(c[0], c[1], last[c]), written.get(c, 0)) for c in cells]
    return tuple(sorted(reads, key=lambda r: -r.step))


def _step(run: Replay, index: int) -> str:
    s = run.steps[index - 1]
    return f"step {index} ({s.thread}, in {s.position[0].rpartition('.')[2]})"


def _sentence(run: Replay, step: int, reads: Sequence[Read], kind: str) -> str:
    if not step:
        return "The clause is false in state 0 already."
    said = f"{_step(run, step)} made it false"
    mine = [r for r in reads if r.step == step]
    if mine:
        said += ", writing " + _list([f"{r.cell} = {r.value}" for r in mine])
    others = [r for r in reads if 0 < r.step != step]
    if others:
        by = dict.fromkeys(r.step for r in others)
        said += "; " + "; ".join(
            f"{_step(run, i)} last wrote " + _list([f"{r.cell} = {r.value}" for r in others if r.step == i])
            for i in list(by)[:_SHOWN]
        )
    if step < len(run.steps) and kind == "invariant":
        said += f"; it was seen after step {len(run.steps)}, where the property is due"
    return said[0].upper() + said[1:] + "."


def _list(words: list[str]) -> str:
    more = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
