"""Kernels printed as LLVM IR: one function after the other, locals in memory, which LLVM puts into registers."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any

from checker.native.kernels.intrinsics import DECLARED, print_intrinsic
from checker.native.kernels.language import Cells, Struct

_BINARY = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.FloorDiv: "udiv",
    ast.Mod: "urem",
    ast.LShift: "shl",
    ast.RShift: "lshr",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
}
_COMPARE = {ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "ult", ast.LtE: "ule", ast.Gt: "ugt", ast.GtE: "uge"}
Kind = type[Struct] | None
"""What a local is: an address of a struct, or any word."""


class KernelError(Exception):
    """A kernel is outside the language: a defect of the tool."""


def print_kernels(roots: Iterable[Callable[..., Any]], inner: Iterable[Callable[..., Any]] = ()) -> str:
    """The IR of kernels and of what they call; the roots are visible from outside, ``inner`` ones to the module only.

    Raises
    ------
    KernelError
        A kernel is outside the language.
    """
    todo = list(roots)
    public = {f.__name__ for f in todo}
    todo += inner
    done: dict[str, str] = {}
    externs: dict[str, str] = {}
    printed: dict[str, Callable[..., Any]] = {}
    while todo:
        f = todo.pop(0)
        if f.__name__ in done or f.__name__ in externs:
            if printed.get(f.__name__, f) is not f and f.__dict__["__kernel__"] == "kernel":
                raise KernelError(f"two kernels are called {f.__name__}, in {f.__module__} and elsewhere; names must differ")
            continue
        if f.__dict__["__kernel__"] == "extern":
            externs[f.__name__] = f"declare i64 @{f.__name__}({', '.join(['i64'] * len(inspect.signature(f).parameters))})"
            continue
        printer = _Printer(f, internal=f.__name__ not in public)
        done[f.__name__], printed[f.__name__] = printer.text(), f
        todo += printer.called
    return "\n".join([*done.values(), *externs.values(), *DECLARED]) + "\n"


def _struct_of(hint: Any, names: dict[str, Any]) -> Kind:
    """The struct that an annotation names, if it does."""
    found = names.get(hint) if isinstance(hint, str) else hint
    return found if isinstance(found, type) and issubclass(found, Struct) else None


class _Printer:
    """Prints one kernel."""

    def __init__(self, function: Callable[..., Any], *, internal: bool) -> None:
        self.function, self.internal = function, internal
        self.names: dict[str, Any] = function.__globals__
        self.called: list[Callable[..., Any]] = []
        self.kinds: dict[str, Kind] = {}
        self.lines: list[str] = []
        self.slots: list[str] = []
        self.loops: list[tuple[str, str]] = []
        self.serial = 0
        self.ended = False

    def text(self) -> str:
        """The IR of the whole function."""
        source = textwrap.dedent(inspect.getsource(self.function))
        self.start = self.function.__code__.co_firstlineno
        node = ast.parse(source).body[0]
        assert isinstance(node, ast.FunctionDef)
        params = [a.arg for a in node.args.args]
        if params != list(inspect.signature(self.function).parameters) or node.args.defaults:
            raise self._fail(node.args, "parameters are plain names")
        for a in node.args.args:
            self._declare(a.arg, self._annotated(a.annotation))
            self.lines.append(f"  store i64 %{a.arg}.in, ptr %{a.arg}")
        self._body(node.body)
        if not self.ended:
            self._emit("ret i64 0")
        head = ", ".join(f"i64 %{p}.in" for p in params)
        kind = "internal " if self.internal else ""
        marks = "nounwind noinline optsize" if "__rare__" in self.function.__dict__ else "nounwind"
        define = f"define {kind}i64 @{node.name}({head}) {marks} {{"
        return "\n".join([define, ".slots:", *self.slots, "  br label %.start", ".start:", *self.lines, "}", ""])

    # small things

    def _fail(self, node: ast.AST, said: str) -> KernelError:
        return KernelError(
            f"{self.function.__name__}:{self.start + getattr(node, 'lineno', 1) - 1}: {said}: {ast.unparse(node)}"
        )

    def _annotated(self, node: ast.expr | None) -> Kind:
        return None if node is None else _struct_of(ast.unparse(node), self.names)

    def _declare(self, name: str, kind: Kind) -> None:
        if name not in self.kinds:
            self.kinds[name] = kind
            self.slots.append(f"  %{name} = alloca i64")

    def _fresh(self, prefix: str = "t") -> str:
        self.serial += 1
        return f"{prefix}.{self.serial}"

    def _emit(self, line: str) -> None:
        if not self.ended:
            self.lines.append("  " + line)
        if line.startswith(("ret ", "br ", "unreachable")):
            self.ended = True

    def _value(self, text: str) -> str:
        name = "%" + self._fresh()
        self._emit(f"{name} = {text}")
        return name

    def _label(self, name: str) -> None:
        self._emit(f"br label %{name}")
        self.lines.append(f"{name}:")
        self.ended = False

    def _pointer(self, address: str) -> str:
        return self._value(f"inttoptr i64 {address} to ptr")

    def _calls(self, target: ast.expr) -> bool:
        """Whether an expression calls anything; a struct's name only says what an address is."""
        called = [n.func for n in ast.walk(target) if isinstance(n, ast.Call)]
        found = [self.names.get(f.id) if isinstance(f, ast.Name) else None for f in called]
        return any(not (isinstance(f, type) and issubclass(f, Struct)) for f in found)

    # statements

    def _body(self, body: list[ast.stmt]) -> None:
        for s in body:
            if self.ended:
                return
            method = getattr(self, "_s_" + type(s).__name__.lower(), None)
            if method is None:
                raise self._fail(s, "no statement of the kernel language")
            method(s)

    def _s_expr(self, s: ast.Expr) -> None:
        if not isinstance(s.value, ast.Constant):  # a docstring
            self._expr(s.value)

    def _s_pass(self, s: ast.Pass) -> None:
        pass

    def _s_assign(self, s: ast.Assign) -> None:
        value, kind = self._typed(s.value)
        for target in s.targets:
            self._store(target, value, kind)

    def _s_annassign(self, s: ast.AnnAssign) -> None:
        assert s.value is not None
        value, kind = self._typed(s.value)
        self._store(s.target, value, self._annotated(s.annotation) or kind)

    def _s_augassign(self, s: ast.AugAssign) -> None:
        if self._calls(s.target):
            raise self._fail(s, "a call in what is assigned to would be made twice")
        value = self._binary(s.op, self._expr(s.target), self._expr(s.value), s)
        self._store(s.target, value, None)

    def _store(self, target: ast.expr, value: str, kind: Kind) -> None:
        if isinstance(target, ast.Name):
            self._declare(target.id, kind)
            self._emit(f"store i64 {value}, ptr %{target.id}")
        elif isinstance(target, ast.Subscript):
            bits = self._cells(target)
            at = self._pointer(self._expr(target.slice))
            if bits < 64:
                value = self._value(f"trunc i64 {value} to i{bits}")
            self._emit(f"store i{bits} {value}, ptr {at}, align 1")
        elif isinstance(target, ast.Attribute):
            self._emit(f"store i64 {value}, ptr {self._field(target)}, align 8")
        else:
            raise self._fail(target, "nothing that can be assigned to")

    def _s_if(self, s: ast.If) -> None:
        then, other, done = self._fresh("then"), self._fresh("else"), self._fresh("fi")
        self._test(s.test, then, other if s.orelse else done)
        self._enter(then)
        self._body(s.body)
        self._emit(f"br label %{done}")
        if s.orelse:
            self._enter(other)
            self._body(s.orelse)
            self._emit(f"br label %{done}")
        self._enter(done)

    def _enter(self, label: str) -> None:
        self.lines.append(f"{label}:")
        self.ended = False

    def _s_while(self, s: ast.While) -> None:
        if s.orelse:
            raise self._fail(s.test, "a loop has no else")
        head, body, done = self._fresh("while"), self._fresh("do"), self._fresh("done")
        self._label(head)
        if isinstance(s.test, ast.Constant) and s.test.value is True:
            self._emit(f"br label %{body}")
        else:
            self._test(s.test, body, done)
        self._enter(body)
        self._loop(s.body, head, done)
        self._emit(f"br label %{head}")
        self._enter(done)

    def _s_for(self, s: ast.For) -> None:
        call, target = s.iter, s.target
        if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "range" and isinstance(target, ast.Name)):
            raise self._fail(s, "a loop is over range()")
        if s.orelse or call.keywords or len(call.args) not in (1, 2):
            raise self._fail(call, "a range has one or two bounds, and a loop no else")
        bounds = [self._expr(a) for a in call.args]
        start, stop = ["0", *bounds][-2:]
        at, limit = self._fresh("at"), self._fresh("stop")
        self.slots += [f"  %{at} = alloca i64", f"  %{limit} = alloca i64"]
        self._declare(target.id, None)
        self._emit(f"store i64 {start}, ptr %{at}")
        self._emit(f"store i64 {stop}, ptr %{limit}")
        head, body, again, done = (self._fresh(n) for n in ("for", "do", "next", "done"))
        self._label(head)
        i = self._value(f"load i64, ptr %{at}")
        inside = self._value(f"icmp ult i64 {i}, {self._value(f'load i64, ptr %{limit}')}")
        self._emit(f"br i1 {inside}, label %{body}, label %{done}")
        self._enter(body)
        self._emit(f"store i64 {i}, ptr %{target.id}")
        self._loop(s.body, again, done)
        self._label(again)
        self._emit(f"store i64 {self._value(f'add i64 {i}, 1')}, ptr %{at}")
        self._emit(f"br label %{head}")
        self._enter(done)

    def _loop(self, body: list[ast.stmt], again: str, done: str) -> None:
        self.loops.append((again, done))
        self._body(body)
        self.loops.pop()

    def _s_break(self, s: ast.Break) -> None:
        self._emit(f"br label %{self.loops[-1][1]}")

    def _s_continue(self, s: ast.Continue) -> None:
        self._emit(f"br label %{self.loops[-1][0]}")

    def _s_return(self, s: ast.Return) -> None:
        self._emit(f"ret i64 {'0' if s.value is None else self._expr(s.value)}")

    # expressions

    def _test(self, e: ast.expr, yes: str, no: str) -> None:
        """Branch on a truth value."""
        if isinstance(e, ast.BoolOp):
            for item in e.values[:-1]:
                on = self._fresh("on")
                self._test(item, *((on, no) if isinstance(e.op, ast.And) else (yes, on)))
                self._enter(on)
            self._test(e.values[-1], yes, no)
        elif isinstance(e, ast.UnaryOp) and isinstance(e.op, ast.Not):
            self._test(e.operand, no, yes)
        elif isinstance(e, ast.Compare):
            self._emit(f"br i1 {self._comparison(e)}, label %{yes}, label %{no}")
        else:
            bit = self._value(f"icmp ne i64 {self._expr(e)}, 0")
            self._emit(f"br i1 {bit}, label %{yes}, label %{no}")

    def _comparison(self, e: ast.Compare) -> str:
        if len(e.ops) != 1 or type(e.ops[0]) not in _COMPARE:
            raise self._fail(e, "one comparison at a time")
        left, right = self._expr(e.left), self._expr(e.comparators[0])
        return self._value(f"icmp {_COMPARE[type(e.ops[0])]} i64 {left}, {right}")

    def _expr(self, e: ast.expr) -> str:
        return self._typed(e)[0]

    def _typed(self, e: ast.expr) -> tuple[str, Kind]:
        """An operand, and the struct whose address it is."""
        if isinstance(e, ast.Constant) and isinstance(e.value, (int, bool)):
            return self._constant(int(e.value), e), None
        if isinstance(e, ast.Name):
            if e.id in self.kinds:
                return self._value(f"load i64, ptr %{e.id}"), self.kinds[e.id]
            known = self.names.get(e.id)
            if isinstance(known, int):
                return self._constant(int(known), e), None
            raise self._fail(e, "unknown name")
        if isinstance(e, ast.BinOp):
            return self._binary(e.op, self._expr(e.left), self._expr(e.right), e), None
        if isinstance(e, ast.UnaryOp) and isinstance(e.op, ast.Invert):
            return self._value(f"xor i64 {self._expr(e.operand)}, -1"), None
        if isinstance(e, ast.Compare):
            return self._value(f"zext i1 {self._comparison(e)} to i64"), None
        if isinstance(e, ast.BoolOp) or (isinstance(e, ast.UnaryOp) and isinstance(e.op, ast.Not)):
            return self._choice(e, ast.Constant(1), ast.Constant(0)), None
        if isinstance(e, ast.IfExp):
            return self._choice(e.test, e.body, e.orelse), None
        if isinstance(e, ast.Subscript):
            bits = self._cells(e)
            at = self._pointer(self._expr(e.slice))
            value = self._value(f"load i{bits}, ptr {at}, align 1")
            return value if bits == 64 else self._value(f"zext i{bits} {value} to i64"), None
        if isinstance(e, ast.Attribute):
            return self._value(f"load i64, ptr {self._field(e)}, align 8"), self._field_kind(e)
        if isinstance(e, ast.Call):
            return self._call(e)
        raise self._fail(e, "no expression of the kernel language")

    def _constant(self, value: int, e: ast.expr) -> str:
        if not 0 <= value < 1 << 64:
            raise self._fail(e, f"{value} is no word")
        return str(value)

    def _choice(self, test: ast.expr, a: ast.expr, b: ast.expr) -> str:
        slot = self._fresh("choice")
        self.slots.append(f"  %{slot} = alloca i64")
        then, other, done = self._fresh("then"), self._fresh("else"), self._fresh("fi")
        self._test(test, then, other)
        for label, side in ((then, a), (other, b)):
            self._enter(label)
            self._emit(f"store i64 {self._expr(side)}, ptr %{slot}")
            self._emit(f"br label %{done}")
        self._enter(done)
        return self._value(f"load i64, ptr %{slot}")

    def _binary(self, op: ast.operator, a: str, b: str, e: ast.AST) -> str:
        if type(op) not in _BINARY:
            raise self._fail(e, "no operator of the kernel language")
        return self._value(f"{_BINARY[type(op)]} i64 {a}, {b}")

    def _cells(self, e: ast.Subscript) -> int:
        cells = self.names.get(e.value.id) if isinstance(e.value, ast.Name) else None
        if not isinstance(cells, Cells):
            raise self._fail(e, "only u8, u16, u32 and u64 can be indexed")
        return cells.bits

    def _field(self, e: ast.Attribute) -> str:
        base, kind = self._typed(e.value)
        if kind is None or e.attr not in kind.fields:
            raise self._fail(e, "no field of a struct")
        return self._value(f"getelementptr i8, ptr {self._pointer(base)}, i64 {kind.offset(e.attr)}")

    def _field_kind(self, e: ast.Attribute) -> Kind:
        kind = self._typed(e.value)[1]
        assert kind is not None
        return _struct_of(kind.__annotations__[e.attr], vars(sys.modules[kind.__module__]))

    def _call(self, e: ast.Call) -> tuple[str, Kind]:
        name = e.func.id if isinstance(e.func, ast.Name) else ""
        target: Any = self.names.get(name)
        struct = isinstance(target, type) and issubclass(target, Struct)
        wanted = 2 if name in ("min", "max") else 1 if struct else None
        if hasattr(target, "__kernel__"):
            wanted = len(inspect.signature(target).parameters)
        if wanted is not None and (e.keywords or len(e.args) != wanted):
            raise self._fail(e, f"a call with {wanted} arguments, without names, is expected")
        args = [self._expr(a) for a in e.args]
        if name in ("min", "max"):
            less = self._value(f"icmp ult i64 {args[0]}, {args[1]}")
            a, b = args if name == "min" else args[::-1]
            return self._value(f"select i1 {less}, i64 {a}, i64 {b}"), None
        if struct:
            return args[0], target
        kind = getattr(target, "__kernel__", None)
        if kind == "intrinsic":
            return print_intrinsic(name, args, self._emit, self._value, self._pointer), None
        if kind is None or not isinstance(target, FunctionType):
            raise self._fail(e, "no kernel")
        self.called.append(target)
        result = _struct_of(target.__annotations__.get("return"), target.__globals__)
        return self._value(f"call i64 @{name}({', '.join(f'i64 {a}' for a in args)})"), result
