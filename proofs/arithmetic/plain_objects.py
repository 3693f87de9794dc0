"""The parts of the spec about the objects in a span: typed, and as plain objects on which counterexamples are replayed."""

from __future__ import annotations

from typing import Any

from checker.frontend.program import Program
from proofs.heaps import REAL, spec_with
from spec.language import Edit
from spec.language.plain import World
from spec.language.runtime import Runtime, active
from spec.language.schema import Schema

OBJECTS, ARENAS = "objects.Objects", "mark_bits.GCBitsArenas"
"""The roots: one span with records about its objects, and the arenas of mark bits."""


def part(root: str, edits: tuple[Edit, ...] = ()) -> Program:
    """The typed functions of the spec at real scale, over the state of one of these roots alone."""
    spec = spec_with(edits)
    spec.parameters.reset(REAL)
    return Program(spec, _schema(root, edits), properties=[])


def _schema(root: str, edits: tuple[Edit, ...]) -> Schema:
    spec = spec_with(edits)
    module, _, name = root.rpartition(".")
    return Schema(getattr(spec.modules[module], name), spec.parameters, threads=1)


class PlainPart:
    """The objects of a part of the spec at real scale, all of their cells 0.

    Parameters
    ----------
    root : str
        The class of the root.
    edits : tuple of Edit
        Of the spec.
    """

    def __init__(self, root: str, edits: tuple[Edit, ...] = ()) -> None:
        self.spec = spec_with(edits)
        self.spec.parameters.reset(REAL)
        self.root: Any = World(_schema(root, edits)).root

    def call(self, name: str, *args: Any) -> Any:
        """Call a function of the spec by its name, such as ``division.obj_index``."""
        module, _, function = name.rpartition(".")
        with active(Runtime(self.spec.parameters)):
            return getattr(self.spec.modules[module], function)(*args)
