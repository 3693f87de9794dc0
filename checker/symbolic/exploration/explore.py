"""Exploring to a depth, by several processes, and what it found."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from checker.errors import CheckerError
from checker.symbolic.exploration.concrete import Concrete, concrete, numbers
from checker.symbolic.exploration.search import Exploration, Node, Suspect
from checker.symbolic.exploration.tree import Session

TRIED = 8
"""Paths that violate the same clause and are made concrete; the least is kept."""

SHARE = 8
"""Paths for each process before the work is shared."""

Key = tuple[str, str, str]


@dataclass(slots=True)
class Found:
    """The result of an exploration.

    Attributes
    ----------
    paths : list of int
        By number of operations, from 0.
    depth : int
        Operations that were completed and checked.
    violations : list of Concrete
        On the plain heap, the least for each clause.
    spurious : list of Concrete
        Paths that the plain heap does not confirm: a defect of the tool, or of what the spec promises it.
    unsupported : dict
        Of properties by id and name, why they are not evaluated symbolically.
    antecedents : set of int
    explained : dict
        By finding, how often.
    stopped : str
        Why it ended early.
    """

    paths: list[int] = field(default_factory=lambda: [1])
    depth: int = 0
    violations: list[Concrete] = field(default_factory=list)
    spurious: list[Concrete] = field(default_factory=list)
    unsupported: dict[tuple[str, str], str] = field(default_factory=dict)
    antecedents: set[int] = field(default_factory=set)
    explained: dict[str, int] = field(default_factory=dict)
    questions: int = 0
    unknown: int = 0
    stopped: str = ""
    seconds: float = 0.0


def explore(
    x: Exploration,
    depth: int,
    *,
    jobs: int = 1,
    most: int | None = None,
    go_on: bool = False,
    tell: Callable[[str], None] | None = None,
) -> Found:
    """Explore all sequences of up to ``depth`` operations.

    Parameters
    ----------
    x : Exploration
    depth : int
    jobs : int
        Processes.
    most : int, optional
        Paths after which it stops as incomplete.
    go_on : bool
        Do not stop after the first number of operations with a violation.
    tell : callable, optional
        Told a line after each number of operations.
    """
    began = time.perf_counter()
    found = Found()
    frontier = [x.start()]
    while found.depth < depth and frontier and not _is_over(found, go_on):
        if jobs > 1 and len(frontier) >= SHARE * jobs:
            _share(x, found, frontier, depth, jobs, most, go_on, tell)
            break
        frontier = _level(x, found, frontier, most)
        if tell is not None and not found.stopped:
            tell(f"{found.depth} operations: {found.paths[-1]} paths, {time.perf_counter() - began:.1f} s")
    _finish(x, found)
    found.seconds = time.perf_counter() - began
    return found


def _is_over(found: Found, go_on: bool) -> bool:
    return bool(found.stopped) or (bool(found.violations or found.spurious) and not go_on)


def _level(x: Exploration, found: Found, frontier: list[Node], most: int | None) -> list[Node]:
    """One operation more on each path."""
    suspects: dict[Key, list[Suspect]] = {}
    following: list[Node] = []
    for node in frontier:
        for after, endings in x.after(node):
            if isinstance(after, Suspect):
                noted = [after]
            else:
                following.append(after)
                noted = x.check(after, endings)
            for s in noted:
                suspects.setdefault((s.property, s.name, s.clause), []).append(s)
        if most is not None and sum(found.paths) + len(following) > most:
            found.stopped = f"more than {most} paths"
            break
    _conclude(x, found, suspects)
    if not found.stopped:
        found.depth += 1
        found.paths.append(len(following))
    return following


def _conclude(x: Exploration, found: Found, suspects: dict[Key, list[Suspect]]) -> None:
    """Make what was found concrete: for each clause that was not violated yet, the least."""
    known = {(v.property, v.name, v.clause) for v in found.violations}
    for key, paths in suspects.items():
        if key in known:
            continue
        made = [(n, s) for s in paths[:TRIED] if (n := numbers(x, s)) is not None]
        for n, s in sorted(made, key=lambda pair: pair[0].size):
            shown = concrete(x, s, n)
            if shown.confirmed:
                found.violations.append(shown)
                break
            found.spurious.append(shown)
    found.violations.sort(key=lambda c: (len(c.steps), c.property, c.clause))


def _finish(x: Exploration, found: Found) -> None:
    """Take over what the exploration counted."""
    found.unsupported |= {(x.properties[i].id, x.properties[i].name): why for i, why in x.counts.unsupported.items()}
    found.antecedents |= x.setting.antecedents
    for id, n in x.counts.explained.items():
        found.explained[id] = found.explained.get(id, 0) + n
    found.questions += Session.questions
    found.unknown += Session.unknown
    Session.questions = Session.unknown = 0
    if found.unknown and not found.stopped:
        found.stopped = f"z3 left {found.unknown} questions open"


def _share(
    x: Exploration,
    found: Found,
    frontier: list[Node],
    depth: int,
    jobs: int,
    most: int | None,
    go_on: bool,
    tell: Callable[[str], None] | None,
) -> None:
    """Let each process go on with a part of the paths."""
    _finish(x, found)
    x.counts.explained.clear()
    context = multiprocessing.get_context("fork")
    workers = []
    for i in range(jobs):
        here, there = context.Pipe(duplex=False)
        rest = None if most is None else (most - sum(found.paths)) // jobs
        worker = context.Process(
            target=_work, args=(there, x, frontier[i::jobs], found.depth, depth, rest, go_on, tell if not i else None)
        )
        worker.start()
        there.close()
        workers.append((worker, here))
    parts: list[Found] = []
    for worker, here in workers:
        try:
            part = here.recv()
        except EOFError:
            raise CheckerError("a process of the exploration ended without a result") from None
        worker.join()
        if isinstance(part, BaseException):
            raise part
        parts.append(part)
    _join(found, parts, go_on)


def _join(found: Found, parts: list[Found], go_on: bool) -> None:
    """Add up the parts, as far as all of them went."""
    found.depth = min(p.depth for p in parts)
    for k in range(min(len(p.paths) for p in parts) - 1):
        found.paths.append(sum(p.paths[k + 1] for p in parts))
    violations = sorted((v for p in parts for v in p.violations), key=_order)
    first = len(violations[0].steps) if violations else 0
    seen: set[Key] = set()
    for v in violations:
        key = (v.property, v.name, v.clause)
        if key not in seen and (go_on or len(v.steps) == first):
            seen.add(key)
            found.violations.append(v)
    for p in parts:
        found.spurious += p.spurious
        found.unsupported |= p.unsupported
        found.antecedents |= p.antecedents
        found.questions += p.questions
        found.unknown += p.unknown
        found.stopped = found.stopped or p.stopped
        for id, n in p.explained.items():
            found.explained[id] = found.explained.get(id, 0) + n


def _order(c: Concrete) -> tuple[int, str, str, int]:
    """The shortest first, and of each clause the least."""
    return len(c.steps), c.property, c.clause, sum(v for s in c.steps for _, v in s.chosen)


def _work(
    out: Connection,
    x: Exploration,
    frontier: list[Node],
    done: int,
    depth: int,
    most: int | None,
    go_on: bool,
    tell: Callable[[str], None] | None,
) -> None:
    """A process's part."""
    try:
        found = Found(paths=[len(frontier)], depth=done)
        began = time.perf_counter()
        while found.depth < depth and frontier and not _is_over(found, go_on):
            frontier = _level(x, found, frontier, most)
            if tell is not None and not found.stopped:
                seconds = time.perf_counter() - began
                tell(f"{found.depth} operations: {found.paths[-1]} paths in the first process, {seconds:.1f} s")
        if not frontier and not _is_over(found, go_on):
            found.depth = depth
        _finish(x, found)
        out.send(found)
    except Exception as e:
        out.send(e if isinstance(e, CheckerError) else CheckerError(f"{type(e).__name__}: {e}"))
