"""The heap that claims are about: linux/amd64, with the parameters that matter left open."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.load import Spec, load
from spec import scale
from spec.language import Edit
from spec.language.schema import Schema

REAL: Mapping[str, int] = {**scale.REAL, "spans": 1}
"""linux/amd64: 512 GB of arena. ``spans`` only sizes the plain heap; record numbers are not bounded by it."""


@lru_cache(maxsize=16)
def spec_with(edits: tuple[Edit, ...] = ()) -> Spec:
    """The installed spec with edits applied, loaded once."""
    return load(edits=edits)


def variant(name: str) -> tuple[Edit, ...]:
    """The edits of a known bug."""
    return spec_with().variants[name].edits


def program(edits: tuple[Edit, ...] = (), **parameters: int) -> Program:
    """The typed functions of the spec at real scale."""
    spec = spec_with(edits)
    spec.parameters.reset({**REAL, **parameters})
    root = next(iter(spec.scenarios.values())).root
    return Program(spec, Schema(root, spec.parameters, threads=1), properties=[])


def typed(made: Program, name: str) -> t.Function:
    """A function by its name in the spec, such as ``free.free_span_locked``."""
    module, _, function = name.rpartition(".")
    return made.function(getattr(made.spec.modules[module], function))
