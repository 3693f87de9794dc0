"""The canonical form of a state: one for all states that differ in nothing that matters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
from itertools import islice

from checker.errors import LanguageError
from checker.lowering.layout import Layout
from checker.lowering.thread_layout import ThreadLayout
from checker.reduce import REDUCTIONS
from checker.reduce.forget import Condition, Forgetter, Forgotten
from checker.reduce.individual import Individual
from checker.reduce.naming import Block, Naming
from checker.reduce.references import References
from checker.reduce.renaming import Group, Renamings
from checker.reduce.threads import Exchange
from checker.reduce.unordered import multisets, sort
from spec.language import Forget, Scenario
from spec.language.schema import Schema

FORMS = 2_000
"""Forms of one state that are compared; beyond that, equal states may keep different forms, which only costs states."""


class Canonical:
    """Maps states to canonical forms.

    Parameters
    ----------
    schema : Schema
    layout : Layout
    threads : sequence of ThreadLayout
    scenario : Scenario
    forgets : sequence of Forget
        What the spec says may be forgotten.
    condition : callable
        The executable condition of one of these; asked for when the first form is wanted.
    wanted : collection of str, optional
        Names out of `REDUCTIONS`; None: all.

    Attributes
    ----------
    reductions : tuple of str
        Those in force: wanted, declared by the spec, and allowed by the parameters and the layout.
    """

    def __init__(
        self,
        schema: Schema,
        layout: Layout,
        threads: Sequence[ThreadLayout],
        scenario: Scenario,
        forgets: Sequence[Forget],
        condition: Callable[[Forget], Condition],
        wanted: Collection[str] | None = None,
    ) -> None:
        wanted = REDUCTIONS if wanted is None else wanted
        refs = References(schema, layout, threads)
        self.references = refs
        self.groups = _groups(schema, scenario) if "threads" in wanted and refs.narrow else []
        self.blocks = _blocks(schema, layout, {g.array for g in self.groups}) if "naming" in wanted and refs.narrow else []
        self._arrays = multisets(schema, layout) if "unordered" in wanted else []
        self._forgets, self._condition = list(forgets) if "forget" in wanted else [], condition
        in_force = {"forget": self._forgets, "naming": self.blocks, "threads": self.groups, "unordered": self._arrays}
        self.reductions = tuple(name for name in REDUCTIONS if in_force[name])
        self.renamings = Renamings(refs, [b.array for b in self.blocks], self.groups)
        self._exchange = Exchange(refs, self.groups, self._arrays) if self.groups else None
        later = self._exchange.threads() if self._exchange else set()
        owned = self._exchange.owned if self._exchange else set()
        unordered = {at for m in self._arrays for at in range(m.start, m.stop)}
        self._naming = Naming(refs, self.renamings, self.blocks, owned, unordered, later) if self.blocks else None
        self._individual = Individual(self._naming, self._arrays) if self._naming else None
        self._orders_once = tuple(tuple(range(g.size)) for g in self.groups)

    @cached_property
    def _forgetter(self) -> Forgetter | None:
        rules = [Forgotten(f.record, f.fields, self._condition(f), f.held) for f in self._forgets]
        return Forgetter(self.references, rules) if rules else None

    def __call__(self, state: bytes) -> bytes:
        """The canonical form of a state."""
        return self._named(state if self._forgetter is None else self._forgetter.apply(state))

    def loosely(self, state: bytes) -> bytes:
        """The canonical form with forgotten even what a thread's local refers to.

        A record that was forgotten before a thread took it up differs from one that was not until the thread has
        written it anew; these forms do not show the difference.
        """
        return self._named(state if self._forgetter is None else self._forgetter.apply(state, held=True))

    def _named(self, state: bytes) -> bytes:
        naming = self._naming
        if naming is not None:
            state, named, complete = naming.first(state)
            if not complete:
                assert self._individual is not None
                if self._exchange is None:
                    return min(islice(self._individual.forms(state, named), FORMS))
                view = sort(naming.masked(state, naming.unnamed(state, named), erase=True), self._arrays)
                states = self._exchanged(state, self._exchange, view, uncertain=True)
                return min(islice((f for s in states for f in self._individual.forms(s, named)), FORMS))
        if self._arrays:
            state = sort(state, self._arrays)
        if self._exchange is None:
            return state
        return min(islice((sort(s, self._arrays) for s in self._exchanged(state, self._exchange, state)), FORMS))

    def _exchanged(self, state: bytes, exchange: Exchange, view: bytes, *, uncertain: bool = False) -> Iterator[bytes]:
        """The state with its threads in each order that has to be tried."""
        for orders in exchange.orders(view, uncertain=uncertain):
            yield state if orders == self._orders_once else self.renamings.of_threads(orders).apply(state)


def _groups(schema: Schema, scenario: Scenario) -> list[Group]:
    """The arrays all of whose threads may be exchanged."""
    fields = schema.records[schema.root].fields
    threads: dict[str, list[int]] = {}
    refused: set[str] = set()
    index = 0
    for thread in scenario.threads:
        if not thread.each:
            index += 1
            continue
        threads.setdefault(thread.each, []).append(index)
        index += fields[thread.each].length or 0
        if not thread.interchangeable:
            refused.add(thread.each)
    return [
        Group(array, fields[array].nested, fields[array].length or 0, tuple(first))
        for array, first in threads.items()
        if array not in refused and (fields[array].length or 0) > 1
    ]


def _blocks(schema: Schema, layout: Layout, taken: Collection[str]) -> list[Block]:
    """The arrays of the root whose records may be renamed under the present parameters."""
    out = []
    for f in schema.records[schema.root].fields.values():
        mark = f.interchangeable
        if mark is None or f.name in taken or not f.nested or (f.length or 0) < 2:
            continue
        if not mark.when or schema.parameters.resolve(mark.when):
            count = layout.cells.get((schema.root, mark.among))
            if count is None or count.length != 1:
                said = f"Interchangeable({mark.among!r}) names no cell of {schema.root} that could count records of {f.name}"
                raise LanguageError(f"{schema.root}.{f.name}", said)
            out.append(Block(f.name, f.nested, f.first[0], f.length or 0, count.base, count.width))
    return out
