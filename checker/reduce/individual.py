"""Names for records that nothing ordered refers to: members of unordered arrays, and what is lost.

They are ordered by content. Where contents are equal and the records refer to each other, each is tried in turn, and
the least state is the form; that is the classical individualisation and refinement on a very small scale.
"""

from __future__ import annotations

from collections.abc import Iterator

from checker.reduce.naming import Link, Named, Naming
from checker.reduce.unordered import Multiset, sort


class Individual:
    """Completes the naming of a state whose threads have an order."""

    def __init__(self, naming: Naming, arrays: list[Multiset]) -> None:
        self._naming = naming
        self._arrays = arrays

    def forms(self, state: bytes, named: Named) -> Iterator[bytes]:
        """States with all names given; the same set for every state that differs in names only."""
        state, named, complete = self._naming.second(state, named)
        return self._leaves(state, named, complete)

    def _leaves(self, state: bytes, named: Named, complete: bool) -> Iterator[bytes]:
        if complete:
            yield sort(state, self._arrays)
            return
        naming = self._naming
        rest = naming.unnamed(state, named)
        keys = self._keys(state, rest)
        rest.sort(key=lambda u: keys[u])
        if any(naming.refers(state, u, rest) for u in rest):
            least = [u for u in rest if keys[u] == keys[rest[0]]]
            for u in least:
                yield from self._leaves(*naming.choose(state, named, [u]))
        else:  # equals are twins: exchanging them changes nothing
            yield from self._leaves(*naming.choose(state, named, rest))

    def _keys(self, state: bytes, rest: list[Link]) -> dict[Link, tuple[object, ...]]:
        """What can be said of each record without names that are not given yet."""
        naming = self._naming
        view = sort(naming.masked(state, rest, erase=False), self._arrays)
        hidden = {at for u in rest for at in naming.inside(u)}
        shown = [m for m in self._arrays if m.to in naming.types and m.start not in hidden]
        keys: dict[Link, tuple[object, ...]] = {}
        for t, n in rest:
            content = bytes(view[at] for at in naming.inside((t, n)))
            counts = tuple(state[m.start : m.stop].count(n) for m in shown if m.to == naming.types[t])
            keys[t, n] = (t, content, counts)
        return keys
