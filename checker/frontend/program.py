"""A spec's functions, typed on demand, with the source blocks that coverage counts."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import FunctionType, ModuleType
from typing import Annotated, Any, get_args, get_origin

from checker.errors import LanguageError
from checker.frontend import tree as t
from checker.frontend.assigned import require_values
from checker.frontend.scope import Scope
from checker.load import Spec
from spec.language import DeclarationError, Lock, ParameterError, Property
from spec.language.schema import Schema, hints_of


@dataclass(frozen=True, slots=True)
class Block:
    """A run of statements that coverage counts: a function's body, a branch, a loop's body."""

    function: str
    first: int
    last: int


class Program:
    """The typed functions of a spec under given parameters.

    Parameters
    ----------
    spec : Spec
    schema : Schema
        For the scenario's root, with the parameters set.
    properties : list of Property
        Those whose end-of-operation checks are to be placed into their operations.
    """

    def __init__(self, spec: Spec, schema: Schema, properties: list[Property]) -> None:
        self.spec = spec
        self.schema = schema
        self.properties = properties
        self.functions: dict[str, t.Function] = {}
        self.blocks: list[Block] = []
        self._numbers: dict[Block, int] = {}
        self._active: list[str] = []

    def function(self, fn: Callable[..., Any], place: str = "") -> t.Function:
        """The typed form of a function of the spec.

        Raises
        ------
        LanguageError
            The function, or one that it calls, is outside the language; or it calls itself.
        """
        name = self.name_of(fn, place)
        if name in self._active:
            raise LanguageError(place, f"{name} calls itself; write a loop, the language has no recursion")
        if name not in self.functions:
            self._active.append(name)
            self.functions[name] = self._type(name, fn)
            self._active.pop()
        return self.functions[name]

    def name_of(self, fn: Callable[..., Any], place: str = "") -> str:
        """``module.function`` of a function of the spec."""
        module = getattr(fn, "__module__", "") or ""
        if not isinstance(fn, FunctionType) or not (module + ".").startswith(self.spec.package + "."):
            raise LanguageError(place, f"{getattr(fn, '__name__', fn)!r} is no function of this spec; write it in the language")
        return f"{module[len(self.spec.package) + 1 :]}.{fn.__name__}".lstrip(".")

    def module(self, name: str) -> ModuleType:
        """The module that holds a function of this name."""
        return self.spec.modules[name.rpartition(".")[0]]

    def file(self, name: str) -> str:
        """The file of a function's module, relative to the folder that holds the spec where possible."""
        path = str(self.module(name).__file__)
        return path.removeprefix(str(self.spec.directory.parent) + "/")

    def block(self, function: str, first: int, last: int) -> int:
        """The number of a block, the same each time its function is typed."""
        block = Block(function, first, last)
        if block not in self._numbers:
            self._numbers[block] = len(self.blocks)
            self.blocks.append(block)
        return self._numbers[block]

    def annotation(self, place: str, hint: Any) -> t.Type:
        """The type that an annotation names."""
        if hint is None or hint is type(None):
            return t.NONE
        if get_origin(hint) is tuple:
            return t.Type("tuple", items=tuple(self.annotation(place, a) for a in get_args(hint)))
        self._known(place, hint)
        try:
            scalar = self.schema.scalar_of(place, hint)
        except (DeclarationError, ParameterError) as e:
            raise LanguageError(place, str(e)) from e
        if scalar is None:
            return t.INT
        if scalar.kind == "ref":
            return t.Type("ref", scalar, record=scalar.record, nullable=scalar.lo == 0)
        if scalar.kind == "lock":
            raise LanguageError(place, "a Lock is no value; pass the record that holds it")
        return t.Type("bool" if scalar.kind == "bool" else "int", scalar)

    def _known(self, place: str, hint: Any) -> None:
        """Refuse the annotation of a record that is no part of the state."""
        while get_origin(hint) is Annotated:
            hint = get_args(hint)[0]
        for h in get_args(hint) or (hint,):
            if isinstance(h, type) and h not in (int, bool, Lock, type(None)):
                record = self.schema.records.get(h.__name__)
                if record is None or record.cls is not h:
                    known = ", ".join(self.schema.records)
                    raise LanguageError(place, f"{h.__name__} is no type of the language; use int, bool, or one of: {known}")

    def _type(self, name: str, fn: Callable[..., Any]) -> t.Function:
        from checker.frontend.statements import Typer

        node = self._ast(name, fn)
        place = t.Place(name.rpartition(".")[0], self.file(name), node.lineno, name)
        if node.args.vararg or node.args.kwarg or node.args.kwonlyargs or node.args.defaults or node.args.posonlyargs:
            raise LanguageError(str(place), f"{name} has default, keyword-only or starred parameters; use plain ones")
        try:
            hints = hints_of(fn)
        except Exception as e:  # an annotation is Python that typing evaluates: anything can go wrong
            raise LanguageError(str(place), f"the annotations of {name} cannot be read: {type(e).__name__}: {e}") from e
        types: dict[str, t.Type] = {}
        for i, arg in enumerate(node.args.args):
            if arg.arg not in hints:
                raise LanguageError(str(place), f"parameter {arg.arg!r} of {name} has no type; annotate it")
            types[arg.arg] = self.annotation(str(place), hints[arg.arg])
            marked = fn.__dict__.get("__property__")
            if isinstance(marked, Property) and marked.kind == "step" and i == 0:
                types[arg.arg] = t.Type("ref", types[arg.arg].scalar, types[arg.arg].record, memory=1)
        if "return" not in hints:
            raise LanguageError(str(place), f"{name} has no return type; annotate it ('-> None' if it returns nothing)")
        go = re.search(r"^\s*Go: (\S+)", ast.get_docstring(node) or "", re.MULTILINE)
        scope = Scope(types)
        result = t.Function(
            name=name,
            params=list(types),
            types=scope,
            result=self.annotation(str(place), hints["return"]),
            place=place,
            go=go.group(1) if go else "",
            annotated=set(types),
            ghost="__ghost__" in fn.__dict__,
        )
        ends = [(i, p) for i, p in enumerate(self.properties) if p.kind == "end" and p.operation == node.name]
        result.body = Typer(self, result, vars(self.module(name)), ends).block(node.body)
        if not scope.settled():  # the second pass knows the final type of every local
            result.body = Typer(self, result, vars(self.module(name)), ends).block(node.body)
        require_values(result)
        return result

    def _ast(self, name: str, fn: Callable[..., Any]) -> ast.FunctionDef:
        module, _, short = name.rpartition(".")
        line = getattr(getattr(fn, "__code__", None), "co_firstlineno", 1)
        functions = _functions(self.spec.sources[module])
        if short not in functions:
            raise LanguageError(f"{self.file(name)}:{line}", f"{short} is not a plain function at the top level of its module")
        return functions[short]


@lru_cache(maxsize=512)
def _functions(source: str) -> dict[str, ast.FunctionDef]:
    """The functions at the top level of a module; nobody changes the trees, so many programs share them."""
    return {n.name: n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)}
