"""Execution of typed functions on the inputs of one run: expressions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.symbolic.exploration.affine import PLAIN, Affine, Compare, Junction, Number, junction, negation
from checker.symbolic.exploration.arithmetic import OPERATORS, Arithmetic
from checker.symbolic.exploration.heap import Heap, is_long
from checker.symbolic.exploration.space import Space
from checker.symbolic.exploration.trail import Fork, Trail
from checker.symbolic.number import SymbolicError
from spec.language.parameters import Parameters

Value = Any
"""A number, a condition, or a tuple of values. References are record numbers, 0 for None."""


class Stopped(Exception):
    """The run ends: a throw of the heap, or an error of the spec.

    Attributes
    ----------
    kind : str
        ``throw`` or ``error``.
    place, message : str
    """

    def __init__(self, kind: str, place: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.place, self.message = kind, place, message


@dataclass(slots=True)
class Frame:
    """A call: its locals and, when it has returned, its result."""

    locals: dict[str, Value]
    result: Value = None


@dataclass(frozen=True, slots=True)
class Ending:
    """An operation ended in this heap; its properties are due."""

    property: int
    function: str
    args: tuple[Value, ...]
    heap: Heap


@dataclass(slots=True)
class Setting:
    """What all runs of an exploration share.

    Attributes
    ----------
    program : Program
    space : Space
    parameters : list of Parameters
        One for each value of the parameter that varies.
    lengths : mapping
        Of arrays, for each of its values.
    antecedents : set of int
        Properties whose antecedent was met.
    values, noted, merges : dict
        What was worked out of parameters and of nodes of the program's trees.
    """

    program: Program
    space: Space
    parameters: list[Parameters]
    lengths: Mapping[tuple[str, str], tuple[int, ...]]
    antecedents: set[int] = field(default_factory=set)
    values: dict[str, Number] = field(default_factory=dict)
    noted: dict[tuple[str, int], Any] = field(default_factory=dict)
    merges: dict[int, bool] = field(default_factory=dict)

    def note(self, what: str, node: t.Stmt | t.Expr, find: Callable[[], Any]) -> Any:
        """What is true of a node of the program's trees, found once."""
        key = what, id(node)
        if key not in self.noted:
            self.noted[key] = find()
        return self.noted[key]

    def parameter(self, name: str) -> Number:
        """A parameter, declared or derived."""
        if name not in self.values:
            each = [int(getattr(p, name)) for p in self.parameters]
            self.values[name] = self.space.decided(each) if self.space.parameter else each[0]
        return self.values[name]

    def length(self, record: str, field: str) -> Number:
        """How long an array is."""
        key = f"{record}.{field}"
        if key not in self.values:
            each = self.lengths[record, field]
            self.values[key] = self.space.decided(each) if self.space.parameter else each[0]
        return self.values[key]


class Expressions(Arithmetic):
    """Evaluates expressions.

    Parameters
    ----------
    setting : Setting
    trail : Trail
    heap : Heap
        It is changed.
    thread : int
        What ``thread()`` answers: 1 in an operation, 0 in an invariant.
    """

    def __init__(self, setting: Setting, trail: Trail, heap: Heap, thread: int = 1) -> None:
        self.setting, self.trail, self.heap, self.thread = setting, trail, heap, thread
        self.program, self.space = setting.program, setting.space
        self.records = setting.program.schema.records
        self._methods: dict[type, Callable[[Frame, Any], Value]] = {
            kind: getattr(self, "_" + kind.__name__.lower())
            for kind in (
                t.Const, t.Local, t.Param, t.Table, t.Load, t.Nested, t.Unary, t.Binary, t.Compare, t.Logic, t.Conditional,
                t.Mask, t.Call, t.ThreadId,
            )
        }  # fmt: skip

    def eval(self, frame: Frame, e: t.Expr) -> Value:
        """The value of an expression."""
        if type(e) is t.Local:
            return frame.locals[e.name]
        try:
            return self._methods[type(e)](frame, e)
        except KeyError:
            if type(e) in self._methods:
                raise
            raise SymbolicError(str(e.place), f"{type(e).__name__.lower()} cannot be executed symbolically") from None

    def truth(self, frame: Frame, e: t.Expr) -> bool:
        """The value of a test in this run, which then depends on it."""
        value = self.eval(frame, e)
        return value if value is True or value is False else self.decide(value, e.place)

    def decide(self, value: Value, place: t.Place) -> bool:
        """A condition, or a number other than 0, in this run."""
        if value is True or value is False:
            return bool(value)
        if isinstance(value, Affine):
            value = self.space.compare("!=", value, 0)
        try:
            return self.trail.decide(value if isinstance(value, (Compare, Junction)) else bool(value))
        except ValueError as e:
            raise SymbolicError(str(place), str(e)) from e

    def number(self, frame: Frame, e: t.Expr) -> Number:
        """The value of an integer or a reference."""
        value = frame.locals[e.name] if type(e) is t.Local else self.eval(frame, e)
        kind = type(value)
        if kind is int or kind is Affine:
            known: Number = value
            return known
        if isinstance(value, (Compare, Junction)):
            return int(self.decide(value, e.place))
        return int(value)

    def constant(self, frame: Frame, e: t.Expr) -> int:
        """The value of an integer in this run, which then depends on it."""
        try:
            return self.trail.equal(self.number(frame, e))
        except ValueError as error:
            raise SymbolicError(str(e.place), str(error)) from error

    def require(self, condition: Value, place: t.Place, message: str) -> None:
        """An error of the spec if the condition does not hold."""
        if condition is not True and not self.decide(condition, place):
            if self.trail.guarded:
                raise Fork
            raise Stopped("error", str(place), message)

    def record(self, frame: Frame, ref: t.Expr, e: t.Load | t.Nested | t.Store) -> int:
        """The number of the record that a reference leads to; ``e`` is about one of its fields."""
        if ref.type.memory:
            raise SymbolicError(str(ref.place), "the state before a step is not kept")
        number: Value = self.eval(frame, ref)
        if type(number) is int and number:
            return number
        known = self.trail.equal(number)
        self.require(known != 0, ref.place, f"{e.record}.{e.field} of None")
        return known

    def index(self, frame: Frame, e: t.Expr, record: str, field: str) -> Number:
        """An index of an array."""
        i = self.number(frame, e)
        length = self.setting.length(record, field)
        if type(i) is int and type(length) is int and 0 <= i < length:
            return i
        compare = self.space.compare
        if self.decide(compare("<=", 0, i), e.place) and self.decide(compare("<", i, self.space.bounds(length)[0]), e.place):
            return i
        inside = junction("and", [compare("<=", 0, i), compare("<", i, length)])
        self.require(inside, e.place, f"{record}.{field}[...]: index outside the array")
        return i

    def _const(self, frame: Frame, e: t.Const) -> Value:
        return bool(e.value) if e.type.kind == "bool" else e.value

    def _local(self, frame: Frame, e: t.Local) -> Value:
        return frame.locals[e.name]

    def _threadid(self, frame: Frame, e: t.ThreadId) -> Value:
        return self.thread

    def _param(self, frame: Frame, e: t.Param) -> Value:
        return self.setting.parameter(e.name)

    def _table(self, frame: Frame, e: t.Table) -> Value:
        i = self.constant(frame, e.index)
        self.require(0 <= i < len(e.values), e.place, f"constant table: index outside 0..{len(e.values) - 1}")
        return e.values[i]

    def _load(self, frame: Frame, e: t.Load) -> Value:
        number = self.record(frame, e.ref, e)
        if e.index is None:
            return self.heap.load((e.record, e.field, number, -1))
        if is_long(self.records[e.record].fields[e.field]):
            return self.load_page((e.record, e.field, number), self.index(frame, e.index, e.record, e.field), e.place)
        i = self.constant(frame, e.index)
        if not 0 <= i < (self.records[e.record].fields[e.field].length or 0):
            self.require(False, e.place, f"{e.record}.{e.field}[{i}]: index outside the array")
        return self.heap.load((e.record, e.field, number, i))

    def load_page(self, array: tuple[str, str, int], index: Number, place: t.Place) -> Value:
        """An element of an array over pages."""
        compare = self.space.compare
        for layer in reversed(self.heap.layers.get(array, ())):
            if self.decide(compare("<=", layer.start, index), place) and self.decide(compare("<", index, layer.stop), place):
                return layer.value
        return self.heap.first[*array, -1]

    def _nested(self, frame: Frame, e: t.Nested) -> Value:
        number = self.record(frame, e.ref, e)
        f = self.records[e.record].fields[e.field]
        if e.index is None:
            return f.first[number - 1]
        i = self.constant(frame, e.index)
        if not 0 <= i < (f.length or 0):
            self.require(False, e.place, f"{e.record}.{e.field}[{i}]: index outside 0..{(f.length or 0) - 1}")
        return f.first[number - 1] + i

    def _unary(self, frame: Frame, e: t.Unary) -> Value:
        if e.op == "not":
            value = self.eval(frame, e.operand)
            return negation(value) if isinstance(value, (Compare, Junction)) else not self.decide(value, e.place)
        value = self.number(frame, e.operand)
        return 0 - value if e.op == "-" else -1 - value

    def _binary(self, frame: Frame, e: t.Binary) -> Value:
        a, b = self.number(frame, e.left), self.number(frame, e.right)
        if type(a) is int and type(b) is int:
            if e.op in ("//", "%"):
                self.require(b != 0, e.place, "division by zero")
            return OPERATORS[e.op](a, b)
        return self.arithmetic(e.op, a, b, e.place)

    def _mask(self, frame: Frame, e: t.Mask) -> Value:
        bits = self.setting.parameter(e.bits)
        assert isinstance(bits, int)
        return self.low_bits(self.number(frame, e.operand), bits, e.place)

    def _compare(self, frame: Frame, e: t.Compare) -> Value:
        a, b = self.number(frame, e.left), self.number(frame, e.right)
        if type(a) is int and type(b) is int:
            return PLAIN[e.op](a, b)
        return self.space.compare(e.op, a, b)

    def _logic(self, frame: Frame, e: t.Logic) -> Value:
        wanted = e.op == "and"
        items: list[Value] = []
        for item in e.items:
            value = self._item(frame, item, items, wanted)
            if isinstance(value, (bool, int, Affine)):
                value = self.decide(value, item.place)
                if value is not wanted:
                    return value
                continue
            items.append(value)
        return junction(e.op, items)

    def _item(self, frame: Frame, item: t.Expr, before: list[Value], wanted: bool) -> Value:
        """One operand, after others that are not known; they are decided if it cannot be told without."""
        if not before:
            return self.eval(frame, item)
        self.trail.guarded += 1
        try:
            return self.eval(frame, item)
        except Fork:
            pass
        finally:
            self.trail.guarded -= 1
        for value in before:
            if self.decide(value, item.place) is not wanted:
                before.clear()
                return not wanted
        before.clear()
        return self.eval(frame, item)

    def _conditional(self, frame: Frame, e: t.Conditional) -> Value:
        return self.eval(frame, e.then if self.truth(frame, e.test) else e.other)

    def _call(self, frame: Frame, e: t.Call) -> Value:
        return self.call(e.function, [self.eval(frame, a) for a in e.args])

    @abstractmethod
    def call(self, name: str, args: list[Value]) -> Value:
        """Call a function of the spec."""
