"""A thread of a scenario: its greenlet, the point at which it is suspended, and what lets it go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from checker.errors import LanguageError
from spec.language import Lock, Scenario
from spec.language.runtime import Values, enabled
from spec.language.schema import Schema

ALWAYS_READY = frozenset(("step", "released", "atomic", "load", "store"))


@dataclass(slots=True, eq=False)
class SpecThread:
    """One thread.

    Attributes
    ----------
    index : int
        From 0; a lock's owner is this plus one.
    name : str
    function : callable
    elements : str
        The root's array that has a record for each thread of this function, or nothing.
    element : int
        The index of this thread's record in it.
    kind : str
        What it waits at: ``choose``, ``wait``, ``rest``, ``acquire``, ``released``, ``atomic``, ``load``, ``store`` or
        ``step``; or ``new``, ``returned``, ``thrown``, ``failed``.
    """

    index: int
    name: str
    function: Callable[..., None]
    elements: str = ""
    element: int = 0
    kind: str = "new"
    greenlet: Any = None
    condition: Callable[[], bool] | None = None
    lock: Lock | None = None
    ranges: tuple[range, ...] = ()
    where: Callable[..., bool] | None = None
    chosen: Values = ()
    error: Exception | None = field(default=None, repr=False)

    def options(self) -> list[Values]:
        """The choices with which the next step can be taken; the empty choice where there is nothing to choose."""
        if self.kind == "choose":
            return enabled(self.ranges, self.where)
        return [()] if self.ready() else []

    def ready(self) -> bool:
        """Whether a thread that does not choose can take a step."""
        if self.kind in ALWAYS_READY:
            return True
        if self.kind in ("wait", "rest"):
            return bool(self.condition is not None and self.condition())
        return self.kind == "acquire" and self.lock is not None and self.lock.owner == 0

    def allows(self, choice: Values) -> bool:
        """Whether the next step can be taken with this choice."""
        if self.kind != "choose":
            return choice == () and self.ready()
        if len(choice) != len(self.ranges) or not all(v in r for v, r in zip(choice, self.ranges, strict=True)):
            return False
        return self.where is None or bool(self.where(*choice))


def threads_of(scenario: Scenario, schema: Schema) -> list[SpecThread]:
    """The threads of a scenario, in order of declaration, none started.

    Raises
    ------
    LanguageError
        ``each`` names no array of records of the root.
    """
    out: list[SpecThread] = []
    for declared in scenario.threads:
        name = declared.function.__name__
        if not declared.each:
            out.append(SpecThread(len(out), name, declared.function))
            continue
        array = schema.records[schema.root].fields.get(declared.each)
        if array is None or not array.nested or array.length is None:
            raise LanguageError(
                f"scenario {scenario.name}", f"each={declared.each!r} names no array of records of {schema.root}; name one"
            )
        if array.per_thread:
            raise LanguageError(
                f"scenario {scenario.name}",
                f"each={declared.each!r} names a PerThread array, whose length is the number of threads; give it a Size",
            )
        for i in range(array.length):
            called = name if array.length == 1 else f"{name} {i}"
            out.append(SpecThread(len(out), called, declared.function, declared.each, i))
    return out
