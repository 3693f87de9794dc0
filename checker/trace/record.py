"""From a violation to its trace: the schedule executed on the plain heap, every step named."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from checker.frontend.tree import NONE
from checker.load import Spec
from checker.lowering.machine import Machine
from checker.plain import Call
from checker.report.naming import Names
from checker.report.waiting import lock_cycle, waiting
from checker.search.outcome import Violation
from checker.search.replay import Step, replay
from checker.trace.cause import Ends, cause_of
from checker.trace.trace import Change, Fair, Pairs, Scope, Stuck, Trace, TraceCall, TraceStep
from checker.trace.values import Paths
from checker.version import VERSION
from spec.language import Property


def record(
    machine: Machine, v: Violation, *, variant: str = "", shortest: str = "yes", order: str = "", seed: int | None = None
) -> Trace:
    """The trace of a violation.

    Parameters
    ----------
    machine : Machine
        Executes the violation's schedule.
    v : Violation
    variant : str
        Id of the variant whose edits the spec was loaded with.
    shortest, order : str
        As in `Trace`.
    seed : int, optional

    Raises
    ------
    Disagreement
        The plain heap and the lowered one differ.
    """
    ends = Ends(len(v.schedule))
    run = replay(machine, v.schedule, told=ends)
    paths = Paths(machine.schema, machine.threads)
    stuck = waiting(machine, v.schedule) if v.exit == 11 else ()
    prop = next((p for p in machine.properties if (p.id, p.name) == (v.property, v.name)), None)
    witness = tuple((w.thread, str(w)) for w in stuck) or witness_of(machine, v)
    return Trace(
        tool=VERSION,
        spec=machine.spec.digest,
        scope=scope_of(machine, variant),
        property=v.property,
        name=v.name,
        clause=v.clause,
        meaning="" if prop is None else meaning_of(prop),
        definition="" if prop is None else definition(machine.spec, prop, v.clause),
        witness=witness,
        exit=v.exit,
        place=v.place,
        initial=tuple(paths.cells(run.states[0]).items()),
        ghosts=paths.ghosts(run.states[0]),
        steps=tuple(_step(machine, s, paths) for s in run.steps),
        loop=v.loop,
        fairness=tuple(Fair(f.thread, f.enabled_always, f.taken) for f in v.fairness),
        stuck=tuple(Stuck(**asdict(w), sentence=str(w)) for w in stuck),
        lock_cycle=tuple(w.thread for w in lock_cycle(stuck)),
        shortest=shortest,
        order=order,
        cause=cause_of(machine, v, run, ends),
        seed=seed,
        pictures=run.pictures,
    )


def scope_of(machine: Machine, variant: str = "") -> Scope:
    """Where a machine's runs take place."""
    words = machine.spec.parameters.in_words(machine.parameters)
    base = {**{k: p.default for k, p in machine.spec.parameters.declared().items()}, **machine.declared.parameters}
    return Scope(
        scenario=machine.scenario.name,
        parameters=tuple(words.items()),
        settings=tuple(k for k, value in machine.parameters.items() if value != base[k]),
        threads=tuple(machine.threads),
        without=machine.without,
        atomicity=machine.atomicity,
        variant=variant,
        strict=machine.strict,
    )


def witness_of(machine: Machine, v: Violation) -> Pairs:
    """The values of a failed clause as text."""
    names = Names(machine.schema)
    return tuple((name, names.witness(kind, value)) for name, kind, value in v.witness)


def definition(spec: Spec, prop: Property, clause: str) -> str:
    """File and line of a clause of a property: of its ``check``, or of the function if there is none in its text."""
    name = prop.function.__module__.removeprefix(spec.package).lstrip(".")
    line = prop.function.__code__.co_firstlineno
    if not clause:
        return f"{file_of(spec, name)}:{line}"
    for node in ast.walk(ast.parse(spec.sources[name])):
        if not isinstance(node, ast.FunctionDef) or node.name != prop.function.__name__:
            continue
        line = node.lineno
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "check" and call.args:
                said = call.args[0]
                if isinstance(said, ast.Constant) and said.value == clause:
                    line = call.lineno
    return f"{file_of(spec, name)}:{line}"


def file_of(spec: Spec, module: str) -> str:
    """A module's file as reports name it: relative to the folder that holds the spec's folder."""
    file = spec.modules[module].__file__
    return Path(file).relative_to(spec.directory.parent).as_posix() if file else f"{spec.directory.name}/{module}"


def meaning_of(prop: Property) -> str:
    """The first paragraph of a property's documentation."""
    return " ".join((prop.function.__doc__ or "").split("\n\n")[0].split())


def _step(machine: Machine, s: Step, paths: Paths) -> TraceStep:
    action, args, result = _action(machine, s)
    function, line = s.position
    changed = (
        Change(
            paths.path(*c.cell),
            paths.value(c.cell[0], c.cell[1], c.before),
            paths.value(c.cell[0], c.cell[1], c.after),
            machine.schema.records[c.cell[0]].fields[c.cell[1]].ghost,
        )
        for c in s.changes
    )
    return TraceStep(
        index=s.index,
        thread=s.thread,
        action=action,
        args=args,
        result=result,
        choice=s.choice,
        function=function,
        begins_at=s.begins_at,
        source=f"{machine.program.file(function)}:{line}",
        go=_go(machine, s, action),
        ends_at=s.ends_at,
        thrown=s.thrown,
        calls=tuple(_call(machine, c) for c in s.calls),
        changed=tuple(changed),
    )


def _call(machine: Machine, c: Call) -> TraceCall:
    typed = machine.program.functions.get(c.name)
    return TraceCall(
        function=c.name,
        go="" if typed is None else typed.go,
        args=_arguments(machine, c),
        result=_result(machine, c),
        depth=c.depth,
        began=c.began,
        ended=c.ended,
    )


def _action(machine: Machine, s: Step) -> tuple[str, Pairs, str | None]:
    """The call that a step is about: the outermost one of the original's main file, else the outermost that began."""
    calls = [c for c in s.calls if c.depth > 0]
    if not calls:
        return s.position[0].rpartition(".")[2], (), None
    known = [c for c in calls if _stated(machine, c.name)] or [c for c in calls if c.began]
    call = min(known, key=lambda c: c.depth) if known else max(calls, key=lambda c: c.depth)
    return call.name.rpartition(".")[2], _arguments(machine, call), _result(machine, call)


def _result(machine: Machine, call: Call) -> str | None:
    """What a call returned, if it has and its function returns anything."""
    typed = machine.program.functions.get(call.name)
    if call.result is None or (typed is not None and typed.result == NONE):
        return None
    return _plain_name(machine, call.result)


def _arguments(machine: Machine, call: Call) -> Pairs:
    """The arguments by name; the root is left out."""
    typed = machine.program.functions.get(call.name)
    names: Sequence[str] = typed.params if typed is not None else ()
    root = f"{machine.schema.root} "
    return tuple((n, _plain_name(machine, a)) for n, a in zip(names, call.args, strict=False) if not a.startswith(root))


def _plain_name(machine: Machine, text: str) -> str:
    """The path of a record that the plain heap shows as ``Type number``."""
    kind, _, number = text.partition(" ")
    if kind in machine.schema.records and number.isdigit():
        return Names(machine.schema).record(kind, int(number))
    return text


def _stated(machine: Machine, name: str) -> bool:
    typed = machine.program.functions.get(name)
    return typed is not None and typed.go.startswith("mheap.go:")


def _go(machine: Machine, s: Step, action: str) -> str:
    """The Go function that the step's action states, else the first one among its calls."""
    known = machine.program.functions
    go = {c.name.rpartition(".")[2]: known[c.name].go for c in s.calls if c.name in known and known[c.name].go}
    return go.get(action, next(iter(go.values()), ""))
