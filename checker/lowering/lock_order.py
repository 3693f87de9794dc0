"""In which order the root's locks are taken: a cycle is a deadlock that waits for its schedule.

Static: every path through a thread's graph counts, whether or not a schedule takes it.
"""

from __future__ import annotations

from collections.abc import Iterable

from checker.frontend import tree as t
from checker.lowering.analyse import held_locks
from checker.lowering.graph import Graph, Position

Pair = tuple[str, str]


def lock_order(graph: Graph, root: str) -> dict[Pair, Position]:
    """The pairs (held, taken) of the root's locks in one thread's graph, each with a position where it is taken.

    Parameters
    ----------
    graph : Graph
        Finished.
    root : str
        The type of the root record.
    """
    out: dict[Pair, Position] = {}
    for b, held in sorted(held_locks(graph).items()):
        cut = graph.blocks[b].cut
        if cut is not None and isinstance(cut.stmt, t.Acquire) and cut.stmt.record == root:
            for record, name in sorted(held):
                if record == root:
                    out.setdefault((name, cut.stmt.field), cut.position)
    return out


def cycles(pairs: Iterable[Pair]) -> list[tuple[str, ...]]:
    """The shortest cycles of a lock order, one through each lock that lies on any; each begins with its least lock.

    A lock that is taken while it is held is a cycle of one.
    """
    after: dict[str, set[str]] = {}
    for held, taken in pairs:
        after.setdefault(held, set()).add(taken)
    found: set[tuple[str, ...]] = set()
    for start in sorted(after):
        path = _back_to(start, after)
        if path:
            least = path.index(min(path))
            found.add((*path[least:], *path[:least]))
    return sorted(found)


def _back_to(start: str, after: dict[str, set[str]]) -> tuple[str, ...]:
    """A shortest way from a lock back to itself, without the return; empty if there is none."""
    todo: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    while todo:
        path = todo.pop(0)
        for name in sorted(after.get(path[-1], ())):
            if name == start:
                return path
            if name not in seen:
                seen.add(name)
                todo.append((*path, name))
    return ()
