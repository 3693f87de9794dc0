"""The types of a function's locals while it is typed."""

from __future__ import annotations

from checker.frontend import tree as t


class Scope(dict[str, t.Type]):
    """Types of locals by name, which notes whether typing the function once more could change anything.

    Typing goes through a function from top to bottom, and all that it remembers is here. It is settled when no local
    got another type than its first and none was asked for before it had one: then each look at a local saw the type that
    it has in the end, and a second pass, which begins with these, would do the same again. (A type that is annotated late
    but is the one that was found before lets through what was found before.)
    """

    def __init__(self, parameters: dict[str, t.Type]) -> None:
        super().__init__(parameters)
        self._changed = False
        self._missed: set[object] = set()

    def __contains__(self, name: object) -> bool:
        known = super().__contains__(name)
        if not known:
            self._missed.add(name)
        return known

    def __setitem__(self, name: str, kind: t.Type) -> None:
        self._changed = self._changed or self.get(name, kind) != kind
        super().__setitem__(name, kind)

    def settled(self) -> bool:
        """Whether a second pass would find what the first one found."""
        return not self._changed and self._missed.isdisjoint(self.keys())
