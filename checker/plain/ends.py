"""Evaluating properties on plain objects, and binding those of the end of an operation."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any

from checker.errors import LanguageError, SpecEvaluationError
from checker.load import Spec
from checker.plain.frames import evaluation_error
from spec.language import Property
from spec.language.runtime import Runtime, active, current

Failure = tuple[str, str, dict[str, object]]
"""Property, clause and witness."""


def evaluate(spec: Spec, prop: Property, arguments: Sequence[object]) -> list[Failure]:
    """The clauses of a property that fail.

    Raises
    ------
    SpecEvaluationError
        The property cannot be evaluated.
    """
    runtime = Runtime(spec.parameters)
    with active(runtime):
        try:
            prop.function(*arguments)
        except Exception as e:
            raise evaluation_error(e, spec.package, f"property {prop.id} {prop.name}") from e
    return [(prop.id, clause, witness) for clause, witness in runtime.failures]


class Ends:
    """The end-of-operation properties of a spec, by operation.

    Parameters
    ----------
    spec : Spec
    told : callable
        Called with a property and its arguments when an operation ends.
    root
        The root record.
    """

    def __init__(self, spec: Spec, told: Callable[[Property, list[object]], None], root: object) -> None:
        self._told = told
        self._root = root
        self._of: dict[str, list[tuple[Property, list[str]]]] = {}
        for p in spec.properties:
            if p.kind == "end":
                names = list(inspect.signature(p.function).parameters)[1:]
                self._of.setdefault(p.operation, []).append((p, names))

    def reached(self, operation: str, values: Mapping[str, object]) -> None:
        """An operation ends with these locals: evaluate its properties, if it has any."""
        for prop, names in self._of.get(operation, ()):
            missing = [n for n in names if n not in values]
            if missing:
                raise SpecEvaluationError(
                    f"property {prop.id} {prop.name}: {missing[0]!r} has no value at the end of {operation}; "
                    f"take one of: {', '.join(values)}"
                )
            self._told(prop, [self._root, *(values[n] for n in names)])


def instrument(spec: Spec) -> dict[Any, Any]:
    """Have the operations that release nothing tell a scheduler when they return; instrumenting again changes nothing.

    Returns
    -------
    dict
        The wrapper of each function that has one.

    Raises
    ------
    LanguageError
        A property takes a parameter to which its operation assigns: the value at the return is out of reach here.
    """
    ends: dict[str, set[str]] = {}
    for p in spec.properties:
        if p.kind == "end":
            ends.setdefault(p.operation, set()).update(inspect.signature(p.function).parameters)
    wrappers: dict[Any, Any] = {}
    for name, module in spec.modules.items():
        if not any(f"def {operation}(" in spec.sources[name] for operation in ends):
            continue
        for node in ast.parse(spec.sources[name]).body:
            if isinstance(node, ast.FunctionDef) and node.name in ends and not _releases(node):
                for parameter in sorted(_reassigned(node) & ends[node.name]):
                    raise LanguageError(
                        f"{module.__file__}:{node.lineno}",
                        f"{node.name} sets its parameter {parameter!r}, which a property of its end takes; take another name",
                    )
                value: Any = vars(module)[node.name]
                function = inspect.unwrap(value)
                wrappers[function] = value if value is not function else _wrap(function)
    for module in spec.modules.values():
        for local, value in list(vars(module).items()):
            if isinstance(value, FunctionType) and value in wrappers:
                setattr(module, local, wrappers[value])
    return wrappers


def _wrap(function: Any) -> Any:
    names = list(inspect.signature(function).parameters)
    operation = function.__name__

    @functools.wraps(function)
    def wrapper(*arguments: object) -> object:
        result = function(*arguments)
        returned = getattr(current(), "operation_returned", None)
        if returned is not None:
            returned(operation, {**dict(zip(names, arguments, strict=True)), "result": result})
        return result

    return wrapper


def _releases(node: ast.FunctionDef) -> bool:
    calls = (n.func for n in ast.walk(node) if isinstance(n, ast.Call))
    return any(isinstance(f, ast.Name) and f.id == "release" for f in calls)


def _reassigned(node: ast.FunctionDef) -> set[str]:
    stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return stored & {a.arg for a in node.args.args}
