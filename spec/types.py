"""The machine types of the seed, scaled by the scenario."""

from __future__ import annotations

from typing import Annotated

from spec.language import Names, Range, Wrap

Uintptr = Annotated[int, Wrap("word_bits")]
Uint64 = Annotated[int, Wrap("word_bits")]
Uint32 = Annotated[int, Wrap("gen_bits")]
Uint16 = Annotated[int, Range(0, 2**16 - 1)]
Uint8 = Annotated[int, Range(0, 2**8 - 1)]
Time = Annotated[int, Wrap("word_bits")]
"""Nanoseconds of the monotonic clock; 0 means unset, or as an argument 'stamp now'."""

IN_USE, STACK, FREE, DEAD = 0, 1, 2, 3
SpanState = Annotated[int, Names("IN_USE", "STACK", "FREE", "DEAD")]

RESERVED, MAPPED, RELEASED = 0, 1, 2
OSPageState = Annotated[int, Names("RESERVED", "MAPPED", "RELEASED")]

NOBODY, OBJECT, STACK_USER = 0, 1, 2
PageUser = Annotated[int, Names("NOBODY", "OBJECT", "STACK_USER")]

NOTHING, MISALIGNED, EMPTY, LIVE_PAGE, NOT_ONE_FREE_SPAN = 0, 1, 2, 3, 4
BadRange = Annotated[int, Names("NOTHING", "MISALIGNED", "EMPTY", "LIVE_PAGE", "NOT_ONE_FREE_SPAN")]

OFF, MARK, MARKTERM = 0, 1, 2
GCPhase = Annotated[int, Names("OFF", "MARK", "MARKTERM")]

ABSENT, WAITING, VISITED = 0, 1, 2
Visit = Annotated[int, Names("ABSENT", "WAITING", "VISITED")]
"""Where a span stands in the list that sweepone works through: not in it, still to come, passed."""

ANY, INDEX = 0, 1
"""The orders in which sweepone visits spans (parameter ``sweep_order``)."""

NO_BREACH, TWO_SWEEPERS, NOT_DUE, NOT_ITS_OWN = 0, 1, 2, 3
BadSweep = Annotated[int, Names("NO_BREACH", "TWO_SWEEPERS", "NOT_DUE", "NOT_ITS_OWN")]
