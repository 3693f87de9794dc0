"""The verbs that take a stored trace: where it takes place now, and whether it still happens."""

from __future__ import annotations

from pathlib import Path

from checker.errors import UnreadableInput, UsageError
from checker.load import Spec, load
from checker.lowering.machine import Machine
from checker.trace.again import Again, again, reproduced
from checker.trace.record import record
from checker.trace.trace import Trace

PLAIN = "none"
"""The variant that is none."""

_CHANGED = "on the very spec that the trace was recorded on; the file was changed, record it again"


def read_trace(path: Path) -> Trace:
    """A stored trace.

    Raises
    ------
    UnreadableInput
        It cannot be read, or is no trace.
    """
    from checker.trace.read import read

    return read(path)


def spec_for(trace: Trace, directory: str | None, variant: str | None) -> tuple[Spec, str]:
    """The spec that a trace is followed on, and its variant: the trace's own by default.

    Raises
    ------
    UsageError
        There is no such variant.
    """
    where = Path(directory) if directory else None
    wanted = trace.scope.variant if variant is None else "" if variant == PLAIN else variant
    plain = load(where)
    if not wanted:
        return plain, ""
    if wanted not in plain.variants:
        known = ", ".join([PLAIN, *plain.variants])
        raise UsageError(f"the trace needs variant {wanted!r}, which this spec has not; choose one with --variant: {known}")
    return load(where, plain.variants[wanted].edits), wanted


def machine_for(trace: Trace, spec: Spec, path: Path, *, only: bool = False) -> tuple[Machine, list[str]]:
    """The machine of a trace's scope on a spec, and what of the scope the spec does not have.

    Parameters
    ----------
    trace : Trace
    spec : Spec
    path : Path
        Of the trace, for messages.
    only : bool
        Check the trace's property alone.

    Raises
    ------
    UnreadableInput
        The spec has no such scenario, or the trace names a value that is none.
    AssumptionError
        The scope is not possible under this spec.
    """
    from spec.language import ParameterError

    scope = trace.scope
    if scope.scenario not in spec.scenarios:
        raise UnreadableInput(
            f"{path}: the trace is of scenario {scope.scenario!r}, which this spec has not; it has "
            f"{', '.join(spec.scenarios) or 'none'}; name the trace's spec with --spec"
        )
    known, values, gone = spec.parameters.declared(), {}, []
    for name, value in scope.parameters:
        if name not in known:
            gone.append(f"parameter {name}")
            continue
        try:
            values[name] = spec.parameters.parse(name, value) if isinstance(value, str) else value
        except ParameterError as e:
            raise UnreadableInput(f"{path}: #meta.scope.parameters: {e}") from e
    functions = {t.function.__name__ for t in spec.scenarios[scope.scenario].threads}
    gone += [f"thread {f}" for f in scope.without if f not in functions]
    chosen = [p for p in spec.properties if (p.id, p.name) == (trace.property, trace.name)]
    if trace.property and not chosen and trace.property not in ("P6", "P26"):
        gone.append(f"property {trace.property} {trace.name}")
    machine = Machine(
        spec,
        spec.scenarios[scope.scenario],
        values,
        atomicity=scope.atomicity,
        properties=chosen if only else None,
        explained=not scope.strict,
        reductions=None if trace.loop is None else ("forget", "naming", "unordered"),
        without=[f for f in scope.without if f in functions],
    )
    return machine, gone


def followed(machine: Machine, trace: Trace, path: Path) -> Again:
    """A trace followed on a machine; on its own spec it must happen again exactly.

    Raises
    ------
    UnreadableInput
        The spec is the trace's own, but the run is another one.
    """
    done = again(machine, trace)
    if machine.spec.digest != trace.spec:
        return done
    if done.parting is not None:
        p = done.parting
        raise UnreadableInput(
            f"{path}: step {p.step} of {p.thread!r}: expected {p.expected}, seen {p.seen}{': ' + p.guard if p.guard else ''}, "
            f"{_CHANGED}"
        )
    if trace.exit and not reproduced(trace, done):
        seen = "nothing" if done.violation is None else f"{done.violation.property} {done.violation.clause!r}"
        raise UnreadableInput(
            f"{path}: expected its steps to violate {trace.property} {trace.clause!r}, seen {seen}, {_CHANGED}"
        )
    if done.violation is not None:
        _compare(trace, record(machine, done.violation), path)
    return done


def _compare(trace: Trace, now: Trace, path: Path) -> None:
    for index, (old, new) in enumerate(zip(trace.states(), now.states(), strict=False)):
        for cell in new:
            if old.get(cell) != new[cell]:
                raise UnreadableInput(
                    f"{path}: state {index}: {cell} is {old.get(cell)!r} in the trace and {new[cell]!r} in the run, {_CHANGED}"
                )
