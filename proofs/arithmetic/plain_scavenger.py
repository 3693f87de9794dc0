"""Counterexamples about the scavenger, run on the plain heap and judged by plain arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from proofs.arithmetic.plain_heap import PAGE, WORD, PlainHeap
from proofs.kernel import Replay
from spec.language import Edit
from spec.types import FREE

Values = Mapping[str, int]
Judge = Callable[[Values, "Seen"], frozenset[str]]
"""The names of the conditions that do not hold of what was seen."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the plain heap did with one span."""

    calls: tuple[tuple[int, int], ...]
    result: int
    npreleased: int
    heap_released: int
    changed: frozenset[tuple[str, str]]
    noted: str

    def __str__(self) -> str:
        """What happened, in words."""
        if self.calls:
            start, length = self.calls[0]
            text = f"the plain heap calls sys_unused({start:#x}, {length:#x})"
            text += f", which the operating system notes as {self.noted}" if self.noted != "NOTHING" else ""
        else:
            text = "the plain heap releases nothing"
        return f"{text}; heap_released becomes {self.heap_released}, npreleased {self.npreleased}"


def scavenge(edits: tuple[Edit, ...], values: Values) -> Seen:
    """Run `scavenge_span` of the spec with these edits on a heap whose only span has these values."""
    heap = PlainHeap(edits, spans=1, phys_page_size=values["phys_page_size"])
    h, s = heap.h, heap.spans[0]
    s.state, s.start_addr, s.npages = FREE, values["base"], values["npages"]
    s.npreleased, s.unusedsince = values["npreleased"], values["unusedsince"]
    h.memstats.heap_released = values["heap_released"]
    heap.settled()
    calls: list[tuple[int, int]] = []
    with heap.listening("scavenge", "sys_unused", lambda heap, start, length: calls.append((start, length))):
        result = heap.call("scavenge.scavenge_span", h, s, values["now"], values["limit"])
    scalar = heap.world.schema.records["OS"].fields["bad_range"].scalar
    noted = scalar.names[h.os.bad_range] if scalar is not None else ""
    return Seen(tuple(calls), result, s.npreleased, h.memstats.heap_released, heap.changed(), noted)


def broken(values: Values, seen: Seen) -> frozenset[str]:
    """The names of the conditions that do not hold of what was seen."""
    unit = max(values["phys_page_size"], PAGE)
    base, end = values["base"], values["base"] + values["npages"] * PAGE
    lo, hi = -(-base // unit) * unit, end // unit * unit
    whole = max(hi - lo, 0)
    old = (values["now"] - values["unusedsince"]) % WORD > values["limit"]
    new = max(whole - values["npreleased"] * PAGE, 0)
    due = old and new > 0
    gained = seen.heap_released - values["heap_released"]
    out = {
        "released only what is due": due or not seen.calls,
        "released all that is due": bool(seen.calls) or not due,
        "statistics": gained == (new if due else 0),
        "count of the span": seen.npreleased == (whole // PAGE if due else values["npreleased"]),
        "result": seen.result == (new if due else 0),
        "nothing else changes": seen.changed <= {("MemStats", "heap_released"), ("Span", "npreleased")},
        "not empty": all(length > 0 for _, length in seen.calls),
        "aligned": all(start % unit == 0 and length % unit == 0 for start, length in seen.calls),
        "inside the span": all(base <= start and start + length <= end for start, length in seen.calls),
        "exactly the whole physical pages": all((start, start + length) == (lo, hi) for start, length in seen.calls),
        "released does not wrap": all(seen.result == length - values["npreleased"] * PAGE for _, length in seen.calls),
        "no more than the range": all(seen.result <= length for _, length in seen.calls),
        "the share of the others": gained == (seen.npreleased - values["npreleased"]) * PAGE,
    }
    return frozenset(name for name, holds in out.items() if not holds)


def replay(edits: tuple[Edit, ...], values: Values) -> Replay:
    """Run a counterexample on the plain heap, with these edits and without."""
    seen = scavenge(edits, values)
    return Replay(broken(values, seen), broken(values, scavenge((), values)), str(seen))


def replay_beyond(judge: Judge, within: Mapping[str, Callable[[Values], int]], values: Values) -> Replay:
    """Run a counterexample about the unmodified heap; the control is a run that a precondition does not exclude.

    Parameters
    ----------
    judge : callable
        Names what is broken.
    within : mapping
        The values of the control that differ, each from those of the counterexample.
    """
    seen = scavenge((), values)
    inside = {**values, **{name: value(values) for name, value in within.items()}}
    control = scavenge((), inside)
    other = ", ".join(f"{name}={inside[name]}" for name in within)
    return Replay(judge(values, seen), judge(inside, control), f"{seen}; with {other} instead, {control}")
