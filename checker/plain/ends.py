"""Evaluating properties on plain objects, and binding those of the end of an operation."""

from __future__ import annotations

import ast
import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import CodeType, FrameType, FunctionType
from typing import Any

from checker.errors import SpecEvaluationError
from checker.load import Spec
from checker.plain.frames import evaluation_error
from spec.language import Property
from spec.language.runtime import Runtime, active, current

Failure = tuple[str, str, dict[str, object]]
"""Property, clause and witness."""


def evaluate(spec: Spec, prop: Property, arguments: Sequence[object], number: int) -> list[Failure]:
    """The clauses of a property that fail; ``number`` is what `thread` says in it.

    Raises
    ------
    SpecEvaluationError
        The property cannot be evaluated.
    """
    runtime = Runtime(spec.parameters, number=number)
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
    returning : iterable
        The operations that end with their return, as `instrument` gives them; the others end before they release.
    """

    def __init__(
        self, spec: Spec, told: Callable[[Property, list[object]], None], root: object, returning: Iterable[Any]
    ) -> None:
        self._told = told
        self._returning = {function.__code__ for function in returning}
        self._root = root
        self._of: dict[str, list[tuple[Property, list[str]]]] = {}
        for p in spec.properties:
            if p.kind == "end":
                names = list(inspect.signature(p.function).parameters)[1:]
                self._of.setdefault(p.operation, []).append((p, names))

    def releases(self, frame: FrameType) -> None:
        """A function of the spec is about to release a lock: it may be an operation that ends so."""
        if frame.f_code not in self._returning:
            self.reached(frame.f_code.co_name, frame.f_locals)

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
    """Have the operations that end with their return tell a scheduler of it; instrumenting again changes nothing.

    Returns
    -------
    dict
        The wrapper of each function that has one.
    """
    ends = {p.operation for p in spec.properties if p.kind == "end"}
    wrappers: dict[Any, Any] = {}
    for name, module in spec.modules.items():
        if not any(f"def {operation}(" in spec.sources[name] for operation in ends):
            continue
        for node in ast.parse(spec.sources[name]).body:
            if isinstance(node, ast.FunctionDef) and node.name in ends and not _ends_before_release(node):
                value: Any = vars(module)[node.name]
                function = inspect.unwrap(value)
                wrappers[function] = value if value is not function else _wrap(function)
    for module in spec.modules.values():
        for local, value in list(vars(module).items()):
            if isinstance(value, FunctionType) and value in wrappers:
                setattr(module, local, wrappers[value])
    return wrappers


def _wrap(function: Any) -> Any:
    operation = function.__name__

    @functools.wraps(function)
    def wrapper(*arguments: object, **named: object) -> object:
        returned = getattr(current(), "operation_returned", None)
        if returned is None:
            return function(*arguments, **named)
        entered: list[FrameType] = []
        with _first_frame(function.__code__, entered):
            result = function(*arguments, **named)
        returned(operation, {**entered.pop().f_locals, "result": result})
        return result

    return wrapper


@contextmanager
def _first_frame(code: CodeType, entered: list[FrameType]) -> Iterator[None]:
    """Catch the frame of the function that is called next: a frame that somebody holds keeps its locals at the return.

    The profile function that was there before is back as soon as the frame is caught, so a thread that is suspended
    in the function leaves nothing behind.
    """
    before: Any = sys.getprofile()

    def catch(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code is code:
            sys.setprofile(before)
            entered.append(frame)
            if before is not None:
                before(frame, event, argument)

    sys.setprofile(catch)
    try:
        yield
    finally:
        if not entered:
            sys.setprofile(before)


def _ends_before_release(node: ast.FunctionDef) -> bool:
    """Whether the first lock primitive in the function's text is an acquire, and one of the later ones a release."""
    found = [
        (n.lineno, n.col_offset, n.func.id)
        for n in ast.walk(node)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in ("acquire", "release")
    ]
    words = [word for _, _, word in sorted(found)]
    return words[:1] == ["acquire"] and "release" in words
