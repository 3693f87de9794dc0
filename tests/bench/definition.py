"""The benchmark model once more, over tuples and by brute force: its definition, independent of the language and the tools."""

from __future__ import annotations

from typing import NamedTuple

import pytest

IN_USE, STACK = 2, 3

COUNTS = [
    pytest.param((4, 2, 1), 13_139, 44_428),
    pytest.param((5, 2, 1), 92_768, 333_600, marks=pytest.mark.slow),
    pytest.param((5, 2, 2), 311_038, 1_542_144, marks=pytest.mark.slow),
    pytest.param((6, 2, 1), 625_472, 2_382_313, marks=pytest.mark.slow),
]
"""P, T and H with the distinct states and generated transitions that six independent checkers agree on."""


class State(NamedTuple):
    """A state of the definition: six arrays, two scalars."""

    h: tuple[int, ...]
    len: tuple[int, ...]
    kind: tuple[int, ...]
    rel: tuple[int, ...]
    own: tuple[int, ...]
    sw: tuple[int, ...]
    phase: int
    released: int


def whole(p: int, n: int) -> int:
    a, e = p + p % 2, p + n - (p + n) % 2
    return max(0, e - a)


def put(a: tuple[int, ...], at: range, value: int) -> tuple[int, ...]:
    return tuple(value if i in at else v for i, v in enumerate(a))


def at(s: State, p: int, **values: int) -> State:
    return s._replace(**{f: put(getattr(s, f), range(p, p + 1), v) for f, v in values.items()})


def wipe(s: State, pages: range) -> State:
    return s._replace(**{f: put(getattr(s, f), pages, 0) for f in ("h", "len", "kind", "rel", "own", "sw")})


def free_span(s: State, p: int, n: int, released: int) -> State:
    s = at(wipe(s, range(p, p + n)), p, h=p + 1, len=n, kind=1, rel=released)
    return at(s, p + n - 1, h=p + 1)


def alloc(s: State, t: int, n: int, kind: int) -> State:
    size, b = min((s.len[p], p) for p in range(len(s.h)) if s.kind[p] == 1 and s.len[p] >= n)
    s = wipe(s._replace(released=s.released - s.rel[b]), range(b, b + size))
    s = at(s, b, len=n, kind=kind, own=t)
    s = s._replace(h=put(s.h, range(b, b + n), b + 1))
    return free_span(s, b + n, size - n, 0) if size > n else s


def free(s: State, p: int) -> State:
    start, end, released = p, p + s.len[p], 0
    if p > 0 and s.kind[s.h[p - 1] - 1] == 1:
        start = s.h[p - 1] - 1
        released += s.rel[start]
    if end < len(s.h) and s.kind[end] == 1:
        released += s.rel[end]
        end += s.len[end]
    return free_span(s, start, end - start, released)


def actions(s: State, threads: int, held: int) -> list[State]:
    """The successor of every enabled instance."""
    pages, out = range(len(s.h)), []
    for t in range(1, threads + 1):
        for n in (1, 2, 3):
            if s.own.count(t) < held and any(s.kind[p] == 1 and s.len[p] >= n for p in pages):
                out += [alloc(s, t, n, kind) for kind in (IN_USE, STACK)]
        out += [at(s, p, own=0) for p in pages if s.kind[p] == IN_USE and s.own[p] == t]
        out += [free(s, p) for p in pages if s.phase == 0 and s.kind[p] == STACK and s.own[p] == t]
    if s.phase == 0 and not any(s.sw):
        out.append(s._replace(phase=1))
    if s.phase == 1:
        marked = tuple((1 if s.own[p] else 2) if s.kind[p] == IN_USE else s.sw[p] for p in pages)
        out.append(s._replace(phase=0, sw=marked))
    for p in pages:
        if s.phase == 0 and max(s.sw) < 3 and s.sw[p] in (1, 2):
            out.append(at(s, p, sw=s.sw[p] + 2))
        if s.sw[p] >= 3:
            out.append(at(s, p, sw=0) if s.sw[p] == 3 else free(s, p))
        r = whole(p, s.len[p])
        if s.kind[p] == 1 and r > 0 and s.rel[p] != r:
            out.append(at(s._replace(released=s.released + r - s.rel[p]), p, rel=r))
    return out


def brute_force(p: int, t: int, h: int) -> tuple[list[int], int]:
    """New states of each level, and enabled instances, of the definition."""
    nothing = (0,) * p
    level = [free_span(State(nothing, nothing, nothing, nothing, nothing, nothing, 0, 0), 0, p, 0)]
    seen, sizes, generated = set(level), [1], 0
    while level:
        following = []
        for s in level:
            after = actions(s, t, h)
            generated += len(after)
            for a in after:
                if a not in seen:
                    seen.add(a)
                    following.append(a)
        sizes += [len(following)] if following else []
        level = following
    return sizes, generated
