"""Execution of typed functions on the inputs of one run: statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from checker.frontend import tree as t
from checker.symbolic.exploration.affine import Affine, Compare, Junction, Number, junction
from checker.symbolic.exploration.executor import Ending, Expressions, Frame, Setting, Stopped, Value
from checker.symbolic.exploration.heap import Heap, Layer, is_long
from checker.symbolic.exploration.pages import Piece, carried, leaves, sums
from checker.symbolic.exploration.trail import Counter, DeadEnd, Fork, Trail
from checker.symbolic.number import SymbolicError

UNROLLED = 64
"""Rounds of a loop that are executed one by one."""

MOST_ROUNDS = 4096
"""A loop that goes on beyond this is refused."""

FEW = 16
"""A choice between at most so many values is made in each run; one between more is an input."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an operation chose: the local that took it, and its value."""

    name: str
    value: Number


class Violated(Exception):
    """A clause does not hold in this run, and no finding explains it."""

    def __init__(self, property: int, clause: str, place: str) -> None:
        super().__init__(clause)
        self.property, self.clause, self.place = property, clause, place


Explain = Callable[["Executor", str, dict[str, Value]], bool]
"""Whether a finding explains that a clause fails, from the clause and its witness."""


class Executor(Expressions):
    """Executes statements on the inputs of one run.

    Attributes
    ----------
    chosen : list of Chosen
    endings : list of Ending
    prefix : str
        Of the names of inputs.
    property : int
        The one that is evaluated.
    explain : callable
    """

    def __init__(self, setting: Setting, trail: Trail, heap: Heap, thread: int = 1, prefix: str = "") -> None:
        super().__init__(setting, trail, heap, thread)
        self.chosen: list[Chosen] = []
        self.endings: list[Ending] = []
        self.prefix = prefix
        self.property = -1
        self.explain: Explain = lambda executor, clause, witness: False
        self._piece: Piece | None = None
        self._merging = False
        self._statements: dict[type, Callable[[Frame, Any], str]] = {
            kind: getattr(self, "_s_" + kind.__name__.lower())
            for kind in (
                t.Assign, t.Store, t.Do, t.If, t.While, t.ForRange, t.Break, t.Continue, t.Return, t.Throw, t.Count,
                t.Given, t.Check, t.EndCheck, t.Choose, t.Acquire, t.Release, t.Step,
            )
        }  # fmt: skip

    def call(self, name: str, args: list[Value]) -> Value:
        """Call a function of the spec."""
        function = self.program.functions[name]
        frame = Frame(dict(zip(function.params, args, strict=True)))
        self.block(frame, function.body)
        return frame.result

    def block(self, frame: Frame, statements: tuple[t.Stmt, ...]) -> str:
        """Execute statements; how they are left: by ``return``, ``break``, ``continue``, or at their end."""
        for k, s in enumerate(statements):
            kind = type(s)
            if isinstance(s, t.If):
                merges = self.setting.merges.get(id(s))
                if merges is None:
                    merges = self._may_store_unless(s, statements[k + 1 :])
                if merges and self._stores_unless(frame, s, statements[k + 1 :]):
                    return "return"
            elif kind is t.Count:
                continue
            if kind not in self._statements:
                raise SymbolicError(str(s.place), f"{kind.__name__.lower()} needs other threads; operations run alone")
            how = self._statements[kind](frame, s)
            if how:
                return how
        return ""

    def _stores_unless(self, frame: Frame, s: t.If, rest: tuple[t.Stmt, ...]) -> bool:
        """After ``if test: return``, do what is left of a function without taking the test."""
        test = self.eval(frame, s.test)
        if not isinstance(test, (Compare, Junction)) or self.trail.known.tells(test) is not None or self.trail.counter:
            return False
        before = dict(self.heap.cells)
        self._merging, outer = True, self._merging
        self.trail.guarded += 1
        try:
            self.block(frame, rest)
        except Fork:
            self.heap.cells = before
            return False
        finally:
            self.trail.guarded -= 1
            self._merging = outer
        for place, value in self.heap.cells.items():
            old = before[place] if place in before else self.heap.first[place]
            if value != old:
                self.heap.cells[place] = self.space.either(test, old, value)
        return True

    def _may_store_unless(self, s: t.If, rest: tuple[t.Stmt, ...]) -> bool:
        """Whether a statement is ``if test: return``, and what is left of the function only stores numbers."""
        found = self.setting.merges[id(s)] = leaves(s) and self._only_stores(rest)
        return found

    def _only_stores(self, rest: tuple[t.Stmt, ...]) -> bool:
        """Whether statements store numbers to cells, or call what does, and nothing else."""
        for x in rest:
            if isinstance(x, t.Do) and isinstance(x.value, t.Call):
                if not self._only_stores(self.program.functions[x.value.function].body):
                    return False
            elif isinstance(x, t.Store):
                scalar = self.records[x.record].fields[x.field].scalar
                if x.index is not None or scalar is None or scalar.kind not in ("wrap", "range"):
                    return False
            elif not isinstance(x, t.Count):
                return False
        return True

    def _s_assign(self, frame: Frame, s: t.Assign) -> str:
        value = self.eval(frame, s.value)
        for name, v in zip(s.names, (value,) if len(s.names) == 1 else value, strict=True):
            frame.locals[name] = v
        return ""

    def _s_do(self, frame: Frame, s: t.Do) -> str:
        self.eval(frame, s.value)
        return ""

    def _s_if(self, frame: Frame, s: t.If) -> str:
        return self.block(frame, s.body if self.truth(frame, s.test) else s.other)

    def _s_return(self, frame: Frame, s: t.Return) -> str:
        values = tuple(self.eval(frame, v) for v in s.values)
        frame.result = values[0] if len(values) == 1 else (values or None)
        return "return"

    def _s_break(self, frame: Frame, s: t.Break) -> str:
        return "break"

    def _s_continue(self, frame: Frame, s: t.Continue) -> str:
        return "continue"

    def _s_throw(self, frame: Frame, s: t.Throw) -> str:
        raise Stopped("throw", str(s.place), s.message)

    def _s_count(self, frame: Frame, s: t.Count) -> str:
        return ""

    _s_acquire = _s_release = _s_step = _s_count  # nobody else runs

    def _s_given(self, frame: Frame, s: t.Given) -> str:
        self.setting.antecedents.add(self.property)
        return ""

    def _s_check(self, frame: Frame, s: t.Check) -> str:
        if not self.decide(self.eval(frame, s.test), s.place):
            witness = {name: self.eval(frame, e) for name, e in s.witness}
            if not self.explain(self, s.clause, witness):
                raise Violated(self.property, s.clause, str(s.place))
        return ""

    def _s_endcheck(self, frame: Frame, s: t.EndCheck) -> str:
        args = tuple(self.eval(frame, a) for a in s.args)
        self.endings.append(Ending(s.property, s.function, args, self.heap.copy()))
        return ""

    def _s_choose(self, frame: Frame, s: t.Choose) -> str:
        values: list[Number] = []
        for name, (low, high) in zip(s.names, s.ranges, strict=True):
            lo, hi = self.constant(frame, low), self.constant(frame, high) - 1
            if hi < lo:
                raise DeadEnd
            value = self.space.input(f"{self.prefix}{name}.{len(self.chosen)}", lo, hi)
            if hi - lo < FEW:
                value = self.trail.equal(value)
            self.chosen.append(Chosen(name, value))
            values.append(value)
        if s.where is not None:
            inner = Frame({**frame.locals, **dict(zip(s.bound, values, strict=True))})
            if not self.truth(inner, s.where):
                raise DeadEnd
        frame.locals |= dict(zip(s.names, values, strict=True))
        return ""

    def _s_store(self, frame: Frame, s: t.Store) -> str:
        if self.trail.guarded and not self._merging:
            raise Fork
        value = self.eval(frame, s.value)  # CPython evaluates the right side first
        number = self.record(frame, s.ref, s)
        f = self.records[s.record].fields[s.field]
        assert f.scalar is not None
        if f.scalar.kind == "bool":
            value = self.decide(value, s.place)
        else:
            value = int(self.decide(value, s.place)) if isinstance(value, (Compare, Junction, bool)) else value
        if f.scalar.kind == "wrap":
            value = self.low_bits(value, f.scalar.hi.bit_length(), s.place)
        elif f.scalar.kind == "range":
            compare = self.space.compare
            fits = junction("and", [compare("<=", f.scalar.lo, value), compare("<=", value, f.scalar.hi)])
            self.require(fits, s.place, f"{s.record}.{s.field}: stored outside {f.scalar.lo}..{f.scalar.hi}")
        if s.index is None:
            self._no_counter(value, s.place)
            self.heap.cells[s.record, s.field, number, -1] = value
        elif is_long(f):
            self._store_page((s.record, s.field, number), self.index(frame, s.index, s.record, s.field), value, s.place)
        else:
            i = self.constant(frame, s.index)
            self.require(0 <= i < (f.length or 0), s.place, f"{s.record}.{s.field}[{i}]: index outside the array")
            self._no_counter(value, s.place)
            self.heap.cells[s.record, s.field, number, i] = value
        return ""

    def _no_counter(self, value: Value, place: t.Place) -> None:
        counter = self.trail.counter
        if counter is not None and isinstance(value, Affine) and any(n == counter.name for n, _ in value.parts):
            raise SymbolicError(str(place), "a loop over pages stores its counter")

    def _store_page(self, array: tuple[str, str, int], index: Number, value: Value, place: t.Place) -> None:
        self._no_counter(value, place)
        counter = self.trail.counter
        if self._piece is not None and counter is not None and isinstance(index, Affine):
            factor = dict(index.parts).get(counter.name, 0)
            if factor:
                self._piece.store(array, index, factor, value, place)
                return
        if self._piece is not None:
            raise SymbolicError(str(place), "a loop over pages stores to the same page in each round")
        self._add_layer(array, index, index + 1, value)

    def _add_layer(self, array: tuple[str, str, int], start: Number, stop: Number, value: Value) -> None:
        old = self.heap.layers.get(array, ())
        kept = tuple(x for x in old if not self._hides(start, stop, x))
        self.heap.layers[array] = (*kept, Layer(start, stop, value))

    def _hides(self, start: Number, stop: Number, old: Layer) -> bool:
        """Whether a range is known, without a question, to cover an older store."""
        tells, compare = self.trail.known.tells, self.space.compare
        return tells(compare("<=", start, old.start)) is True and tells(compare("<=", old.stop, stop)) is True

    def load_page(self, array: tuple[str, str, int], index: Number, place: t.Place) -> Value:
        """An element of an array over pages."""
        if self._piece is not None:
            pending = self._piece.stored(array, index, place)
            if pending is not None:
                return pending[0]
        return super().load_page(array, index, place)

    def _s_while(self, frame: Frame, s: t.While) -> str:
        for _ in range(MOST_ROUNDS):
            if not self.truth(frame, s.test):
                return ""
            how = self.block(frame, s.body)
            if how in ("break", "return"):
                return "" if how == "break" else how
        raise SymbolicError(str(s.place), f"the loop goes on after {MOST_ROUNDS} rounds")

    def _s_forrange(self, frame: Frame, s: t.ForRange) -> str:
        start, stop = self.number(frame, s.start), self.number(frame, s.stop)
        count = stop - start
        most = self.space.bounds(count)[1]
        if most <= UNROLLED:
            for k in range(most):
                if not self.decide(self.space.compare("<", start + k, stop), s.place):
                    return ""
                frame.locals[s.name] = start + k
                how = self.block(frame, s.body)
                if how in ("break", "return"):
                    return "" if how == "break" else how
            return ""
        if self._piece is not None:
            raise SymbolicError(str(s.place), "a loop over pages inside another one is not executed symbolically")
        try:
            return self._pages(frame, s, start, stop)
        except ValueError as e:
            raise SymbolicError(str(s.place), str(e)) from e

    def _pages(self, frame: Frame, s: t.ForRange, start: Number, stop: Number) -> str:
        """Execute a loop piece by piece: all rounds of a piece do the same."""
        kept: frozenset[str] = self.setting.note("carried", s, lambda: carried(s))
        totals: frozenset[str] = self.setting.note("sums", s, lambda: sums(s))
        for _ in range(MOST_ROUNDS):
            if not self.decide(self.space.compare("<", start, stop), s.place):
                return ""
            how, start = self._one_piece(frame, s, start, stop, kept - totals, totals)
            if how in ("break", "return"):
                return "" if how == "break" else how
        raise SymbolicError(str(s.place), f"a loop over pages has more than {MOST_ROUNDS} pieces")

    def _one_piece(
        self, frame: Frame, s: t.ForRange, start: Number, stop: Number, kept: frozenset[str], totals: frozenset[str]
    ) -> tuple[str, Number]:
        """The rounds from ``start`` on that do the same; how the loop was left, and where the next piece begins."""
        before = {n: frame.locals[n] for n in totals if n in frame.locals}
        how, first, changed, end = self._round(frame, s, start, stop, kept)
        if how in ("break", "return"):
            for array, offset, value in first.stores():
                self._add_layer(array, start + offset, start + offset + 1, value)
            return how, start
        once = {n: frame.locals[n] - before[n] for n in before}
        again = once
        if changed and self.decide(self.space.compare("<", start + 1, end), s.place):
            middle = {n: frame.locals[n] for n in before}
            how, second, changed, later = self._round(frame, s, start, end, kept)
            if changed or how in ("break", "return") or list(second.stores()) != list(first.stores()):
                raise SymbolicError(str(s.place), "the rounds of a loop over pages build on each other")
            again = {n: frame.locals[n] - middle[n] for n in before}
            end = later
        count = end - start
        for n in before:
            frame.locals[n] = before[n] + once[n] + self._times(again[n], count - 1, s.place)
        for array, offset, value in first.stores():
            self._add_layer(array, start + offset, end + offset, value)
        return "", end

    def _times(self, step: Value, count: Number, place: t.Place) -> Number:
        if isinstance(step, int):
            return self.arithmetic("*", count, step, place) if isinstance(count, Affine) else step * count
        if isinstance(count, int):
            return self.arithmetic("*", step, count, place)
        raise SymbolicError(str(place), "a loop over pages adds up what is not the same for all heaps")

    def _round(
        self, frame: Frame, s: t.ForRange, start: Number, stop: Number, kept: frozenset[str]
    ) -> tuple[str, Piece, bool, Number]:
        """One round; how it was left, its stores, whether it changed what the next one reads, and where it stops to hold."""
        (a, b), (c, d) = self.space.bounds(start), self.space.bounds(stop)
        name = f"page {min(a, c)}..{max(b, d)}"
        at = self.space.input(name, min(a, c), max(b, d))
        cells, held = dict(self.heap.cells), {n: frame.locals.get(n) for n in kept}
        counter = Counter(name, start, [stop])
        piece = self._piece = Piece(name)
        self.trail.enter(counter)
        frame.locals[s.name] = at
        try:
            how = self.block(frame, s.body)
        finally:
            self.trail.leave()
            self._piece = None
        if how in ("break", "return"):
            for n, v in frame.locals.items():
                frame.locals[n] = _at(v, name, start)
            frame.result = _at(frame.result, name, start)
        changed = cells != self.heap.cells or any(frame.locals.get(n) != v for n, v in held.items())
        if any(_mentions(frame.locals.get(n), name) for n in kept):
            raise SymbolicError(str(s.place), "a loop over pages carries its counter to the next round")
        end = counter.limits[0]
        for limit in counter.limits[1:]:
            if limit != end and self.decide(self.space.compare("<", limit, end), s.place):
                end = limit
        return how, piece, changed, end


def _at(value: Value, name: str, place: Number) -> Value:
    """A value with the counter where it stands."""
    if isinstance(value, tuple):
        return tuple(_at(v, name, place) for v in value)
    if isinstance(value, Affine):
        factor = dict(value.parts).get(name, 0)
        if factor:
            rest = tuple((n, k) for n, k in value.parts if n != name)
            scaled = (
                place * factor
                if isinstance(place, int)
                else Affine(place.base * factor, tuple((n, k * factor) for n, k in place.parts))
            )
            return (Affine(value.base, rest) if rest else value.base) + scaled
    return value


def _mentions(value: Value, name: str) -> bool:
    return isinstance(value, Affine) and any(n == name for n, _ in value.parts)
