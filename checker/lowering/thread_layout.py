"""Where a thread's record lies in the state: its label (0 = returned) and the locals that live there, the rest zero."""

from __future__ import annotations

from dataclasses import dataclass

from checker.lowering.graph import Graph
from checker.lowering.layout import width_of
from spec.language.schema import Scalar, Schema


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a saved local lies, relative to the thread's record."""

    name: str
    offset: int
    width: int
    bias: int
    scalar: Scalar


@dataclass(slots=True)
class ThreadLayout:
    """The record of one thread: label at ``base``, then the locals saved at each label.

    Attributes
    ----------
    labels : dict
        Label of each block with a cut, from 1.
    slots : dict
        Saved locals by block.
    """

    base: int
    label_width: int
    size: int
    labels: dict[int, int]
    slots: dict[int, list[Slot]]


def thread_layout(graph: Graph, base: int, schema: Schema) -> ThreadLayout:
    """Lay out one thread's record behind ``base``."""
    cuts = graph.cuts()
    label_width = 1 if len(cuts) < 256 else 2
    slots: dict[int, list[Slot]] = {}
    size = label_width
    for b in cuts:
        offset, slots[b] = label_width, []
        for name in graph.live[b]:
            kind = graph.types[name]
            if kind.kind == "bool":
                scalar = Scalar("bool", 0, 1)
            elif kind.kind == "ref":
                scalar = Scalar("ref", 0, schema.records[kind.record].count, kind.record)
            else:
                assert kind.scalar is not None
                scalar = kind.scalar
            width = width_of(scalar)
            slots[b].append(Slot(name, offset, width, min(scalar.lo, 0), scalar))
            offset += width
        size = max(size, offset)
    return ThreadLayout(base, label_width, size, {b: i + 1 for i, b in enumerate(cuts)}, slots)
