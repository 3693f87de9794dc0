"""What looking an address up reads and returns, for every address and every heap.

The premises about the heap are two: the arena in use is whole pages, and the table is mapped for them, which is what
the claim ``map_spans`` shows of growth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import z3

from checker.symbolic.execute import run
from checker.symbolic.memory import Memory
from checker.symbolic.number import Num, Term, choice, conjunction, disjunction, negation, num, unsigned
from checker.symbolic.state import State
from checker.symbolic.view import Fields, View
from proofs.arithmetic.executing import Alone, complete
from proofs.arithmetic.plain_heap import PAGE, PlainHeap
from proofs.heaps import REAL, program, typed
from proofs.kernel import Condition, Problem, Replay
from spec.language import Edit
from spec.types import FREE, IN_USE, STACK

SHIFT, POINTER = REAL["page_shift"], REAL["ptr_size"]
ASSUMES = ("nobody changes the heap meanwhile: each read sees the same heap; pages of 8192 bytes, an arena of 512 GB",)
WHOLE = "the arena in use is whole pages"


class Looked:
    """An address that is looked up, and what the table says of its page."""

    def __init__(self, memory: Memory) -> None:
        self.view = View(memory)
        self.root = self.view.root
        self.v = unsigned("v", 64)
        self.start: Num = self.root.arena_start
        self.used: Num = self.root.arena_used
        self.inside = conjunction([self.start <= self.v, self.v < self.used])
        page = choice(self.inside, (self.v - self.start) >> SHIFT, num(0))
        self.entry: Num = choice(self.inside, self.root.spans[page], num(0))
        self.span: Fields = self.view.record("Span", self.entry)
        self.end: Num = self.span.start_addr + (self.span.npages << SHIFT)

    def premises(self) -> dict[str, Term]:
        """What is true of the heap."""
        size = self.used - self.start
        return {
            "the arena begins above address 0": self.start >= 1,
            "the arena in use is inside the reserved one": conjunction([num(0) <= size, size <= REAL["arena_pages"] << SHIFT]),
            WHOLE: (size & (PAGE - 1)) == 0,
            "the table is mapped for the arena in use": (size >> SHIFT) * POINTER <= self.root.spans_mapped,
        }

    def in_object(self) -> Term:
        """The page's span is in use and holds the address below its limit."""
        return conjunction(
            [self.entry != 0, self.span.start_addr <= self.v, self.v < self.span.limit, self.span.state == IN_USE]
        )

    def in_stack(self) -> Term:
        """The page's span is a stack and holds the address."""
        return conjunction([self.entry != 0, self.span.start_addr <= self.v, self.v < self.end, self.span.state == STACK])


def result(name: str, looked: Looked, path: State) -> dict[str, Term]:
    """What a lookup must answer."""
    if name == "table.lookup_maybe":
        exact = path.result == choice(looked.in_object(), looked.entry, num(0))
        return {"the in-use span that holds the address, else None": exact}
    if name == "table.inheap":
        return {"exactly for addresses in spans in use": path.result == looked.in_object()}
    if name == "table.in_heap_or_stack":
        exact = path.result == disjunction([looked.in_object(), looked.in_stack()])
        return {"exactly for addresses in spans in use and stacks": exact}
    return {"the table's entry inside the arena in use, else None": path.result == looked.entry}


def looking_up(
    name: str,
    edits: tuple[Edit, ...] = (),
    *,
    without: tuple[str, ...] = (),
    given: Callable[[Looked], dict[str, Term]] | None = None,
    only: tuple[str, ...] = (),
) -> Problem:
    """The problem for one of the lookups.

    Parameters
    ----------
    name : str
        The spec's function.
    edits : tuple of Edit
    without : tuple of str
        Premises to leave out.
    given : callable, optional
        Premises to add.
    only : tuple of str
        The conditions to keep; all by default.
    """
    made = program(edits)
    memory = Memory(made.schema)
    looked = Looked(memory)
    function = typed(made, name)
    executor = Alone(made, memory)
    paths = executor.body(State(locals={"h": num(1), function.params[1]: looked.v}), function)
    demanded = [Condition(f"no {t.kind}: {t.message}", z3.BoolVal(True), negation(t.condition)) for t in executor.troubles]
    demanded.append(complete(paths, executor.troubles))
    for read in executor.reads:
        mapped = conjunction([read.index >= 0, read.index * POINTER + POINTER <= looked.root.spans_mapped])
        demanded.append(Condition("reads only mapped entries", read.when, mapped))
    for path in paths:
        goals = result(name, looked, path) | {"changes nothing": z3.BoolVal(not path.writes)}
        demanded += [Condition(k, path.condition(), goal) for k, goal in goals.items()]
    anywhere = {} if given is not None else {"an address outside": negation(looked.inside)}
    return Problem(
        premises={k: p for k, p in looked.premises().items() if k not in without}
        | (given(looked) if given is not None else {}),
        conditions=[c for c in demanded if not only or c.name in only],
        possible={
            "an address in an object": looked.in_object(),
            "an address in a stack": looked.in_stack(),
            "an address in a free span": conjunction([looked.entry != 0, looked.span.state == FREE]),
            **anywhere,
        },
        memory=memory,
        inputs={
            "bytes in use": looked.used - looked.start,
            "arena_start": looked.start,
            "v": looked.v,
            "spans_mapped": looked.root.spans_mapped,
        },
        smallest=("bytes in use", "arena_start", "v", "spans_mapped"),
        replay=partial(replay, name, edits),
    )


def agreeing(*, zero: bool = False) -> Problem:
    """inheap against lookupMaybe, and inHeapOrStack against both, on the same heap.

    Parameters
    ----------
    zero : bool
        Let the arena begin at address 0 too, and compare only the first two.
    """
    made = program()
    memory = Memory(made.schema)
    looked = Looked(memory)
    answers = {}
    for name, word in (("lookup_maybe", "v"), ("inheap", "b"), ("in_heap_or_stack", "b")):
        answers[name] = run(made, typed(made, f"table.{name}"), {"h": num(1), word: looked.v}, memory=memory).paths
    true = z3.BoolVal(True)
    found = disjunction([conjunction([p.condition(), p.result != 0]) for p in answers["lookup_maybe"]])
    heap, either = (
        disjunction([conjunction([p.condition(), p.result]) for p in answers[n]]) for n in ("inheap", "in_heap_or_stack")
    )
    premises = looked.premises()
    if zero:
        premises.pop("the arena begins above address 0")
    conditions = [
        Condition("inheap says what lookup_maybe finds", true, heap == found),
        Condition("in_heap_or_stack says more by the stacks alone", true, either == disjunction([found, looked.in_stack()])),
    ]
    return Problem(
        premises=premises,
        conditions=conditions[:1] if zero else conditions,
        possible={"an address in an object": found, "an address in a stack": conjunction([either, negation(heap)])},
        memory=memory,
        inputs={"v": looked.v, "arena_start": looked.start, "limit": looked.span.limit, "state": looked.span.state},
        smallest=("v", "arena_start", "limit"),
        replay=replay_at_zero,
    )


def replay(name: str, edits: tuple[Edit, ...], values: Mapping[str, int]) -> Replay:
    """Map the table and look the address up on the plain heap; the control is an arena that has the address's whole page."""
    size, offset = values["bytes in use"], values["v"] - values["arena_start"]
    broken, text = attempt(name, edits, size, offset)
    control, other = attempt(name, edits, -(-(offset + 1) // PAGE) * PAGE, offset)
    return Replay(broken, control, f"{text}; with the whole page in use, {other}")


def attempt(name: str, edits: tuple[Edit, ...], size: int, offset: int) -> tuple[frozenset[str], str]:
    """What is broken, and what happens, when an address of an arena of so many bytes is looked up."""
    heap = PlainHeap(edits)
    h = heap.h
    heap.call("table.map_spans", h, h.arena_start + size)
    h.arena_used = h.arena_start + size
    read: list[int] = []
    with heap.listening("table", "page_index", lambda h, addr: read.append((addr - h.arena_start) >> SHIFT)):
        heap.call(name, h, h.arena_start + offset)
    beyond = any(page * POINTER + POINTER > h.spans_mapped for page in read)
    broken = frozenset({"reads only mapped entries"}) if beyond else frozenset()
    return broken, f"the plain heap reads the entries {read} with {h.spans_mapped} bytes of the table mapped"


def replay_at_zero(values: Mapping[str, int]) -> Replay:
    """Look up address 0 of an arena that begins there; the control is the same heap one page higher."""
    broken, text = _agree(values, 0)
    control, other = _agree(values, PAGE)
    return Replay(broken, control, f"{text}; one page higher, {other}")


def _agree(values: Mapping[str, int], moved: int) -> tuple[frozenset[str], str]:
    heap = PlainHeap(spans=1)
    h, s = heap.h, heap.spans[0]
    h.arena_start = values["arena_start"] + moved
    h.arena_used, h.spans_mapped, h.spans[0] = h.arena_start + PAGE, PAGE, s
    s.start_addr, s.npages, s.limit, s.state = h.arena_start, 1, values["limit"] + moved, values["state"]
    at = values["v"] + moved
    found = heap.call("table.lookup_maybe", h, at)
    inheap, either = heap.call("table.inheap", h, at), heap.call("table.in_heap_or_stack", h, at)
    stack = s.state == STACK and at < s.start_addr + PAGE
    out = {
        "inheap says what lookup_maybe finds": inheap == (found is not None),
        "in_heap_or_stack says more by the stacks alone": either == (found is not None or stack),
    }
    text = f"lookup_maybe({at:#x}) finds {found}, inheap says {inheap} and in_heap_or_stack {either}"
    return frozenset(name for name, holds in out.items() if not holds), text
