"""Typing of statements."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from checker.frontend import tree as t
from checker.frontend.checks import expression_effect
from checker.frontend.expressions import _BINARY, Expressions
from checker.frontend.walk import subexpressions
from spec.language import Property, primitives
from spec.language.schema import Scalar

if TYPE_CHECKING:
    from checker.frontend.program import Program


class Typer(Expressions):
    """Types the body of one function.

    Parameters
    ----------
    ends : list
        End-of-operation properties of this function, with their numbers.
    """

    def __init__(self, program: Program, function: t.Function, names: dict[str, Any], ends: list[tuple[int, Property]]) -> None:
        super().__init__(program, function, names)
        self.ends = ends
        self.until_release = False
        self._temps = 0

    def block(self, nodes: Sequence[ast.stmt]) -> tuple[t.Stmt, ...]:
        """The typed form of a function's body."""
        self.until_release = bool(self.ends) and _until_release(nodes)
        body = self._block(nodes)
        if self.function.result.kind != "none" and not _leaves(body):
            raise self.refuse(nodes[-1], f"{self.function.name} may end without a result; end it with a return")
        if self.ends and not self.until_release and not _leaves(body):
            body += tuple(self._end_checks(nodes[-1], None))
        return body

    def _block(self, nodes: Sequence[ast.stmt]) -> tuple[t.Stmt, ...]:
        first, last = nodes[0].lineno, nodes[-1].end_lineno or nodes[-1].lineno
        if isinstance(nodes[0], ast.Expr) and isinstance(nodes[0].value, ast.Constant) and len(nodes) > 1:
            first = nodes[1].lineno
        out: list[t.Stmt] = [t.Count(self.place(nodes[0]), self.program.block(self.function.name, first, last))]
        for node in nodes:
            out += self.stmt(node)
        return tuple(out)

    def stmt(self, node: ast.stmt) -> list[t.Stmt]:
        """The typed form of a statement."""
        method = getattr(self, "_s_" + type(node).__name__.lower(), None)
        if method is None:
            head = ast.unparse(node).splitlines()[0]
            raise self.refuse(node, f"{head!r}: the language has if, while, for-range, assignments, calls and return only")
        result: list[t.Stmt] = method(node)
        return result

    def _s_pass(self, node: ast.Pass) -> list[t.Stmt]:
        return []

    def _s_break(self, node: ast.Break) -> list[t.Stmt]:
        return [t.Break(self.place(node))]

    def _s_continue(self, node: ast.Continue) -> list[t.Stmt]:
        return [t.Continue(self.place(node))]

    def _s_if(self, node: ast.If) -> list[t.Stmt]:
        test = self._primitive(node.test)
        marked: tuple[t.Stmt, ...] = ()
        if test == "given":
            assert isinstance(node.test, ast.Call)
            (condition,) = self._args(node.test, 1)
            marked = (t.Given(self.place(node)),)
        else:
            condition = node.test
        typed = self.test(condition)
        body = marked + self._block(node.body)
        return [t.If(self.place(node), typed, body, self._block(node.orelse) if node.orelse else ())]

    def _s_while(self, node: ast.While) -> list[t.Stmt]:
        if node.orelse:
            raise self.refuse(node, "a loop has no else in the language; use a flag")
        return [t.While(self.place(node), self.test(node.test), self._block(node.body))]

    def _s_for(self, node: ast.For) -> list[t.Stmt]:
        bounds = self._range(node.iter)
        if bounds is None or node.orelse or not isinstance(node.target, ast.Name):
            head = ast.unparse(node).splitlines()[0]
            raise self.refuse(node, f"{head!r}: a loop has one counter and no else; write 'for i in range(a, b):'")
        start, stop = bounds
        scalar = None
        if start.type.scalar is not None and stop.type.scalar is not None:
            scalar = Scalar("range", min(start.type.scalar.lo, 0), max(stop.type.scalar.hi, start.type.scalar.hi))
        self._declare(node, node.target.id, t.Type("int", scalar))
        return [t.ForRange(self.place(node), node.target.id, start, stop, self._block(node.body))]

    def _range(self, node: ast.expr) -> tuple[t.Expr, t.Expr] | None:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range"):
            return None
        if node.keywords or len(node.args) not in (1, 2):
            return None
        zero = t.Const(t.Type("int", Scalar("range", 0, 0)), self.place(node), 0)
        args = [self.integer(a) for a in node.args]
        return (zero, args[0]) if len(args) == 1 else (args[0], args[1])

    def _s_return(self, node: ast.Return) -> list[t.Stmt]:
        values: tuple[t.Expr, ...] = ()
        if isinstance(node.value, ast.Tuple):
            values = tuple(self.expr(v) for v in node.value.elts)
        elif node.value is not None:
            values = (self.expr(node.value),)
        want = self.function.result
        if want.kind == "none" and [v.type.kind for v in values] == ["none"]:
            values = ()
        wanted = want.items if want.kind == "tuple" else () if want.kind == "none" else (want,)
        if len(values) != len(wanted) or not all(self.fits(v.type, w) for v, w in zip(values, wanted, strict=True)):
            have = ", ".join(str(v.type) for v in values) or "nothing"
            raise self.refuse(node, f"{ast.unparse(node)!r} returns {have}; {self.function.name} is declared to return {want}")
        out: list[t.Stmt] = []
        if self.ends and not self.until_release:
            if len(values) == 1:
                name = self._temp(node, self.function.result)
                out.append(t.Assign(self.place(node), (name,), values[0]))
                values = (t.Local(self.function.result, self.place(node), name),)
            out += self._end_checks(node, values[0] if len(values) == 1 else None)
        return [*out, t.Return(self.place(node), values)]

    def _s_assign(self, node: ast.Assign) -> list[t.Stmt]:
        if len(node.targets) != 1:
            raise self.refuse(node, "one target for each assignment; write two assignments")
        (target,) = node.targets
        if self._primitive(node.value) == "choose":
            return self._choose(node, target)
        if isinstance(target, ast.Tuple):
            return self._unpack(node, target)
        value = self.expr(node.value)
        if isinstance(target, ast.Name):
            self._declare(node, target.id, value.type, value)
            return [t.Assign(self.place(node), (target.id,), value)]
        return [self._store(node, target, value)]

    def _unpack(self, node: ast.Assign, target: ast.Tuple) -> list[t.Stmt]:
        value = self.expr(node.value)
        names = [e.id for e in target.elts if isinstance(e, ast.Name)]
        if value.type.kind != "tuple" or len(names) != len(value.type.items) or len(names) != len(target.elts):
            raise self.refuse(node, f"{ast.unparse(node)!r}: unpack a tuple result into as many local names")
        for name, kind in zip(names, value.type.items, strict=True):
            self._declare(node, name, kind)
        return [t.Assign(self.place(node), tuple(names), value)]

    def _s_annassign(self, node: ast.AnnAssign) -> list[t.Stmt]:
        if not isinstance(node.target, ast.Name) or node.value is None:
            raise self.refuse(node, "an annotated assignment declares a local and gives its value")
        try:
            hint = eval(compile(ast.Expression(node.annotation), "<annotation>", "eval"), self.names)
        except Exception as e:  # an annotation is Python: anything can go wrong
            raise self.refuse(node, f"the annotation {ast.unparse(node.annotation)!r} cannot be read: {e}") from e
        kind = self.program.annotation(str(self.place(node)), hint)
        value = None if self._primitive(node.value) == "choose" else self.expr(node.value)
        if kind.kind in ("tuple", "none") or (value is not None and not self.fits(value.type, kind)):
            have = "an integer" if value is None else value.type
            raise self.refuse(node, f"{ast.unparse(node)!r}: the value is {have}, the annotation says {kind}")
        if node.target.id in self.function.annotated and self.types[node.target.id] != kind:
            raise self.refuse(node, f"{node.target.id!r} is a {self.types[node.target.id]} already; take another name")
        self.types[node.target.id] = kind
        self.function.annotated.add(node.target.id)
        if value is None:
            return self._choose(node, node.target)
        return [t.Assign(self.place(node), (node.target.id,), value)]

    def _s_augassign(self, node: ast.AugAssign) -> list[t.Stmt]:
        if type(node.op) not in _BINARY:
            raise self.refuse(node, f"{ast.unparse(node)!r}: the operator is outside the language")
        op, place = _BINARY[type(node.op)], self.place(node)
        if isinstance(node.target, ast.Name):
            old: t.Expr = self._name(node.target)
            kind = old.type if node.target.id in self.function.annotated else t.INT
            value = t.Binary(kind, place, op, old, self.integer(node.value))
            self._declare(node, node.target.id, value.type, value)
            return [t.Assign(place, (node.target.id,), value)]
        out: list[t.Stmt] = []
        cell = self._target(node.target)
        ref, index = self._once(node, cell.ref, out), cell.index and self._once(node, cell.index, out)
        old = t.Load(cell.type, cell.place, ref, cell.record, cell.field, index)
        value = t.Binary(t.INT, place, op, old, self.integer(node.value))
        if cell.type.kind != "int":
            raise self.refuse(node, f"{ast.unparse(node)!r} stores an integer into a {cell.type}")
        return [*out, t.Store(place, ref, cell.record, cell.field, index, value)]

    def _once(self, node: ast.AST, e: t.Expr, out: list[t.Stmt]) -> t.Expr:
        """The expression itself if it reads no cell, else a local that holds it."""
        if not _reads(e):
            return e
        name = self._temp(node, e.type)
        out.append(t.Assign(self.place(node), (name,), e))
        return t.Local(e.type, e.place, name)

    def _store(self, node: ast.stmt, target: ast.expr, value: t.Expr) -> t.Stmt:
        cell = self._target(target)
        if cell.ref.type.memory:
            raise self.refuse(node, f"{ast.unparse(node)!r} changes the state before the step")
        if not self.fits(value.type, cell.type) or value.type.memory:
            raise self.refuse(node, f"{ast.unparse(node)!r} stores a value of type {value.type} into a {cell.type}")
        return t.Store(self.place(target), cell.ref, cell.record, cell.field, cell.index, value)

    def _target(self, node: ast.expr) -> t.Load:
        if not isinstance(node, (ast.Attribute, ast.Subscript)):
            raise self.refuse(node, f"{ast.unparse(node)!r} cannot be assigned to; assign to locals and to fields of records")
        cell = self.expr(node)
        if not isinstance(cell, t.Load):
            raise self.refuse(node, f"{ast.unparse(node)!r} is a nested record or a parameter; only cells are assigned to")
        if cell.type.kind == "lock":
            raise self.refuse(node, f"{ast.unparse(node)!r} is a lock; write acquire() and release()")
        return cell

    def _s_expr(self, node: ast.Expr) -> list[t.Stmt]:
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return []
        name = self._primitive(node.value)
        if name is None or name in ("cas", "xadd"):
            if not isinstance(node.value, ast.Call):
                raise self.refuse(node, f"{ast.unparse(node)!r} has no effect")
            return [t.Do(self.place(node), self.expr(node.value))]
        assert isinstance(node.value, ast.Call)
        method = getattr(self, "_p_" + name, None)
        if method is None:
            raise self.refuse(node, f"{name}() does not stand alone: choose() goes on the right of '=', given() is an if test")
        result: list[t.Stmt] = method(node, node.value)
        return result

    def _p_step(self, node: ast.Expr, call: ast.Call) -> list[t.Stmt]:
        self._args(call, 0)
        return [t.Step(self.place(node))]

    def _p_throw(self, node: ast.Expr, call: ast.Call) -> list[t.Stmt]:
        (message,) = self._args(call, 1)
        return [t.Throw(self.place(node), self._text(message))]

    def _p_throw_if(self, node: ast.Expr, call: ast.Call) -> list[t.Stmt]:
        test, message = self._args(call, 2)
        return [t.If(self.place(node), self.test(test), (t.Throw(self.place(node), self._text(message)),), ())]

    def _p_acquire(self, node: ast.Expr, call: ast.Call) -> list[t.Stmt]:
        cell = self._lock(call)
        return [t.Acquire(self.place(node), cell.ref, cell.record, cell.field)]

    def _p_release(self, node: ast.Expr, call: ast.Call) -> list[t.Stmt]:
        cell = self._lock(call)
        checks = self._end_checks(node, None) if self.until_release else []
        return [*checks, t.Release(self.place(node), cell.ref, cell.record, cell.field)]

    def _p_wait(self, node: ast.Expr, call: ast.Call) -> list[t.Stmt]:
        rest = False
        for k in call.keywords:
            if k.arg != "rest" or not isinstance(k.value, ast.Constant):
                raise self.refuse(node, "wait() takes a lambda and rest=True or rest=False")
            rest = bool(k.value.value)
        if len(call.args) != 1 or not isinstance(call.args[0], ast.Lambda) or _parameters(call.args[0]):
            raise self.refuse(node, "write wait(lambda: condition), so that it can be evaluated again")
        return [t.Wait(self.place(node), self._guard(call.args[0].body), rest)]

    def _guard(self, node: ast.expr) -> t.Expr:
        """The condition of a wait or choice: it is evaluated again and again, so it may only look."""
        e = self.test(node)
        found = expression_effect(self.program, e)
        if found is not None:
            said = f"{ast.unparse(node)!r} does more than look at the state: {found[0]} {found[1]}; do it after the wait"
            raise self.refuse(node, said)
        return e

    def _p_check(self, node: ast.Expr, call: ast.Call) -> list[t.Stmt]:
        if len(call.args) != 2:
            raise self.refuse(node, 'write check("clause", condition, witness=...)')
        if any(k.arg is None for k in call.keywords):
            raise self.refuse(node, "name each witness: page=p")
        witness = tuple((str(k.arg), self.expr(k.value)) for k in call.keywords)
        return [t.Check(self.place(node), self._text(call.args[0]), self.test(call.args[1]), witness)]

    def _choose(self, node: ast.stmt, target: ast.expr) -> list[t.Stmt]:
        call = getattr(node, "value", None)
        assert isinstance(call, ast.Call)
        names = [e.id for e in (target.elts if isinstance(target, ast.Tuple) else [target]) if isinstance(e, ast.Name)]
        ranges = [self._range(a) for a in call.args]
        known = [r for r in ranges if r is not None]
        if len(known) != len(call.args) or len(names) != len(known):
            raise self.refuse(node, "write 'v = choose(range(n), where=lambda v: ...)', one name for each range")
        if any(_reads(b) for r in known for b in r):
            said = "the bounds of a choice are constants, parameters or locals; what reads the state goes into where="
            raise self.refuse(node, said)
        for name, (start, stop) in zip(names, known, strict=True):
            lo, hi = start.type.scalar, stop.type.scalar
            scalar = Scalar("range", lo.lo, max(hi.hi - 1, lo.lo)) if lo is not None and hi is not None else None
            self._declare(node, name, t.Type("int", scalar))
        where, bound = None, tuple(names)
        for k in call.keywords:
            if k.arg != "where" or not isinstance(k.value, ast.Lambda) or len(_parameters(k.value)) != len(names):
                raise self.refuse(node, "where= takes a lambda with one parameter for each range")
            bound = tuple(a.arg for a in k.value.args.args)
            shadowed = {b: self.types.pop(b) for b in bound if b in self.types}
            self.types.update({b: t.INT for b in bound})
            where = self._guard(k.value.body)
            for b in bound:
                del self.types[b]
            self.types.update(shadowed)
        return [t.Choose(self.place(node), tuple(names), tuple(known), bound, where)]

    def _end_checks(self, node: ast.stmt, result: t.Expr | None) -> list[t.Stmt]:
        """The properties of this operation's end, on what its parameters and locals hold now."""
        out: list[t.Stmt] = []
        for number, prop in self.ends:
            callee = self.program.function(prop.function, str(self.place(node)))
            args: list[t.Expr] = [t.Const(callee.types[p], self.place(node), 1) for p in callee.params[:1]]
            for p in callee.params[1:]:
                if p == "result" and result is not None:
                    args.append(result)
                elif p in self.types and (p != "result" or self.until_release):
                    args.append(t.Local(self.types[p], self.place(node), p))
                elif p == "result" and not self.until_release:
                    said = f"end property {prop.id} reads the result, but {self.function.name} returns no single value"
                    raise self.refuse(node, said)
                else:
                    raise self.refuse(node, f"end property {prop.id} reads {p!r}, which {self.function.name} has not set here")
            out.append(t.EndCheck(self.place(node), number, callee.name, tuple(args)))
        return out

    def _lock(self, call: ast.Call) -> t.Load:
        (lock,) = self._args(call, 1)
        cell = self.expr(lock)
        if not isinstance(cell, t.Load) or cell.type.kind != "lock":
            raise self.refuse(call, f"{ast.unparse(lock)!r} is no Lock field")
        return cell

    def _text(self, node: ast.expr) -> str:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            raise self.refuse(node, "a literal string is expected here")
        return node.value

    def _primitive(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in self.types:
            name = node.func.id
            if name not in ("u64", "u32") and self.names.get(name) is getattr(primitives, name, object()):
                return name
        return None

    def _temp(self, node: ast.AST, kind: t.Type) -> str:
        self._temps += 1
        name = f"t_{getattr(node, 'lineno', 0)}_{self._temps}"
        self.types[name] = kind
        return name

    def _declare(self, node: ast.AST, name: str, kind: t.Type, value: t.Expr | None = None) -> None:
        if kind.kind == "tuple":
            raise self.refuse(node, f"{name} would hold a tuple; unpack it into names")
        if kind.kind == "lock":
            raise self.refuse(node, f"{name} would hold a lock; name the lock's field where it is acquired")
        if name in self.function.annotated:
            if not self.fits(kind, self.types[name]):
                raise self.refuse(node, f"{name} is declared as {self.types[name]} and would hold {kind}; use two locals")
            return
        old = self.types.get(name)
        if old is not None and old != kind and old.kind == kind.kind == "int" and isinstance(value, t.Binary):
            kind = t.INT  # a sum fed back into its variable has no range that one pass can tell
        self.types[name] = kind if old is None else self.join(node, old, kind)


def _reads(e: t.Expr) -> bool:
    """Whether evaluating an expression reads a cell or calls a function."""
    return any(isinstance(x, (t.Load, t.Call, t.Atomic)) for x in subexpressions(e))


def _until_release(nodes: Sequence[ast.stmt]) -> bool:
    """Whether an operation ends before its own release: the first lock primitive in its text is an acquire."""
    calls = [n for s in nodes for n in ast.walk(s) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    calls.sort(key=lambda n: (n.lineno, n.col_offset))
    dealings = [n.func.id for n in calls if isinstance(n.func, ast.Name) and n.func.id in ("acquire", "release")]
    return "release" in dealings and dealings[0] == "acquire"


def _parameters(node: ast.Lambda) -> list[ast.arg]:
    """The parameters of a lambda, of whatever kind."""
    a = node.args
    return [*a.posonlyargs, *a.args, *a.kwonlyargs, *(x for x in (a.vararg, a.kwarg) if x is not None)]


def _leaves(body: tuple[t.Stmt, ...]) -> bool:
    """Whether control never reaches the end of a block, as far as its last statement tells."""
    last = body[-1]
    if isinstance(last, t.If):
        return bool(last.other) and _leaves(last.body) and _leaves(last.other)
    if isinstance(last, t.While):
        return isinstance(last.test, t.Const) and bool(last.test.value) and not _breaks(last.body)
    return isinstance(last, (t.Return, t.Throw))


def _breaks(body: tuple[t.Stmt, ...]) -> bool:
    """Whether a loop's body has a break of that loop."""
    return any(isinstance(s, t.Break) or (isinstance(s, t.If) and (_breaks(s.body) or _breaks(s.other))) for s in body)
