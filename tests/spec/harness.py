"""A heap under plain execution, with every property evaluated: what the tests of the spec drive.

Operations are called by name (``h.call("alloc.alloc_stack", 4)``); the root is passed for them. Invariants are evaluated
on demand, end-of-operation properties by themselves, at the place where the checker evaluates them.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import FrameType
from typing import Any

from checker.load import Spec, load
from checker.plain.ends import Ends, instrument
from spec import scale
from spec.language import ALWAYS, LOCK_FREE, Edit, Lock, Property
from spec.language.plain import World
from spec.language.runtime import Runtime, Values, active
from spec.language.schema import Schema

REAL: dict[str, int] = {**scale.REAL, "arena_pages": 2048, "spans": 512}
"""linux/amd64, with a small reservation."""

IN_USE, STACK, FREE, DEAD = range(4)
OFF, MARK, MARKTERM = range(3)


@dataclass(frozen=True)
class Violation:
    """A clause that failed, and what it said about it."""

    property: str
    clause: str
    witness: Mapping[str, Any]

    def __str__(self) -> str:
        said = ", ".join(f"{k}={v}" for k, v in self.witness.items())
        return f"{self.property} {self.clause!r} ({said})"


@lru_cache(maxsize=64)
def spec_with(edits: tuple[Edit, ...] = ()) -> Spec:
    """The installed spec with edits applied, loaded once."""
    return load(edits=edits)


def variant_edits(name: str) -> tuple[Edit, ...]:
    """The edits of a declared variant."""
    return spec_with().variants[name].edits


def last(options: list[Values]) -> Values:
    """The chooser that takes the greatest option: the marker stops at once, and sweepone takes the newest struct."""
    return options[-1]


class Sequential(Runtime):
    """The sequential runtime, which also tells of operations that end with their return."""

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec.parameters, last)
        self.returned: Callable[[str, Mapping[str, Any]], None] = lambda operation, names: None

    def operation_returned(self, operation: str, names: Mapping[str, Any]) -> None:
        """Called by what `instrument` put around an operation."""
        self.returned(operation, names)


class PlainHeap:
    """One heap, called sequentially, as thread 1.

    Parameters
    ----------
    parameters : mapping
        Over the spec's defaults.
    edits : iterable of Edit
        Of a variant.

    Attributes
    ----------
    root
        The heap; its fields may be read and written as the spec does.
    met : set of str
        Names of the properties whose antecedent was met at least once.
    """

    def __init__(self, parameters: Mapping[str, int], edits: Iterable[Edit] = ()) -> None:
        self.spec = spec_with(tuple(edits))
        self.spec.parameters.reset(parameters)
        self.parameters: Any = self.spec.parameters
        root = next(iter(self.spec.scenarios.values())).root
        self.world = World(Schema(root, self.spec.parameters, 1), checked=True)
        self.root: Any = self.world.root
        self.met: set[str] = set()
        self._ended: list[Violation] = []
        self.ends = Ends(self.spec, self._at_end, self.root, instrument(self.spec))
        self.runtime = Sequential(self.spec)
        self.runtime.before_release = self._before_release
        self.runtime.returned = self.ends.reached
        self.call("environment.start.initial")

    def call(self, name: str, *args: Any) -> Any:
        """Call ``module.function`` of the spec with the root and these arguments."""
        return self.pure(name, self.root, *args)

    def pure(self, name: str, *args: Any) -> Any:
        """Call a function of the spec that does not take the root, such as ``lists.insert``."""
        module, _, function = name.rpartition(".")
        with active(self.runtime):
            return getattr(self.spec.modules[module], function)(*args)

    def large(self, npages: int) -> Any:
        """The span of a new large object, or None."""
        return self.span(self.call("environment.client.alloc_large_object", npages))

    def small(self, npages: int, sizeclass: int) -> Any:
        """A new span of small objects, or None."""
        return self.span(self.call("environment.client.alloc_small_span", npages, sizeclass))

    def stack(self, npages: int) -> Any:
        """The span of a new stack that has a span of its own, or None; the length is a power of two."""
        return self.span(self.call("environment.stacks.stackalloc", npages.bit_length() - 1))

    def pooled(self) -> Any:
        """The span of a new stack from the pool, or None."""
        return self.span(self.call("environment.stacks.stackpoolalloc"))

    def hold(self, *spans: Any) -> None:
        """Let the first mutator hold these spans' addresses and no others."""
        for slot in range(self.parameters.held):
            self.root.mutators[0].root[slot] = spans[slot].start_addr if slot < len(spans) else 0

    def give_up(self, s: Any) -> None:
        """Have a mutator give up a span that it holds."""
        m = self.root.mutators[0]
        before = m.root[0]
        m.root[0] = s.start_addr
        self.call("environment.mutator.give_up", m, 0)
        m.root[0] = before if before != s.start_addr else 0

    def scavenge(self, now: int, limit: int) -> None:
        """Scavenge as the scavenger's thread does, ghost included."""
        self.call("scavenge.scavenge", now, limit)
        self.root.os.shortest_idle = self.parameters.word_max

    def new_generation(self) -> None:
        """Begin the sweep of a new generation as a stopped world does; what is not ``marked`` then is used no more."""
        for s in self.live():
            if s.state == IN_USE and not s.marked:
                self.call("environment.client.leave", s.start_addr, s.npages)
        self.root.world.stopped = True
        self.call("environment.collector.gc_sweep", False)
        self.root.world.stopped = False

    def locked(self, name: str, *args: Any) -> Any:
        """Call a function that expects the heap's lock to be held, and returns with it held."""
        self.root.lock.owner = 1
        result = self.call(name, *args)
        assert self.root.lock.owner == 1
        self.root.lock.owner = 0
        return result

    def violations(self) -> list[Violation]:
        """What the invariants say now, and what end-of-operation properties have said since the last time."""
        out, self._ended = self._ended, []
        for p in self.spec.properties:
            if p.kind == "invariant" and self._due(p):
                out += self._evaluate(p, [self.root], 0)
        return out

    def at_end(self, operation: str, **names: Any) -> set[str]:
        """The clauses that fail if the operation ended now with these locals."""
        self._ended = []
        self.ends.reached(operation, names)
        return {v.clause for v in self._ended}

    def unexplained(self) -> list[Violation]:
        """The violations that are no known finding."""
        return [v for v in self.violations() if not self.explanations(v)]

    def broken(self) -> set[str]:
        """The ids of the properties violated, findings left out."""
        return {v.property for v in self.unexplained()}

    def explanations(self, v: Violation) -> list[str]:
        """The ids of the findings that explain a violation."""
        out = []
        for f in self.spec.findings.values():
            if (f.property, f.clause) == (v.property, v.clause):
                names = list(inspect.signature(f.explains).parameters)[1:]
                with active(self.runtime):
                    if f.explains(self.root, **{n: v.witness[n] for n in names}):
                        out.append(f.id)
        return out

    def live(self) -> list[Any]:
        """The live spans by address."""
        return sorted((s for s in list(self.root.mspans)[: self.root.nspan] if s.state != DEAD), key=lambda s: s.start_addr)

    def layout(self) -> list[tuple[int, int, str]]:
        """(first page, pages, state) of each live span by address."""
        return [(self.page(s), s.npages, ("in use", "stack", "free")[s.state]) for s in self.live()]

    def page(self, s: Any) -> int:
        """The number of a span's first page."""
        number: int = (s.start_addr - self.root.arena_start) >> self.parameters.page_shift
        return number

    def address(self, page: int) -> int:
        """The first address of a page."""
        value: int = self.root.arena_start + (page << self.parameters.page_shift)
        return value

    def span(self, v: int) -> Any:
        """The span that the table has for an address; None for 0."""
        return self.call("table.lookup", v) if v else None

    def members(self, spans: Any) -> list[Any]:
        """The spans of a list from its front."""
        out, s = [], spans.first
        while s is not None:
            out.append(s)
            s = s.next
        return out

    def _due(self, p: Property) -> bool:
        locks = {n: v for n in self.world.schema.records["Heap"].fields if isinstance(v := getattr(self.root, n), Lock)}
        if p.when == LOCK_FREE:
            return not any(lock.owner for lock in locks.values())
        return p.when == ALWAYS or not locks[p.when].owner

    def _evaluate(self, p: Property, args: Sequence[Any], number: int) -> list[Violation]:
        runtime = Runtime(self.spec.parameters, number=number)
        with active(runtime):
            p.function(*args)
        if runtime.antecedents:
            self.met.add(f"{p.id} {p.name}")
        return [Violation(p.id, clause, witness) for clause, witness in runtime.failures]

    def _before_release(self, lock: Lock) -> None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and not frame.f_globals.get("__name__", "").startswith(self.spec.package + "."):
            frame = frame.f_back
        assert frame is not None, "a lock was released outside the spec"
        self.ends.releases(frame)

    def _at_end(self, p: Property, args: list[Any]) -> None:
        self._ended += self._evaluate(p, args, 1)
