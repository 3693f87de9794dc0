"""Parameters of a symbolic execution: most have their value, a few are variables.

What the schema fixed from a parameter that is a variable (a length, a range, a derived value) would be wrong for
other values of it, so its use is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args, get_origin, get_type_hints

from checker.symbolic.number import Num, SymbolicError, num
from spec.language import Parameters, Range, Size, Wrap
from spec.language.schema import Schema


class Scope:
    """The values of parameters, and which declarations depend on a variable one.

    Parameters
    ----------
    schema : Schema
        Made with the constant parameters set.
    variables : mapping
        The parameters that are variables.
    """

    def __init__(self, schema: Schema, variables: Mapping[str, Num]) -> None:
        self.schema = schema
        self.variables = dict(variables)
        self._parameters: Any = schema.parameters
        self._dependent: dict[tuple[str, str], str] = {}

    def value(self, name: str, place: str) -> Num:
        """A parameter, declared or derived, as the spec reads it.

        Raises
        ------
        SymbolicError
            It is derived from a variable.
        """
        if name in self.variables:
            return self.variables[name]
        self._constant(name, place)
        return num(getattr(self._parameters, name))

    def check(self, record: str, field: str, place: str) -> None:
        """Refuse a field whose length, range or width depends on a variable."""
        if not self.variables:
            return
        if (record, field) not in self._dependent:
            self._dependent[record, field] = self._why(record, field)
        if self._dependent[record, field]:
            raise SymbolicError(place, f"{record}.{field} {self._dependent[record, field]}; give this parameter a value")

    def _why(self, record: str, field: str) -> str:
        hint = get_type_hints(self.schema.records[record].cls, include_extras=True)[field]
        for mark in _marks(hint):
            for bound in _bounds(mark):
                try:
                    if isinstance(bound, str):
                        self._constant(bound, "")
                except SymbolicError as e:
                    return f"is declared by {bound!r}, and {e}".replace(": ", "", 1)
        return ""

    def _constant(self, name: str, place: str) -> None:
        if name in self.variables:
            raise SymbolicError(place, f"the parameter {name!r} is a variable here")
        derived = getattr(type(self._parameters), name, None)
        if isinstance(derived, property) and derived.fget is not None:
            derived.fget(_Watched(self, place))


class _Watched:
    """Stands for the parameters in a derived one, and refuses to tell a variable."""

    def __init__(self, scope: Scope, place: str) -> None:
        self._scope = scope
        self._place = place

    def __getattr__(self, name: str) -> Any:
        parameters: Parameters = self._scope.schema.parameters
        self._scope._constant(name, self._place)
        return getattr(parameters, name)


def _marks(hint: Any) -> list[object]:
    if get_origin(hint) is list:
        return _marks(get_args(hint)[0])
    if get_args(hint) and hasattr(hint, "__metadata__"):
        return [*_marks(get_args(hint)[0]), *hint.__metadata__]
    return []


def _bounds(mark: object) -> tuple[object, ...]:
    if isinstance(mark, Range):
        return (mark.lo, mark.hi)
    if isinstance(mark, Wrap):
        return (mark.bits,)
    return (mark.of,) if isinstance(mark, Size) else ()
