"""What a function may do in its role: guards and properties change nothing, state 0 is built in one go."""

from __future__ import annotations

import ast
from typing import Any

from checker.errors import LanguageError
from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.frontend.walk import expressions, statements, subexpressions
from checker.load import Spec
from spec.language import Property, Scenario

_POINTS = (t.Step, t.Wait, t.Choose, t.Acquire, t.Release)


def effect_of(program: Program, name: str, *, ghosts: bool = False) -> tuple[t.Place, str] | None:
    """Where a function, or one that it calls, changes the state, throws or has a scheduling point; and which of these.

    Parameters
    ----------
    ghosts : bool
        Changes of ghosts are allowed.
    """
    for s in statements(program.functions[name].body):
        found = None
        if isinstance(s, _POINTS):
            found = s.place, "is a scheduling point"
        elif isinstance(s, t.Store) and not (ghosts and program.schema.records[s.record].fields[s.field].ghost):
            found = s.place, "changes the state"
        elif isinstance(s, t.Throw):
            found = s.place, "throws"
        for e in expressions(s):
            found = found or expression_effect(program, e, ghosts=ghosts)
        if found is not None:
            return found
    return None


def expression_effect(program: Program, e: t.Expr, *, ghosts: bool = False) -> tuple[t.Place, str] | None:
    """`effect_of` for what an expression calls."""
    for x in subexpressions(e):
        if isinstance(x, t.Atomic):
            return x.place, "is a scheduling point"
        if isinstance(x, t.Call):
            found = effect_of(program, x.function, ghosts=ghosts)
            if found is not None:
                return found
    return None


def point_in(program: Program, name: str) -> t.Place | None:
    """Where a function, or one that it calls, has a scheduling point (accesses to racy fields do not count)."""
    for s in statements(program.functions[name].body):
        if isinstance(s, _POINTS):
            return s.place
        if isinstance(s, t.EndCheck):
            continue
        for e in expressions(s):
            for x in subexpressions(e):
                if isinstance(x, t.Atomic):
                    return x.place
                place = point_in(program, x.function) if isinstance(x, t.Call) else None
                if place is not None:
                    return place
    return None


def require_pure(program: Program, f: t.Function, what: str) -> None:
    """Refuse a property or explanation that does more than look."""
    found = effect_of(program, f.name)
    if found is not None:
        raise LanguageError(str(found[0]), f"this {found[1]}, and is reached from {what} {f.name}; there, only look")


def require_ghost(program: Program, f: t.Function) -> None:
    """Refuse a function of the observer that the heap could notice: no scheduling point will stand in it."""
    if f.result.kind != "none":
        raise LanguageError(str(f.place), f"@ghost {f.name} returns a value, which the heap could read; return nothing")
    found = effect_of(program, f.name, ghosts=True)
    if found is not None:
        raise LanguageError(str(found[0]), f"this {found[1]}, and is reached from @ghost {f.name}; store to ghosts only")


def require_unobserved(program: Program, f: t.Function, what: str, instead: str = "write a property") -> None:
    """Refuse ``check`` and ``given`` in what runs: they belong to properties, and would be counted for whichever came last."""
    seen, todo = {f.name}, [f.name]
    while todo:
        for s in statements(program.functions[todo.pop()].body):
            if isinstance(s, (t.Check, t.Given)):
                word = "check()" if isinstance(s, t.Check) else "given()"
                raise LanguageError(str(s.place), f"{word} is reached from {what} {f.name}; {instead} instead")
            if not isinstance(s, t.EndCheck):
                called = {x.function for e in expressions(s) for x in subexpressions(e) if isinstance(x, t.Call)}
                todo += called - seen
                seen |= called


def require_instant(program: Program, f: t.Function, what: str) -> None:
    """Refuse a scheduling point where no other thread can run."""
    place = point_in(program, f.name)
    if place is not None:
        raise LanguageError(str(place), f"a scheduling point is reached from {what} {f.name}; leave it to a thread")


def require_parameters(f: t.Function, records: list[str], what: str, *, more: bool = False) -> None:
    """Refuse a function whose leading parameters are not references to these records.

    Parameters
    ----------
    more : bool
        Whether others may follow.
    """
    kinds = [f.types[p] for p in f.params]
    fits = len(kinds) == len(records) or (more and len(kinds) > len(records))
    fits = fits and all(k.kind == "ref" and not k.nullable and k.record == r for k, r in zip(kinds, records, strict=False))
    if not fits:
        have = ", ".join(f"{p}: {f.types[p]}" for p in f.params)
        want = ", ".join(records) + (", ..." if more else "")
        raise LanguageError(str(f.place), f"{f.name}({have}) is {what}; it takes ({want})")


def require_predicates(program: Program, prop: Property) -> None:
    """Type what a reachability or liveness property says of states, and refuse it if it is more or less than that."""
    goal = "what must be possible by" if prop.kind == "reachable" else "the goal of"
    typed = program.function(prop.function)
    _require_predicate(program, typed, f"{goal} property {prop.id}")
    if prop.after is not None:
        after = program.function(prop.after, str(typed.place))
        _require_predicate(program, after, f"the condition after= of property {prop.id}")
    _require_fair(program.spec, prop)


def _require_predicate(program: Program, f: t.Function, what: str) -> None:
    """Refuse a predicate that is not a pure function of the root with a truth value."""
    require_parameters(f, [program.schema.root], what)
    if f.result.kind != "bool":
        raise LanguageError(str(f.place), f"{f.name} is {what}; it returns {f.result}, and must return bool")
    require_pure(program, f, what)
    require_unobserved(program, f, f"{what},", instead="return the truth value")


def _require_fair(spec: Spec, prop: Property) -> None:
    """Refuse a liveness property that is fair to a thread function which no scenario runs."""
    known = sorted({getattr(t.function, "__name__", "") for s in spec.scenarios.values() for t in s.threads})
    for name in prop.fair:
        if name not in known:
            code = prop.function.__code__
            place = f"{relative(spec, code.co_filename)}:{code.co_firstlineno}"
            said = f"property {prop.id} is fair to {name!r}, which is no thread of a scenario; name one of: {', '.join(known)}"
            raise LanguageError(place, said)


def place_of_scenario(spec: Spec, scenario: Scenario) -> str:
    """``file:line`` of a scenario's declaration, or its name."""
    for name, module in spec.modules.items():
        if scenario in [v for v in vars(module).values() if isinstance(v, Scenario)]:
            for node in ast.walk(ast.parse(spec.sources[name])):
                if isinstance(node, ast.Call) and _names(node, scenario.name):
                    return f"{relative(spec, module.__file__)}:{node.lineno}"
    return scenario.name


def relative(spec: Spec, file: Any) -> str:
    """A file's path from the folder that holds the spec."""
    return str(file).removeprefix(str(spec.directory.parent) + "/")


def _names(node: ast.Call, name: str) -> bool:
    if not isinstance(node.func, ast.Name) or node.func.id != "Scenario":
        return False
    values = [k.value for k in node.keywords if k.arg == "name"] + node.args[:1]
    return any(isinstance(v, ast.Constant) and v.value == name for v in values)
