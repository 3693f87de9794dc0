"""A heap under plain execution, with every property evaluated: what the tests of the spec drive.

Operations are called by name (``h.call("alloc.alloc_stack", 4)``); the root is passed for them. Invariants are evaluated
on demand, end-of-operation properties by themselves, at the place where the checker evaluates them.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, wraps
from types import FrameType
from typing import Any

from checker.load import Spec, load
from spec import scale
from spec.language import Edit, Lock, Property
from spec.language.plain import World
from spec.language.runtime import Runtime, active
from spec.language.schema import Schema

REAL: dict[str, int] = {**scale.REAL, "arena_pages": 2048, "spans": 512}
"""linux/amd64, with a small reservation."""


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


class PlainHeap:
    """One heap, called sequentially.

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
        self.runtime = Runtime(self.spec.parameters)
        self.runtime.before_release = self._before_release
        self.met: set[str] = set()
        self._ends: list[Violation] = []
        self._of_kind = {k: [p for p in self.spec.properties if p.kind == k] for k in ("invariant", "end", "step")}
        self._returning = {p.operation for p in self._of_kind["end"]} - _releasing(self.spec)
        self.call("environment.start.initial")

    def call(self, name: str, *args: Any) -> Any:
        """Call ``module.function`` of the spec with the root and these arguments."""
        return self.pure(name, self.root, *args)

    def pure(self, name: str, *args: Any) -> Any:
        """Call a function of the spec that does not take the root, such as ``lists.insert``."""
        module, _, function = name.rpartition(".")
        watched = _watch_returns(self.spec, self._returning)
        watched.report = self._end
        with active(self.runtime):
            return getattr(self.spec.modules[module], function)(*args)

    def scavenge(self, now: int, limit: int) -> None:
        """Scavenge as the scavenger's thread does, ghost included."""
        self.call("scavenge.scavenge", now, limit)
        self.root.os.shortest_idle = self.parameters.word_max

    def violations(self) -> list[Violation]:
        """What the invariants say now, and what end-of-operation properties have said since the last time."""
        out, self._ends = self._ends, []
        for p in self._of_kind["invariant"]:
            out += self._evaluate(p, (self.root,))
        return out

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
                if f.explains(self.root, **{n: v.witness[n] for n in names}):
                    out.append(f.id)
        return out

    def live(self) -> list[Any]:
        """The live spans by address."""
        return sorted((s for s in list(self.root.mspans)[: self.root.nspan] if s.state != 3), key=lambda s: s.start_addr)

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

    def _evaluate(self, p: Property, args: tuple[Any, ...]) -> list[Violation]:
        self.runtime.failures.clear()
        before = self.runtime.antecedents
        with active(self.runtime):
            p.function(*args)
        if self.runtime.antecedents > before:
            self.met.add(f"{p.id} {p.name}")
        out = [Violation(p.id, clause, witness) for clause, witness in self.runtime.failures]
        self.runtime.failures.clear()
        return out

    def _before_release(self, lock: Lock) -> None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and not frame.f_globals.get("__name__", "").startswith(self.spec.package + "."):
            frame = frame.f_back
        assert frame is not None, "a lock was released outside the spec"
        self._end(frame.f_code.co_name, frame.f_locals)

    def _end(self, operation: str, names: Mapping[str, Any]) -> None:
        for p in self._of_kind["end"]:
            if p.operation == operation:
                wanted = list(inspect.signature(p.function).parameters)[1:]
                self._ends += self._evaluate(p, (self.root, *(names[n] for n in wanted)))


def _releasing(spec: Spec) -> set[str]:
    """The functions that release a lock themselves."""
    return {
        name
        for module in spec.modules.values()
        for name, value in vars(module).items()
        if inspect.isfunction(value)
        and value.__module__.startswith(spec.package + ".")
        and "release" in value.__code__.co_names
    }


class _Watch:
    """Tells the end of operations that return without releasing a lock."""

    def __init__(self) -> None:
        self.report: Callable[[str, Mapping[str, Any]], None] = lambda operation, names: None

    def wrap(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def watched(*args: Any) -> Any:
            result = function(*args)
            self.report(name, {**inspect.signature(function).bind(*args).arguments, "result": result})
            return result

        return watched


_watches: dict[str, _Watch] = {}


def _watch_returns(spec: Spec, operations: set[str]) -> _Watch:
    """Wrap these operations of a spec wherever a module has imported them; once for each spec."""
    if spec.package not in _watches:
        watch = _watches[spec.package] = _Watch()
        wrapped: dict[Any, Callable[..., Any]] = {}
        for module in spec.modules.values():
            for name, value in list(vars(module).items()):
                if name in operations and inspect.isfunction(value) and value.__name__ == name:
                    if value not in wrapped:
                        wrapped[value] = watch.wrap(name, value)
                    setattr(module, name, wrapped[value])
    return _watches[spec.package]
