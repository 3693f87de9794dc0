"""The search for fair lassos against the definition: every set of states is tried as what a run stays in for ever."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from hypothesis import example, given, settings
from hypothesis import strategies as st

from checker.search.graph import StateGraph
from checker.search.liveness import Lasso, components, find_lasso

Edge = tuple[int, int, int]
"""Source, target, thread."""


@dataclass(frozen=True)
class Case:
    """A small graph: edges, threads that are enabled without a step, and where condition and goal hold."""

    states: int
    edges: tuple[Edge, ...]
    stuck: tuple[int, ...]
    after: tuple[bool, ...]
    goal: tuple[bool, ...]
    fair: tuple[int, ...]
    expanded: int

    def graph(self) -> StateGraph:
        """As the search takes it: rows, and nothing behind the states that are not expanded."""
        graph = StateGraph(expanded=self.expanded)
        for s in range(self.states):
            enabled = self.stuck[s] if s < self.expanded else 0
            for _, target, thread in self.steps(s):
                graph.target.append(target)
                graph.thread.append(thread)
                graph.choice.append(0)
                enabled |= 1 << thread
            graph.offsets.append(len(graph.target))
            graph.enabled.append(enabled)
            graph.marks.append(self.after[s] | 2 * self.goal[s])
        return graph

    def steps(self, s: int) -> list[Edge]:
        """A state's edges."""
        return [e for e in sorted(self.edges) if e[0] == s < self.expanded]

    def enabled(self, s: int) -> set[int]:
        """The threads that can step."""
        return {t for _, _, t in self.steps(s)} | {t for t in range(3) if s < self.expanded and self.stuck[s] >> t & 1}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Up to six states and three threads."""
    n = draw(st.integers(1, 6))
    state = st.integers(0, n - 1)
    bits = st.tuples(*[st.booleans()] * n)
    return Case(
        states=n,
        edges=tuple(draw(st.lists(st.tuples(state, state, st.integers(0, 2)), max_size=14, unique=True))),
        stuck=draw(st.tuples(*[st.sampled_from((0, 0, 0, 1, 2, 4))] * n)),
        after=draw(bits),
        goal=draw(bits),
        fair=tuple(draw(st.sets(st.integers(0, 2)))),
        expanded=draw(st.integers(max(1, n - 1), n)),
    )


def distances(case: Case) -> dict[tuple[int, bool], int]:
    """Steps to each state before the goal is owed (False) and while it is (True), by relaxation."""
    out = {(0, False): 0}
    changed = True
    while changed:
        changed = False
        for (s, owed), d in list(out.items()):
            following = [((s, True), d)] if not owed and case.after[s] and not case.goal[s] else []
            following += [((t, owed), d + 1) for _, t, _ in case.steps(s) if not (owed and case.goal[t])]
            for key, length in following:
                if length < out.get(key, 99):
                    out[key] = length
                    changed = True
    return out


def lasting(case: Case, inside: set[int]) -> bool:
    """Whether a fair run can visit just these states again and again."""
    edges = [e for s in inside for e in case.steps(s) if e[1] in inside]
    for s in inside:
        seen, todo = set(), [s]
        while todo:
            at = todo.pop()
            for a, b, _ in edges:
                if a == at and b not in seen:
                    seen.add(b)
                    todo.append(b)
        if seen != inside:
            ends = len(inside) == 1 and s < case.expanded and not case.enabled(s)
            if not ends:
                return False
    return all(any(t not in case.enabled(s) for s in inside) or any(e[2] == t for e in edges) for t in case.fair)


def nearest(case: Case) -> int | None:
    """The length of the shortest prefix of a violation; None if there is none."""
    known = distances(case)
    owing = [s for s in range(case.states) if (s, True) in known and not case.goal[s]]
    found = []
    for chosen in product((False, True), repeat=len(owing)):
        inside = {s for s, c in zip(owing, chosen, strict=True) if c}
        if inside and lasting(case, inside):
            found.append(min(known[s, True] for s in inside))
    return min(found, default=None)


def walk(case: Case, graph: StateGraph, lasso: Lasso) -> None:
    """The lasso is a run, it closes, owes the goal throughout, and is fair."""
    states = [0]
    for e in (*lasso.prefix, *lasso.loop):
        assert e in graph.steps(states[-1])
        states.append(graph.target[e])
    entry = len(lasso.prefix)
    assert states[entry] == states[-1]
    since = max([i for i, s in enumerate(states) if case.goal[s]], default=-1) + 1
    assert since <= entry
    assert any(case.after[s] for s in states[since : entry + 1])
    loop = states[entry:]
    assert lasso.loop or not case.enabled(loop[0])
    for t in case.fair:
        assert any(t not in case.enabled(s) for s in loop) or t in {graph.thread[e] for e in lasso.loop}


TWO_LOOPS = Case(3, ((0, 1, 0), (1, 0, 0), (1, 2, 1), (2, 1, 1)), (2, 0, 1), (True,) * 3, (False,) * 3, (0, 1), 3)
"""Both threads are enabled throughout: neither loop alone is fair to both, going round both is."""


@example(TWO_LOOPS)
@settings(max_examples=1_000, deadline=None)
@given(cases())
def test_a_lasso_is_found_exactly_where_the_definition_has_one(case: Case) -> None:
    graph = case.graph()
    lasso = find_lasso(graph, 0, case.fair)
    expected = nearest(case)
    assert (None if lasso is None else len(lasso.prefix)) == expected
    if lasso is not None:
        walk(case, graph, lasso)
        assert find_lasso(graph, 0, case.fair) == lasso


def test_a_loop_goes_through_all_that_it_owes() -> None:
    lasso = find_lasso(TWO_LOOPS.graph(), 0, TWO_LOOPS.fair)
    assert lasso is not None
    assert (len(lasso.prefix), len(lasso.loop)) == (0, 4)


@settings(max_examples=300, deadline=None)
@given(cases())
def test_components_are_what_reaches_one_another(case: Case) -> None:
    graph = case.graph()
    inside = [not g for g in case.goal]
    reach = {(s, s) for s in range(case.states)} | {(a, b) for s in range(case.states) for a, b, _ in case.steps(s)}
    reach = {(a, b) for a, b in reach if inside[a] and inside[b]}
    for k, a, b in product(range(case.states), repeat=3):
        if (a, k) in reach and (k, b) in reach:
            reach.add((a, b))
    component = components(graph, inside)
    for a, b in product(range(case.states), repeat=2):
        if inside[a] and inside[b]:
            assert (component[a] == component[b]) == ((a, b) in reach and (b, a) in reach)
    assert all((component[s] == -1) != inside[s] for s in range(case.states))


def test_a_component_may_be_longer_than_the_stack_is_deep() -> None:
    n = 50_000
    ring = Case(n, (), (), (True,) * n, (False,) * n, (0,), n)
    graph = StateGraph(expanded=n)
    for s in range(n):
        graph.target.append((s + 1) % n)
        graph.thread.append(0)
        graph.choice.append(0)
        graph.offsets.append(s + 1)
        graph.enabled.append(1)
        graph.marks.append(1)
    assert set(components(graph, bytes([1] * n))) == {0}
    lasso = find_lasso(graph, 0, ring.fair)
    assert lasso is not None
    assert (len(lasso.prefix), len(lasso.loop)) == (0, n)
