"""The facts of a trace as JSON and back, after the types that its dataclasses declare.

What is read is checked against them; nothing that is not declared is accepted. A number that is declared as one is a
JSON number; where a cell's content or a parameter stands, which may be another thing too, it is ``{"#bigint": "n"}``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from checker.trace.shape import Misshapen, items, look, members, short, text

_WORDS = {str: "a text", int: "a whole number", bool: "true or false", NoneType: "null"}


def decode(hint: Any, value: object) -> Any:
    """A value of a declared type from JSON.

    Parameters
    ----------
    hint : type
        A scalar, a dataclass, a union, a tuple or a frozenset of such.
    value : object
        As `checker.trace.scan` gives it.

    Raises
    ------
    Misshapen
    """
    return _decoder(hint)(value)


def decode_fields(cls: type, value: Mapping[str, object], names: Iterable[str]) -> dict[str, Any]:
    """Some fields of a dataclass from the object that has them."""
    hints, out = hints_of(cls), {}
    for name in names:
        try:
            out[name] = _decoder(hints[name])(value[name])
        except Misshapen as e:
            raise e.within(name) from None
    return out


def encode(hint: Any, value: Any) -> object:
    """The JSON of a value of a declared type."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return encode(type(value), value) if _declared(type(value)) else encode_value(value)
    if origin is tuple:
        each = [args[0]] * len(value) if args[-1] is Ellipsis else args
        return [encode(h, v) for h, v in zip(each, value, strict=True)]
    if origin is frozenset:
        return sorted(value)
    return encode_fields(value, names_of(hint)) if _declared(hint) else value


def encode_fields(value: Any, names: Iterable[str]) -> dict[str, object]:
    """The JSON of some fields of a dataclass."""
    cls: Any = type(value)
    hints = hints_of(cls)
    return {name: encode(hints[name], getattr(value, name)) for name in names}


def encode_value(value: int | bool | str | None) -> object:
    """The JSON of a value that may be of several types: an integer as ITF has it, all else as it is."""
    return {"#bigint": str(value)} if type(value) is int else value


@cache
def hints_of(cls: Any) -> dict[str, Any]:
    """The types of a dataclass's fields."""
    return get_type_hints(cls)


@cache
def names_of(cls: Any) -> tuple[str, ...]:
    """The names of a dataclass's fields."""
    return tuple(f.name for f in fields(cls))


def _declared(hint: Any) -> bool:
    return is_dataclass(hint)


@cache
def _decoder(hint: Any) -> Callable[[object], Any]:
    origin, args = get_origin(hint), get_args(hint)
    if hint is str:
        return text
    if origin in (Union, UnionType):
        return _Either(args)
    if origin is tuple and args[-1] is Ellipsis:
        return lambda value: items(value, _decoder(args[0]))
    if origin is tuple:
        return _Row(args)
    if origin is frozenset:
        return _unlike
    if _declared(hint):
        return lambda value: hint(**decode_fields(hint, members(value, names_of(hint)), names_of(hint)))
    return _Either((hint,))


class _Either:
    """Reads a value of one of several types: scalars, and at most one dataclass."""

    def __init__(self, types: tuple[Any, ...]) -> None:
        self._scalars = {t for t in types if t in _WORDS}
        self._other = next((t for t in types if t not in _WORDS), None)
        self._words = " or ".join([_WORDS.get(t, "an object") for t in types])

    def __call__(self, value: object) -> Any:
        look(value)
        if type(value) in self._scalars:
            return text(value) if isinstance(value, str) else value
        if self._other is not None and isinstance(value, dict):
            return decode(self._other, value)
        raise Misshapen(f"{self._words} was expected, not {short(value)}")


class _Row:
    """Reads a list of fixed length, each place with a type of its own."""

    def __init__(self, types: tuple[Any, ...]) -> None:
        self._types = types

    def __call__(self, value: object) -> tuple[Any, ...]:
        types = iter(self._types)
        return items(value, lambda item: decode(next(types), item), len(self._types))


def _unlike(value: object) -> frozenset[str]:
    """Texts of which no two are the same."""
    known: set[str] = set()

    def one(item: object) -> None:
        name = text(item)
        if name in known:
            raise Misshapen(f"{short(name)} occurs twice")
        known.add(name)

    items(value, one)
    return frozenset(known)
