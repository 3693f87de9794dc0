"""Cells by path, and the nested records and arrays that a reader of ITF expects: one from the other.

A path is an identifier, then indices and further identifiers: ``lock``, ``os.page[2]``, ``pools[1].slots[0].owner``. The
first ones are the variables. A cell of which that cannot be made is a variable of its own, ``cell`` and the whole path.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Sequence

from checker.trace.shape import Misshapen, listed, members, short
from checker.trace.trace import Value
from checker.trace.typed import decode, encode_value

MAX_PARTS = 32
"""Names and indices in one path; a heap's records are nested two or three deep."""

MAX_CELLS = 1 << 15
"""Cells of a state; the scenarios of the heap have some two hundred."""

_PART = re.compile(r"(?:\A|\.)([^.\[\]]+)|\[(0|[1-9][0-9]{0,5})\]")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

_Node = int | dict[str, "_Node"] | list["_Node"]
"""What stands at a place of a state: the number of a cell, a record by field, or an array."""


class _Map(dict[str, _Node]):
    """A record that is written as a map, since readers would make something else of an object with its fields."""


class _Tangled(Exception):
    """Paths do not fit together."""


class Layout:
    """How the cells of a state nest.

    Parameters
    ----------
    cells : sequence of str
        All paths of a state, in its order.

    Attributes
    ----------
    cells : tuple of str
    variables : tuple of str
        In the order in which their first cells occur.

    Raises
    ------
    ValueError
        A path occurs twice, or there are too many.
    """

    def __init__(self, cells: Sequence[str]) -> None:
        if len(cells) > MAX_CELLS:
            raise ValueError(f"a state has {len(cells):,} cells; at most {MAX_CELLS:,} were expected")
        self.cells = tuple(cells)
        groups: dict[str, dict[str, int]] = {}
        for number, cell in enumerate(cells):
            way = parts(cell)
            group = groups.setdefault(str(way[0]) if way else _alone(cell), {})
            if cell in group:
                raise ValueError(f"the cell {short(cell)} occurs twice")
            group[cell] = number
        self._root: dict[str, _Node] = {}
        for name, group in groups.items():
            try:
                self._root[name] = _tree(group)
            except _Tangled:
                self._root.update({_alone(cell): number for cell, number in group.items()})
        self.variables = tuple(self._root)

    def nest(self, values: Sequence[Value]) -> dict[str, object]:
        """The variables of a state as JSON, from its values in the order of the cells."""
        return {name: _nested(node, values) for name, node in self._root.items()}

    def flatten(self, state: dict[str, object]) -> list[Value]:
        """The values of a state in the order of the cells, from its variables.

        Raises
        ------
        Misshapen
            The state lacks a cell, has others, or has something else than a value in one.
        """
        values: list[Value] = [0] * len(self.cells)
        _flatten(self._root, state, values)
        return values


def parts(cell: str) -> tuple[str | int, ...]:
    """The names and indices of a path; none if it is no path, or a longer one than any heap has."""
    out: list[str | int] = []
    at = 0
    while at < len(cell) and len(out) < MAX_PARTS:
        match = _PART.match(cell, at)
        if match is None or not (match[1] is None or match[1].isidentifier()):
            break
        out.append(int(match[2]) if match[1] is None else match[1])
        at = match.end()
    return () if at < len(cell) or not out or isinstance(out[0], int) else tuple(out)


def _alone(cell: str) -> str:
    """The variable of a cell that nests nowhere; no identifier has a space."""
    return f"cell {cell}"


def _tree(group: dict[str, int]) -> _Node:
    """The cells of one variable, nested."""
    top: dict[str | int, object] = {}
    for cell, number in group.items():
        node = top
        *way, last = parts(cell) or (cell,)
        for part in way:
            inner = node.setdefault(part, {})
            if not isinstance(inner, dict):
                raise _Tangled  # a cell lies within another one
            node = inner
        if last in node:
            raise _Tangled
        node[last] = number
    return _settled(next(iter(top.values())))


def _settled(node: object) -> _Node:
    """A node with its arrays as lists, and its records as they are written."""
    if isinstance(node, int):
        return node
    assert isinstance(node, dict)
    indices = [key for key in node if isinstance(key, int)]
    if not indices:
        fields = {name: _settled(inner) for name, inner in node.items()}
        return _Map(fields) if _misleading(fields) else fields
    if len(indices) < len(node) or max(indices) >= len(node):
        raise _Tangled  # fields beside indices, or an index is missing
    return [_settled(node[i]) for i in range(len(node))]


def _misleading(fields: dict[str, _Node]) -> bool:
    """Whether readers take an object of these fields for a variant, or cannot make a record of it."""
    unusual = any(not _FIELD.fullmatch(name) or keyword.iskeyword(name) for name in fields)
    return unusual or fields.keys() == {"tag", "value"}


def _nested(node: _Node, values: Sequence[Value]) -> object:
    if isinstance(node, int):
        return encode_value(values[node])
    if isinstance(node, list):
        return [_nested(inner, values) for inner in node]
    fields = {name: _nested(inner, values) for name, inner in node.items()}
    return {"#map": [[name, inner] for name, inner in fields.items()]} if isinstance(node, _Map) else fields


def _flatten(node: _Node, seen: object, values: list[Value]) -> None:
    if isinstance(node, int):
        values[node] = decode(Value, seen)
        return
    held: Iterable[tuple[str | int, _Node, object]]
    if isinstance(node, list):
        held = zip(range(len(node)), node, listed(seen, len(node)), strict=True)
    else:
        fields = members(seen, node)
        held = ((name, inner, fields[name]) for name, inner in node.items())
    for key, inner, value in held:
        try:
            _flatten(inner, value, values)
        except Misshapen as e:
            raise e.within(key) from None
