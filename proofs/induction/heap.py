"""The heap in the words of the invariant: pages instead of addresses, sums instead of statistics, and ghosts.

Ghosts are functions that only the proof knows: who owns a page, where a span stands in its list, where a dead struct
stands in the allocator's stack. The heap before an operation has them by assumption; what they are after it is
defined here, from what the operation stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import z3

from checker.symbolic.cells import MOST_RECORDS, Cells, Given, term
from checker.symbolic.linear import Lin, divide
from checker.symbolic.memory import Writes
from checker.symbolic.number import Num, Term, conjunction, disjunction, num
from checker.symbolic.view import Fields, View
from proofs.heaps import REAL
from spec.language.schema import Schema
from spec.types import DEAD, FREE, IN_USE, STACK

PAGE_SHIFT = REAL["page_shift"]
PAGE = 1 << PAGE_SHIFT
POINTER = REAL["ptr_size"]
LISTS = REAL["max_mheap_list"]
ARENA_PAGES = REAL["arena_pages"]
MSPAN = REAL["mspan_size"]
WORD = 1 << REAL["word_bits"]
GENERATIONS = 1 << REAL["gen_bits"]
ADDRESS_PAGES = 1 << 48 - PAGE_SHIFT
"""Pages that an address can name."""


SUMS = ("free", "in_use", "stack", "released", "live")
"""Over all spans: pages of the free, the in-use and the stack spans, pages counted as released, and how many live."""

GHOSTS = {
    "first": (-ADDRESS_PAGES, WORD // PAGE),
    "owner": (0, MOST_RECORDS),
    "position": (-MOST_RECORDS, MOST_RECORDS),
    "at": (0, MOST_RECORDS),
    "depth": (-MOST_RECORDS, MOST_RECORDS),
    "dead": (0, MOST_RECORDS),
    **{f"sum_{s}": (0, WORD // PAGE) for s in SUMS},
}
"""The ghosts, and the range of their values.

``first(s)`` is the page of a span's first address, counted from the arena; ``owner(p)`` the span that page p belongs
to, 0 for none; ``position(s)`` grows along each list; ``at(k)`` is the k-th struct of the allocator's free list,
counted from its end, ``depth`` the inverse and ``dead`` how many there are.
"""

HERE = num(1)
"""The number of the only record of its kind."""


def cells(schema: Schema) -> Cells:
    """An arbitrary heap before an operation, its addresses and statistics said in pages and sums."""
    made = Cells(schema)
    made.ghosts = dict(GHOSTS)
    arena = made.ghost("arena", 1, ADDRESS_PAGES)
    used, end = made.ghost("used", 0, ARENA_PAGES), made.ghost("end", 0, ARENA_PAGES)
    total = {s: made.ghost(f"sum_{s}", 0, WORD // PAGE, num(0)) for s in SUMS}
    one = {
        ("Heap", "arena_start"): arena * PAGE,
        ("Heap", "arena_used"): (arena + used) * PAGE,
        ("Heap", "arena_end"): (arena + end) * PAGE,
        ("Heap", "pages_in_use"): total["in_use"],
        ("MemStats", "heap_sys"): used * PAGE,
        ("MemStats", "heap_idle"): total["free"] * PAGE,
        ("MemStats", "heap_inuse"): (total["in_use"] + total["stack"]) * PAGE,
        ("MemStats", "stacks_inuse"): total["stack"] * PAGE,
        ("MemStats", "heap_released"): total["released"] * PAGE,
        ("FixAlloc", "inuse"): total["live"] * MSPAN,
    }
    made.given = {key: _always(value) for key, value in one.items()}
    made.given["Span", "start_addr"] = lambda number, index: (arena + made.ghost("first", *GHOSTS["first"], number)) * PAGE
    return made


def _always(value: Num) -> Given:
    return lambda number, index: value


def pages(address: Num) -> Num | None:
    """How many pages a number of bytes is; None if it is no whole number of pages."""
    if isinstance(address, Lin):
        return divide(address, PAGE) if address.factor % PAGE == 0 and address.base % PAGE == 0 else None
    assert address.constant is not None
    return num(address.constant // PAGE) if address.constant % PAGE == 0 else None


@dataclass(slots=True)
class Touched:
    """The spans that an operation stored to, each once, in order.

    Attributes
    ----------
    extent : list of Num
        Their state or extent was stored.
    linked : list of Num
        They were put into a list or taken out of one.
    """

    extent: list[Num] = field(default_factory=list)
    linked: list[Num] = field(default_factory=list)


class Heap:
    """The heap before an operation (without writes) or after it.

    Parameters
    ----------
    memory : Cells
    writes : mapping
        What the operation stored.
    """

    def __init__(self, memory: Cells, writes: Writes | None = None) -> None:
        self.memory = memory
        self.writes = dict(writes or {})
        self.view = View(memory, self.writes)
        self.root = self.view.record("Heap", HERE)
        self.touched = Touched()
        for record, name in self.writes:
            if record == "Span" and name in ("state", "npages", "start_addr", "npreleased"):
                _add(self.touched.extent, [w.number for w in self.writes[record, name]])
            if record == "Span" and name == "list":
                _add(self.touched.linked, [w.number for w in self.writes[record, name]])
        self.before = Heap(memory) if self.writes else self

    def span(self, s: Num) -> Fields:
        """A span's fields."""
        return self.view.record("Span", s)

    def head(self, number: Num) -> Fields:
        """A list's fields."""
        return self.view.record("SpanList", number)

    def ghost(self, name: str, where: Num) -> Num:
        """A ghost as it was stored."""
        value: Num = self.memory.read(self.writes, "", name, where)
        return value

    def first(self, s: Num) -> Num | None:
        """The page of a span's first address; None if that is no page's."""
        offset = self.span(s).start_addr - self.arena * PAGE
        return pages(offset)

    @property
    def arena(self) -> Num:
        """The arena's first page, counted from address 0."""
        return self.memory.ghost("arena", 1, ADDRESS_PAGES)

    @property
    def used(self) -> Num | None:
        """Pages of the arena in use."""
        return pages(self.root.arena_used - self.arena * PAGE)

    @property
    def end(self) -> Num | None:
        """Pages of the arena that are reserved."""
        return pages(self.root.arena_end - self.arena * PAGE)

    def is_struct(self, s: Num) -> Term:
        """The number of a struct that was handed out at least once."""
        return conjunction([s >= 1, s <= self.root.nspan])

    def is_live(self, s: Num) -> Term:
        """A span that stands for memory."""
        return conjunction([self.is_struct(s), self.span(s).state != DEAD])

    def is_free(self, s: Num) -> Term:
        """A live span on a free list."""
        return conjunction([self.is_struct(s), self.span(s).state == FREE])

    def holds(self, s: Num, p: Num) -> Term:
        """A live span's pages include this one."""
        first = self.first(s)
        if first is None:
            return z3.BoolVal(False)
        return conjunction([self.is_live(s), first <= p, p < first + self.span(s).npages])

    def owner(self, p: Num) -> Num:
        """The span that a page belongs to: of the touched spans the one that holds it, else the former owner."""
        old = self.memory.ghost("owner", *GHOSTS["owner"], p)
        if not self.touched.extent:
            return old
        lost = disjunction([old == x for x in self.touched.extent])
        value: Num = self.memory.select(lost, num(0), old)
        for x in reversed(self.touched.extent):
            value = self.memory.select(self.holds(x, p), x, value)
        return self._named("owner", value)

    def position(self, s: Num) -> Num:
        """Where a span stands in its list: a span that was put in stands next to its new neighbour."""
        value = self._old_position(s)
        for x in self.touched.linked:
            after, before = self.span(x).next, self.span(x).prev
            behind = self.memory.select(before != 0, self._old_position(before) + 1, num(0))
            beside = self.memory.select(after != 0, self._old_position(after) - 1, behind)
            value = self.memory.select(conjunction([s == x, self.span(x).list != 0]), beside, value)
        return self._named("position", value) if self.touched.linked else value

    def _old_position(self, s: Num) -> Num:
        return self.memory.ghost("position", *GHOSTS["position"], s)

    def total(self, name: str) -> Num:
        """A sum over all spans: what it was, and what the touched ones changed."""
        value = self.memory.ghost(f"sum_{name}", 0, WORD // PAGE, num(0))
        for k, x in enumerate(self.touched.extent):
            change = self.share(name, x) - self.before.share(name, x)
            if isinstance(change, Lin) or change.constant:
                again = disjunction([x == y for y in self.touched.extent[:k]])
                added: Num = self.memory.select(again, num(0), change)
                value = value + added
        return value

    def share(self, name: str, s: Num) -> Num:
        """What one span adds to a sum."""
        span, counted = self.span(s), self.is_live(s)
        if name != "live":
            counted = conjunction([self.is_struct(s), span.state == {"in_use": IN_USE, "stack": STACK}.get(name, FREE)])
        adds = {"live": num(1), "released": span.npreleased}.get(name, span.npages)
        share: Num = self.memory.select(counted, adds, num(0))
        return share

    def free_list(self, npages: Num) -> Num:
        """The number of the free list for this length."""
        return self._list("free", npages)

    def busy_list(self, npages: Num) -> Num:
        """The number of the busy list for this length."""
        return self._list("busy", npages)

    def _list(self, kind: str, npages: Num) -> Num:
        fields = self.memory.schema.records["Heap"].fields
        small, large = fields[kind].first[0], fields[kind + "large"].first[0]
        number: Num = self.memory.select(npages < LISTS, npages + small, num(large))
        return number

    def is_heap_list(self, number: Num) -> Term:
        """A list of the heap itself, not one of its users'."""
        fields = self.memory.schema.records["Heap"].fields
        small = [conjunction([number >= fields[k].first[0], number < fields[k].first[0] + LISTS]) for k in ("free", "busy")]
        return disjunction([*small, *(number == fields[k].first[0] for k in ("freelarge", "busylarge"))])

    def _named(self, name: str, value: Num) -> Num:
        named: Num = self.memory.named(name, value)
        return named


class Whole:
    """How many heap pages of a run lie in whole physical pages.

    Parameters
    ----------
    memory : Cells
    ratio : Num or None
        Heap pages in a physical page, a power of two above 1; None where a physical page is at most a heap page.
    """

    def __init__(self, memory: Cells, ratio: Num | None) -> None:
        self.memory = memory
        self.ratio = ratio

    def __call__(self, heap: Heap, first: Num, npages: Num) -> Num:
        """For the run of ``npages`` pages from page ``first`` of the arena."""
        begin, end = self.ends(heap, first, npages)
        whole: Num = self.memory.select(begin <= end, end - begin, num(0))
        return whole

    def ends(self, heap: Heap, first: Num, npages: Num) -> tuple[Num, Num]:
        """The first page of the arena in a whole physical page of the run, and the one behind the last."""
        if self.ratio is None:
            return first, first + npages
        begin = self.down(heap.arena + first + self.ratio - 1)
        return begin - heap.arena, self.down(heap.arena + first + npages) - heap.arena

    def down(self, page: Num) -> Num:
        """The page at which the physical page of a page begins."""
        assert self.ratio is not None
        return self.memory.round_down(page, self.ratio)


def _add(found: list[Num], numbers: list[Num]) -> None:
    for number in numbers:
        if not any(_same(number, f) for f in found):
            found.append(number)


def _same(a: Num, b: Num) -> bool:
    return bool(term(a).eq(term(b)))
