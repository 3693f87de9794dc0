"""What the world keeps: the OS's own truth about each page, and the roots of the mutators."""

from __future__ import annotations

from typing import Annotated

from spec.language import Ghost, Size

from ..structs import Span
from ..types import BadRange, OSPageState, PageUser, Time, Uintptr


class OS:
    """The operating system, and ghosts that are independent of the heap's books; all arrays are by heap page."""

    page: Annotated[list[OSPageState], Size("arena_pages"), Ghost()]
    dirty: Annotated[list[bool], Size("arena_pages"), Ghost()]
    user: Annotated[list[PageUser], Size("arena_pages"), Ghost()]
    last_used: Annotated[list[Time], Size("arena_pages"), Ghost()]
    refused: Annotated[bool, Ghost()]
    bad_range: Annotated[BadRange, Ghost()]
    bad_start: Annotated[Uintptr, Ghost()]
    bad_length: Annotated[Uintptr, Ghost()]
    shortest_idle: Annotated[Uintptr, Ghost()]


class Mutator:
    """A thread that allocates and frees: the spans it holds."""

    root: Annotated[list[Span | None], Size("held")]
