"""Fair lassos: an infinite run on which a goal never comes about although every fair thread is treated fairly.

Such a run stays, from some point on, in one strongly connected component of the states without the goal. Weak fairness of
a thread can be kept there if some state of the component disables the thread or some step inside is its own; a loop that
visits such a state or step for every fair thread is the counterexample. A state in which no thread can step is a
component too: it lasts for ever.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from checker.search.graph import StateGraph

_NONE = -1


@dataclass(frozen=True, slots=True)
class Lasso:
    """A run without the goal, as numbers of steps; an empty loop is a last state that lasts for ever."""

    prefix: tuple[int, ...]
    loop: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stay:
    """Where a run can stay for ever, be fair, and owe the goal.

    Attributes
    ----------
    entry : int
        The nearest such state.
    prefix : tuple of int
        The steps of a shortest way there on which the condition holds once and the goal never from then on.
    component : sequence of int
        For each state that can owe the goal, the number of its strongly connected component among these states.
    """

    entry: int
    prefix: tuple[int, ...]
    component: Sequence[int]


Find = Callable[[StateGraph, int, Sequence[int]], Stay | None]
"""How it is found: by `find_stay`, or by machine code that takes the same steps."""


def find_stay(graph: StateGraph, number: int, fair: Sequence[int]) -> Stay | None:
    """Where a run can stay for ever; see `find_lasso` for the arguments."""
    pending = _Pending(graph, number)
    inside = bytearray(graph.states)
    for s in pending.order:
        inside[s] = 1
    component = components(graph, inside)
    kept = _fair_components(graph, component, pending.order, fair)
    for entry in pending.order:
        if component[entry] in kept:
            return Stay(entry, way(graph, pending.before, pending.since, entry), component)
    return None


def find_lasso(graph: StateGraph, number: int, fair: Sequence[int], find: Find = find_stay) -> Lasso | None:
    """The lasso with the shortest prefix on which a condition holds once and the goal never from then on.

    Parameters
    ----------
    graph : StateGraph
        With a state 0.
    number : int
        Of the property whose marks are looked at.
    fair : sequence of int
        The threads that the run must treat fairly.
    find : callable
    """
    stay = find(graph, number, fair)
    return None if stay is None else Lasso(stay.prefix, _loop(graph, stay.component, stay.entry, fair))


class _Pending:
    """The states that a run can be in while it owes the goal, nearest first, and the shortest ways there.

    One breadth-first search in two layers: before the condition held, and since then without the goal.
    """

    def __init__(self, graph: StateGraph, number: int) -> None:
        after, goal = 1 << (2 * number), 2 << (2 * number)
        self.before = array("q", [_NONE]) * graph.states
        self.since = array("q", [_NONE]) * graph.states
        self.order: list[int] = []
        met, owing = bytearray(graph.states), bytearray(graph.states)
        met[0] = 1
        level, owed = [0], list[int]()
        while level or owed:
            for s in level:
                if graph.marks[s] & (after | goal) == after and not owing[s]:
                    owing[s] = 1
                    owed.append(s)
            self.order += owed
            following, still = [], []
            for s in level:
                for e in graph.steps(s):
                    t = graph.target[e]
                    if not met[t]:
                        met[t] = 1
                        self.before[t] = e
                        following.append(t)
            for s in owed:
                for e in graph.steps(s):
                    t = graph.target[e]
                    if not owing[t] and not graph.marks[t] & goal:
                        owing[t] = 1
                        self.since[t] = e
                        still.append(t)
            level, owed = following, still


def way(graph: StateGraph, before: Sequence[int], since: Sequence[int], state: int) -> tuple[int, ...]:
    """The steps from state 0 to where the condition holds, and on to a state without the goal.

    ``before`` and ``since`` hold, for each state, the step by which it was reached in these two parts, or -1.
    """
    out = []
    for came in (since, before):
        while came[state] != _NONE:
            out.append(came[state])
            state = bisect_right(graph.offsets, came[state]) - 1
    return tuple(reversed(out))


def components(graph: StateGraph, inside: Sequence[int]) -> array[int]:
    """The number of the strongly connected component of each state that is ``inside``; -1 for the others.

    Tarjan's algorithm without recursion: ``low`` is the least state number on the stack that is reached from here.
    """
    component = array("q", [_NONE]) * graph.states
    number = array("q", [_NONE]) * graph.states
    low = array("q", [0]) * graph.states
    following = array("Q", graph.offsets[:-1])
    offsets, target = graph.offsets, graph.target
    found = count = 0
    for root in range(graph.states):
        if not inside[root] or number[root] != _NONE:
            continue
        number[root] = low[root] = found
        found += 1
        path, open_ = [root], [root]
        while path:
            s = path[-1]
            e = following[s]
            if e < offsets[s + 1]:
                following[s] = e + 1
                t = target[e]
                if not inside[t]:
                    continue
                if number[t] == _NONE:
                    number[t] = low[t] = found
                    found += 1
                    path.append(t)
                    open_.append(t)
                elif component[t] == _NONE and number[t] < low[s]:
                    low[s] = number[t]
                continue
            path.pop()
            if path and low[s] < low[path[-1]]:
                low[path[-1]] = low[s]
            if low[s] == number[s]:
                while True:
                    t = open_.pop()
                    component[t] = count
                    if t == s:
                        break
                count += 1
    return component


def _fair_components(graph: StateGraph, component: Sequence[int], states: list[int], fair: Sequence[int]) -> set[int]:
    """The components in which a run can stay for ever and be fair."""
    wanted = sum(1 << t for t in fair)
    seen: dict[int, int] = {}
    lasting: set[int] = set()
    for s in states:
        c = component[s]
        kept = ~graph.enabled[s] & wanted
        for e in graph.steps(s):
            if component[graph.target[e]] == c:
                kept |= 1 << graph.thread[e]
                lasting.add(c)
        if graph.terminal(s):
            lasting.add(c)
        seen[c] = seen.get(c, 0) | kept
    return {c for c in lasting if seen[c] & wanted == wanted}


def _loop(graph: StateGraph, component: Sequence[int], entry: int, fair: Sequence[int]) -> tuple[int, ...]:
    """A loop through an entry and, for each fair thread, a state that disables it or a step of its own; greedily short."""
    if graph.terminal(entry):
        return ()
    owed = sum(1 << t for t in fair) & graph.enabled[entry]
    at, out = entry, list[int]()
    while owed:
        way = _way(graph, component, at, partial(_serves, graph, owed))
        for e in way:
            owed &= ~_kept(graph, e)
        out += way
        at = graph.target[out[-1]]
    if not out or at != entry:
        out += _way(graph, component, at, lambda e: graph.target[e] == entry)
    return tuple(out)


def _serves(graph: StateGraph, owed: int, step: int) -> bool:
    """Whether a step is fair to one of these threads."""
    return owed & _kept(graph, step) != 0


def _kept(graph: StateGraph, step: int) -> int:
    """The threads that a step is fair to: its own, and those that the state behind it disables."""
    return 1 << graph.thread[step] | ~graph.enabled[graph.target[step]]


def _way(graph: StateGraph, component: Sequence[int], start: int, wanted: Callable[[int], bool]) -> list[int]:
    """A shortest way of at least one step, inside the start's component, whose last step is wanted."""
    came: dict[int, tuple[int, int]] = {}
    level = [start]
    while level:
        following = []
        for s in level:
            for e in graph.steps(s):
                t = graph.target[e]
                if component[t] != component[start]:
                    continue
                if wanted(e):
                    out = [e]
                    while s != start:
                        step, s = came[s]
                        out.append(step)
                    return out[::-1]
                if t not in came and t != start:
                    came[t] = (e, s)
                    following.append(t)
        level = following
    raise AssertionError("a strongly connected component holds no such step; it was not computed as one")
