"""A plain heap on which the counterexamples of claims are replayed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from checker.symbolic.memory import Key
from proofs.heaps import REAL, spec_with
from spec.language import Edit
from spec.language.plain import World
from spec.language.runtime import Runtime, active
from spec.language.schema import Schema

PAGE = 1 << REAL["page_shift"]
WORD = 1 << REAL["word_bits"]


class PlainHeap:
    """The objects of a spec at real scale, set by hand: what a counterexample says, and nothing besides.

    Parameters
    ----------
    edits : tuple of Edit
        Of the spec.
    spans : int
        How many of its structs have been handed out.
    initialised : bool
        Begin with what ``init`` makes, instead of with zeros and the arena's start.
    parameters
        Over those of linux/amd64; the tables are sized for 1024 pages by default.
    """

    def __init__(self, edits: tuple[Edit, ...] = (), *, spans: int = 0, initialised: bool = False, **parameters: int) -> None:
        self.spec = spec_with(edits)
        self.spec.parameters.reset({**REAL, "spans": max(spans, 4), "arena_pages": 1024, **parameters})
        root = next(iter(self.spec.scenarios.values())).root
        self.world = World(Schema(root, self.spec.parameters, threads=1))
        self.h: Any = self.world.root
        self.h.arena_start = self.spec.parameters.resolve("arena_start")
        if initialised:
            self.call("init.init", self.h)
        self.h.nspan, self.h.spanalloc.inuse = spans, spans * REAL["mspan_size"]
        self._before = {c[:4]: c[4] for c in self.world.cells()}

    @property
    def spans(self) -> list[Any]:
        """The structs."""
        structs: list[Any] = self.h.mspans
        return structs

    def call(self, name: str, *args: Any) -> Any:
        """Call a function of the spec by its name, such as ``grow.grow``."""
        module, _, function = name.rpartition(".")
        with active(Runtime(self.spec.parameters)):
            return getattr(self.spec.modules[module], function)(*args)

    @contextmanager
    def listening(self, module: str, function: str, note: Callable[..., None]) -> Iterator[None]:
        """Have ``note`` told the arguments of each call that a module makes of a function, for a block."""
        place: Any = self.spec.modules[module]
        original = getattr(place, function)

        def told(*args: Any) -> Any:
            note(*args)
            return original(*args)

        setattr(place, function, told)
        try:
            yield
        finally:
            setattr(place, function, original)

    def settled(self) -> None:
        """What the heap holds now is what it held before."""
        self._before = {c[:4]: c[4] for c in self.world.cells()}

    def changed(self) -> frozenset[Key]:
        """Record and field of the cells that are not as they were before, the operating system's left out."""
        return frozenset(c[:2] for c in self.world.cells() if self._before[c[:4]] != c[4] and c[0] != "OS")
