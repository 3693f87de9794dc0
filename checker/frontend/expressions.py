"""Typing of expressions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from checker.errors import LanguageError
from checker.frontend import tree as t
from checker.frontend.walk import subexpressions
from spec.language import Parameters, primitives
from spec.language.schema import Scalar

if TYPE_CHECKING:
    from checker.frontend.program import Program

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "==",
    ast.IsNot: "!=",
}
_MASKS = {"u64": "word_bits", "u32": "gen_bits"}


class Expressions:
    """Types the expressions of one function; `Typer` adds the statements."""

    def __init__(self, program: Program, function: t.Function, names: dict[str, Any]) -> None:
        self.program = program
        self.function = function
        self.names = names
        self.types = function.types

    def place(self, node: ast.AST) -> t.Place:
        """Where a node stands."""
        p = self.function.place
        return t.Place(p.module, p.file, getattr(node, "lineno", p.line), p.function)

    def refuse(self, node: ast.AST, message: str) -> LanguageError:
        """The error for a node outside the language."""
        return LanguageError(str(self.place(node)), message)

    def expr(self, node: ast.expr) -> t.Expr:
        """The typed form of an expression."""
        method = getattr(self, "_" + type(node).__name__.lower(), None)
        if method is None:
            what = type(node).__name__
            raise self.refuse(node, f"{what} expression {ast.unparse(node)!r} is outside the language; write plain statements")
        result: t.Expr = method(node)
        return result

    def test(self, node: ast.expr) -> t.Expr:
        """An expression that must be a truth value."""
        e = self.expr(node)
        if e.type.kind != "bool":
            hint = "'is not None'" if e.type.kind in ("ref", "none") else "'!= 0'"
            raise self.refuse(node, f"{ast.unparse(node)!r} is of type {e.type}, a truth value is expected; write {hint}")
        return e

    def integer(self, node: ast.expr) -> t.Expr:
        """An expression that must be an integer (a truth value counts as 0 or 1, as in Python)."""
        e = self.expr(node)
        if e.type.kind not in ("int", "bool"):
            raise self.refuse(node, f"{ast.unparse(node)!r} is of type {e.type}, an integer is expected")
        return e

    def _constant(self, node: ast.Constant) -> t.Expr:
        value = node.value
        if value is None:
            return t.Const(t.NONE, self.place(node), 0)
        if isinstance(value, bool):
            return t.Const(t.BOOL, self.place(node), int(value))
        if isinstance(value, int):
            return t.Const(t.Type("int", Scalar("range", value, value)), self.place(node), value)
        raise self.refuse(node, f"the literal {value!r} is outside the language; use integers, True, False and None")

    def _name(self, node: ast.Name) -> t.Expr:
        if node.id in self.types:
            return t.Local(self.types[node.id], self.place(node), node.id)
        value = self.names.get(node.id)
        if isinstance(value, bool):
            return t.Const(t.BOOL, self.place(node), int(value))
        if isinstance(value, int):
            return t.Const(t.Type("int", Scalar("range", value, value)), self.place(node), value)
        raise self.refuse(node, f"{node.id!r} is no local set before this line, no parameter and no integer constant")

    def _attribute(self, node: ast.Attribute) -> t.Expr:
        if isinstance(node.value, ast.Name) and node.value.id not in self.types:
            owner = self.names.get(node.value.id)
            if isinstance(owner, Parameters):
                value = getattr(owner, node.attr, None)
                if not isinstance(value, int):
                    raise self.refuse(node, f"{node.attr!r} is no parameter; there are: {', '.join(owner.declared())}")
                scalar = Scalar("range", min(value, 0), value)
                return t.Param(t.Type("int", scalar), self.place(node), node.attr)
        return self._cell(node, node.value, node.attr, None)

    def _subscript(self, node: ast.Subscript) -> t.Expr:
        if isinstance(node.value, ast.Name) and node.value.id not in self.types:
            table = self.names.get(node.value.id)
            if isinstance(table, tuple) and table and all(isinstance(v, int) for v in table):
                scalar = Scalar("range", min(table), max(table))
                return t.Table(t.Type("int", scalar), self.place(node), table, self.integer(node.slice))
        if not isinstance(node.value, ast.Attribute):
            raise self.refuse(node, f"{ast.unparse(node)!r}: only array fields and constant tables of integers have indices")
        return self._cell(node, node.value.value, node.value.attr, node.slice)

    def _cell(self, node: ast.expr, owner: ast.expr, name: str, index: ast.expr | None) -> t.Expr:
        ref = self.expr(owner)
        if ref.type.kind != "ref":
            raise self.refuse(node, f"{ast.unparse(owner)!r} is of type {ref.type}, which has no field {name!r}")
        record = self.program.schema.records[ref.type.record]
        if name not in record.fields:
            raise self.refuse(node, f"{record.name} has no field {name!r}; it has: {', '.join(record.fields)}")
        f = record.fields[name]
        if (f.length is None) != (index is None):
            what = "an array: give an index" if f.length is not None else "no array: leave the index out"
            raise self.refuse(node, f"{record.name}.{name} is {what}")
        at = self.integer(index) if index is not None else None
        if f.scalar is None:
            kind = t.Type("ref", None, record=f.nested, memory=ref.type.memory)
            return t.Nested(kind, self.place(node), ref, record.name, name, at)
        reads = isinstance(node, ast.Call) or isinstance(getattr(node, "ctx", None), ast.Load)
        if f.ghost and reads and "." not in self.function.place.module:
            raise self.refuse(node, f"{record.name}.{name} is a ghost: the heap may not read it; move this to the environment")
        return t.Load(self._cell_type(f.scalar, ref.type.memory), self.place(node), ref, record.name, name, at)

    @staticmethod
    def _cell_type(scalar: Scalar, memory: int) -> t.Type:
        if scalar.kind == "ref":
            return t.Type("ref", scalar, record=scalar.record, nullable=True, memory=memory)
        if scalar.kind in ("bool", "lock"):
            return t.Type(scalar.kind, scalar)
        return t.Type("int", scalar)

    def _unaryop(self, node: ast.UnaryOp) -> t.Expr:
        if isinstance(node.op, ast.Not):
            return t.Unary(t.BOOL, self.place(node), "not", self.test(node.operand))
        if isinstance(node.op, (ast.USub, ast.Invert)):
            operand, op = self.integer(node.operand), "-" if isinstance(node.op, ast.USub) else "~"
            zero = t.Type("int", Scalar("range", 0, 0) if op == "-" else Scalar("range", -1, -1))
            return t.Unary(interval("-", zero, operand.type), self.place(node), op, operand)
        raise self.refuse(node, "unary + does nothing; leave it out")

    def _binop(self, node: ast.BinOp) -> t.Expr:
        if type(node.op) not in _BINARY:
            raise self.refuse(node, f"{ast.unparse(node)!r}: the operator is outside the language; use + - * // % << >> & | ^")
        op, left, right = _BINARY[type(node.op)], self.integer(node.left), self.integer(node.right)
        return t.Binary(interval(op, left.type, right.type), self.place(node), op, left, right)

    def _boolop(self, node: ast.BoolOp) -> t.Expr:
        op = "and" if isinstance(node.op, ast.And) else "or"
        return t.Logic(t.BOOL, self.place(node), op, tuple(self.test(v) for v in node.values))

    def _ifexp(self, node: ast.IfExp) -> t.Expr:
        then, other = self.expr(node.body), self.expr(node.orelse)
        kind = self.join(node, then.type, other.type)
        return t.Conditional(kind, self.place(node), self.test(node.test), then, other)

    def _compare(self, node: ast.Compare) -> t.Expr:
        operands = [self.expr(v) for v in (node.left, *node.comparators)]
        for middle, source in zip(operands[1:-1], node.comparators, strict=False):
            if any(isinstance(x, (t.Call, t.Atomic)) for x in subexpressions(middle)):
                raise self.refuse(source, f"{ast.unparse(source)!r} stands in the middle of a chain; write two comparisons")
        parts = [self._pair(node, op, a, b) for op, a, b in zip(node.ops, operands, operands[1:], strict=False)]
        return parts[0] if len(parts) == 1 else t.Logic(t.BOOL, self.place(node), "and", tuple(parts))

    def _pair(self, node: ast.Compare, op: ast.cmpop, a: t.Expr, b: t.Expr) -> t.Expr:
        if type(op) not in _COMPARE:
            raise self.refuse(node, f"{ast.unparse(node)!r}: the language has no 'in'; write comparisons")
        references = a.type.kind in ("ref", "none") or b.type.kind in ("ref", "none")
        identity = isinstance(op, (ast.Is, ast.IsNot))
        if references != identity:
            want = "'is' or 'is not'" if references else "'==' or '!='"
            raise self.refuse(node, f"{ast.unparse(node)!r} compares {a.type} with {b.type}; write {want}")
        if references and {a.type.kind, b.type.kind} == {"ref"} and a.type.record != b.type.record:
            raise self.refuse(node, f"{ast.unparse(node)!r} compares a {a.type.record} with a {b.type.record}; leave it out")
        if references and {a.type.kind, b.type.kind} == {"ref"} and a.type.memory != b.type.memory:
            raise self.refuse(node, f"{ast.unparse(node)!r} compares records before and after the step; compare their fields")
        for e in (a, b):
            if e.type.kind not in ("int", "bool", "ref", "none"):
                raise self.refuse(node, f"{ast.unparse(node)!r} compares a {e.type}; compare integers and references")
        return t.Compare(t.BOOL, self.place(node), _COMPARE[type(op)], a, b)

    def _call(self, node: ast.Call) -> t.Expr:
        if not isinstance(node.func, ast.Name) or node.func.id in self.types:
            raise self.refuse(node, f"{ast.unparse(node.func)!r} is called; call a function of the spec by its name")
        name = node.func.id
        value = self.names.get(name)
        primitive = getattr(primitives, name, None) if value is getattr(primitives, name, object()) else None
        if primitive is not None and name in _MASKS:
            return t.Mask(self._mask_type(name), self.place(node), _MASKS[name], self.integer(self._args(node, 1)[0]))
        if primitive is not None and name in ("cas", "xadd"):
            return self._atomic(node, name)
        if primitive is not None and name == "thread":
            self._args(node, 0)
            number = Scalar("range", 0, self.program.schema.threads, thread=True)
            return t.ThreadId(t.Type("int", number), self.place(node))
        if primitive is not None:
            said = f"{name}() stands alone as a statement, choose() on the right of '=', given() as an if test"
            raise self.refuse(node, said)
        if name in ("min", "max") and value is None:
            a, b = self._args(node, 2)
            left, right = self.integer(a), self.integer(b)
            return t.Binary(interval(name, left.type, right.type), self.place(node), name, left, right)
        if value is None or not callable(value):
            raise self.refuse(node, f"{name!r} is no function of the spec, and no primitive of the language")
        callee = self.program.function(value, str(self.place(node)))
        args = self._bind(node, callee)
        memory = {a.type.memory for a in args if a.type.kind == "ref"}
        if len(memory) > 1:
            raise self.refuse(node, f"{name}() is given records of the state before and after the step; pass one state's")
        result = callee.result
        if result.kind == "ref" and memory == {1}:
            result = t.Type("ref", result.scalar, result.record, result.nullable, 1)
        return t.Call(result, self.place(node), callee.name, tuple(args))

    def _mask_type(self, name: str) -> t.Type:
        bits = self.program.schema.parameters.resolve(_MASKS[name])
        return t.Type("int", Scalar("wrap", 0, 2**bits - 1))

    def _args(self, node: ast.Call, count: int) -> list[ast.expr]:
        if len(node.args) != count or node.keywords:
            raise self.refuse(node, f"{ast.unparse(node.func)}() takes {count} positional argument(s)")
        return node.args

    def _bind(self, node: ast.Call, callee: t.Function) -> list[t.Expr]:
        given = dict(zip(callee.params, node.args, strict=False))
        for k in node.keywords:
            if k.arg is None or k.arg in given or k.arg not in callee.params:
                raise self.refuse(node, f"{callee.name} has no free parameter {k.arg!r}")
            given[k.arg] = k.value
        if len(node.args) > len(callee.params) or len(given) != len(callee.params):
            raise self.refuse(node, f"{callee.name} takes ({', '.join(callee.params)}); {len(node.args)} were given")
        args = []
        for p in callee.params:
            e, want = self.expr(given[p]), callee.types[p]
            if not self.fits(e.type, want):
                raise self.refuse(given[p], f"argument {p} of {callee.name} is {e.type}; {want} is expected")
            args.append(e)
        return args

    def _atomic(self, node: ast.Call, op: str) -> t.Expr:
        record, field_name, *values = self._args(node, 4 if op == "cas" else 3)
        if not isinstance(field_name, ast.Constant) or not isinstance(field_name.value, str):
            raise self.refuse(node, f"{op}() takes the field's name as a literal string")
        cell = self._cell(node, record, field_name.value, None)
        if not isinstance(cell, t.Load) or cell.type.kind not in (("int", "bool") if op == "cas" else ("int",)):
            raise self.refuse(node, f"{op}() works on a field that holds an integer{' or truth value' if op == 'cas' else ''}")
        kind = t.BOOL if op == "cas" else cell.type
        typed = tuple(self.integer(v) for v in values)
        return t.Atomic(kind, self.place(node), op, cell.ref, cell.record, cell.field, typed)

    def fits(self, have: t.Type, want: t.Type) -> bool:
        """Whether a value of one type may go where the other is declared; a reference may turn out to be None when used."""
        if want.kind == "ref":
            if want.record == self.program.schema.root and have.nullable and not want.nullable:
                return False
            if have.kind == "none":
                return want.nullable
            return have.kind == "ref" and have.record == want.record
        if want.kind == "tuple":
            return have.kind == "tuple" and len(have.items) == len(want.items) and all(map(self.fits, have.items, want.items))
        return have.kind == want.kind or (have.kind, want.kind) == ("bool", "int")

    def join(self, node: ast.AST, a: t.Type, b: t.Type) -> t.Type:
        """The type of a variable that takes both."""
        if a.kind == b.kind == "int":
            if a.scalar is None or b.scalar is None:
                return t.INT
            if a.scalar == b.scalar:
                return a
            return t.Type("int", Scalar("range", min(a.scalar.lo, b.scalar.lo), max(a.scalar.hi, b.scalar.hi)))
        if {a.kind, b.kind} == {"none", "ref"}:
            r = a if a.kind == "ref" else b
            return t.Type("ref", r.scalar, r.record, True, r.memory)
        if a.kind == b.kind == "ref" and a.record == b.record and a.memory == b.memory:
            return t.Type("ref", a.scalar, a.record, a.nullable or b.nullable, a.memory)
        if a.kind == b.kind and a.kind != "ref":
            return a
        if {a.kind, b.kind} == {"int", "bool"}:
            return t.INT
        raise self.refuse(node, f"one variable or expression holds both {a} and {b}; use two")


def interval(op: str, a: t.Type, b: t.Type) -> t.Type:
    """The type of an arithmetic result: its range where the operands' ranges tell one."""
    if a.scalar is None or b.scalar is None:
        return t.INT
    (p, q), (r, s) = (a.scalar.lo, a.scalar.hi), (b.scalar.lo, b.scalar.hi)
    if op == "+":
        lo, hi = p + r, q + s
    elif op == "-":
        lo, hi = p - s, q - r
    elif op == "min":
        lo, hi = min(p, r), min(q, s)
    elif op == "max":
        lo, hi = max(p, r), max(q, s)
    elif op == "<<" and p >= 0 and r >= 0 and s <= 64:
        lo, hi = p << r, q << s
    elif op in (">>", "//") and p >= 0 and r >= 0:
        lo, hi = 0, q
    else:
        return t.INT
    return t.Type("int", Scalar("range", lo, hi))
