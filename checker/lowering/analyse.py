"""Analyses over a thread's graph: which cuts fall away, and which locals live across the others."""

from __future__ import annotations

from checker.errors import LanguageError
from checker.frontend import tree as t
from checker.lowering.effects import Effects
from checker.lowering.graph import Block, Graph
from checker.lowering.live_locals import live_locals


def finish(graph: Graph, effects: Effects, constants: set[str]) -> Graph:
    """Drop unreachable blocks and needless cuts, then compute what is saved at each remaining cut.

    Parameters
    ----------
    constants : set of str
        Locals that need not be saved, because each thread knows their value.
    """
    _prune(graph)
    _protected_loads(graph, effects)
    _silent(graph, effects)
    _prune(graph)
    _liveness(graph, effects, constants)
    return graph


def _prune(graph: Graph) -> None:
    """Keep reachable blocks, and join a block without a cut to its only predecessor."""
    blocks = graph.blocks
    order = _reachable(blocks)
    entries = [0] * len(blocks)
    entries[0] = 1
    for b in order:
        for s in blocks[b].successors():
            entries[s] += 1
    joined: set[int] = set()
    for b in order:
        block = blocks[b]
        while b not in joined and block.test is None and block.then is not None and block.then != b:
            nxt = blocks[block.then]
            if nxt.cut is not None or entries[block.then] != 1:
                break
            joined.add(block.then)
            block.stmts += nxt.stmts
            block.test, block.then, block.other = nxt.test, nxt.then, nxt.other
    order = _reachable(blocks)
    number = {b: i for i, b in enumerate(order)}
    for b in order:
        block = blocks[b]
        block.then = None if block.then is None else number[block.then]
        block.other = None if block.other is None else number[block.other]
    graph.blocks = [blocks[b] for b in order]


def _reachable(blocks: list[Block]) -> list[int]:
    seen, todo = {0}, [0]
    while todo:
        for s in blocks[todo.pop()].successors():
            if s not in seen:
                seen.add(s)
                todo.append(s)
    return sorted(seen)


def _protected_loads(graph: Graph, effects: Effects) -> None:
    """A racy load is no scheduling point where the thread holds the root's lock that protects the field."""
    root, held = effects.program.schema.root, held_locks(graph)
    for b, block in enumerate(graph.blocks):
        for s in block.successors():
            odd = held[s] ^ _after(block, held[b])
            if odd:
                names = ", ".join(sorted(f"{record}.{name}" for record, name in odd))
                raise LanguageError(
                    _place(graph, s, effects),
                    f"lock {names} is held on one path to here and not on another; release it on both",
                )
    for b, block in enumerate(graph.blocks):
        if block.cut is not None and block.cut.kind == "load" and (root, block.cut.lock) in held[b]:
            block.cut = None


def held_locks(graph: Graph) -> dict[int, frozenset[tuple[str, str]]]:
    """The locks that the thread holds at the beginning of each block, as (record, field), on the first path found."""
    held: dict[int, frozenset[tuple[str, str]]] = {0: frozenset()}
    todo = [0]
    while todo:
        b = todo.pop()
        now = _after(graph.blocks[b], held[b])
        for s in graph.blocks[b].successors():
            if s not in held:
                held[s] = now
                todo.append(s)
    return held


def _after(block: Block, held: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """The locks that the thread holds behind a block, given those before it."""
    now = set(held)
    for s in block.stmts:
        if isinstance(s, t.Acquire):
            now.add((s.record, s.field))
        elif isinstance(s, t.Release):
            now.discard((s.record, s.field))
    return frozenset(now)


def _place(graph: Graph, b: int, effects: Effects) -> str:
    """Where a block begins, as ``file:line``."""
    seen, todo = {b}, [b]
    while todo:
        block = graph.blocks[todo.pop(0)]
        if block.cut is not None:
            function, line = block.cut.position[-1]
            return f"{effects.program.file(function)}:{line}"
        places = [s.place for s in block.stmts] + ([block.test.place] if block.test is not None else [])
        if places:
            return str(places[0])
        todo += [s for s in block.successors() if s not in seen]
        seen.update(block.successors())
    return str(effects.program.functions[graph.function].place)


def _silent(graph: Graph, effects: Effects) -> None:
    """A cut after a release falls away when nothing that others can see happens before the next cut."""

    def quiet(b: int, seen: set[int]) -> bool:
        block = graph.blocks[b]
        if any(effects.touches(s) for s in block.stmts) or (block.test is not None and effects.expr_touches(block.test)):
            return False
        for s in block.successors():
            if graph.blocks[s].cut is None and s not in seen:
                seen.add(s)
                if not quiet(s, seen):
                    return False
        return True

    for b, block in enumerate(graph.blocks):
        if block.cut is not None and block.cut.kind == "released" and quiet(b, {b}):
            graph.silent.add(block.cut.position)
            block.cut = None


def _liveness(graph: Graph, effects: Effects, constants: set[str]) -> None:
    live = live_locals(graph.blocks)
    for b in graph.cuts():
        names = sorted(n for n in live[b] if n not in constants and not _single(graph.types[n], effects))
        for n in names:
            kind = graph.types[n]
            if kind.kind == "int" and kind.scalar is None:
                cut = graph.blocks[b].cut
                assert cut is not None
                function, line = cut.position[-1]
                place = effects.program.file(function)
                short = n.rsplit("_", 1)[0]
                raise LanguageError(
                    f"{place}:{line}",
                    f"local {short!r} lives across this scheduling point, and its range is unknown; "
                    f"annotate its first assignment, as in '{short}: Uintptr = ...'",
                )
        graph.live[b] = names


def _single(kind: t.Type, effects: Effects) -> bool:
    """Whether a reference leads to the root: any other may turn out to be None, whatever its annotation says."""
    return kind.kind == "ref" and not kind.nullable and kind.record == effects.program.schema.root
