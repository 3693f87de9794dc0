"""Inlining and flattening: a thread function becomes a graph with a cut at each scheduling point.

Only what can be suspended is inlined and flattened; everything else stays a structured statement or a call.
In an expression with a scheduling point, all reads before it are put into locals first, short circuit kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.frontend.walk import children, map_stmt, nested, rebuild, statements, subexpressions
from checker.lowering.effects import Effects
from checker.lowering.graph import Block, Cut, Graph

Env = dict[str, t.Expr]


class Flattener:
    """Builds the graph of one thread function."""

    def __init__(self, program: Program, effects: Effects) -> None:
        self.program = program
        self.effects = effects
        self.blocks: list[Block] = [Block()]
        self.types: dict[str, t.Type] = {}
        self.at = 0
        self._serial = 0
        self._done: dict[int, t.Expr] = {}
        self._stack: list[tuple[str, int]] = []
        self._env: Env = {}
        self._function = ""
        self._exit: tuple[int | None, tuple[str, ...]] = (None, ())
        self._loops: list[tuple[int, int]] = []

    def graph(self, function: t.Function) -> Graph:
        """The graph of a thread function, whose parameters keep their names."""
        self._function = function.name
        for p in function.params:
            self.types[p] = function.types[p]
            self._env[p] = t.Local(function.types[p], function.place, p)
        end = self._new()
        self._exit = (end, ())
        self._body(function.body)
        self._goto(end)
        return Graph(function.name, self.blocks, self.types)

    # blocks

    def _new(self, cut: Cut | None = None) -> int:
        self.blocks.append(Block(cut))
        return len(self.blocks) - 1

    def _goto(self, target: int) -> None:
        if self.at >= 0:
            self.blocks[self.at].then = target
        self.at = -1

    def _begin(self, block: int) -> None:
        self.at = block

    def _emit(self, s: t.Stmt) -> None:
        if self.at < 0:
            self.at = self._new()  # unreachable code keeps a block of its own
        self.blocks[self.at].stmts.append(s)

    def _cut(self, kind: str, place: t.Place, stmt: t.Stmt | None = None, lock: str = "") -> None:
        position = (*self._stack, (self._function, place.line))
        block = self._new(Cut(kind, position, stmt, lock))
        if self.at < 0:
            self.at = self._new()
        self._goto(block)
        self._begin(block)

    def _branch(self, test: t.Expr) -> tuple[int, int]:
        then, other = self._new(), self._new()
        if self.at < 0:
            self.at = self._new()
        block = self.blocks[self.at]
        block.test, block.then, block.other = test, then, other
        self.at = -1
        return then, other

    # names

    def _fresh(self, name: str, kind: t.Type) -> str:
        self._serial += 1
        new = f"{name}_{self._serial}"
        self.types[new] = kind
        return new

    def _rename(self, name: str) -> str:
        value = self._env.get(name)
        if not isinstance(value, t.Local):
            kind = self.program.functions[self._function].types[name]
            new = self._fresh(name, kind)
            self._env[name] = t.Local(kind, self.program.functions[self._function].place, new)
            return new
        return value.name

    def _subst(self, e: t.Expr) -> t.Expr:
        if id(e) in self._done:
            return e
        if isinstance(e, t.Local):
            if e.name not in self._env:
                self._rename(e.name)
            return replace(self._env[e.name], place=e.place)
        return rebuild(e, self._subst)

    # expressions

    def _expr(self, e: t.Expr) -> t.Expr:
        """The expression over this thread's locals, its scheduling points emitted before it."""
        if id(e) in self._done:
            return e
        if not self.effects.expr_suspends(e):
            return self._subst(e)
        if isinstance(e, t.Call):
            args = self._operands(e.args)
            if self.effects.suspends(e.function):
                results = self._inline(e, args)
                return t.Local(e.type, e.place, results[0]) if results else t.Const(t.NONE, e.place, 0)
            return t.Call(e.type, e.place, e.function, tuple(args))
        if isinstance(e, (t.Load, t.Nested)):
            ref, *rest = self._operands([x for x in (e.ref, e.index) if x is not None])
            index = rest[0] if rest else None
            if isinstance(e, t.Nested):
                return t.Nested(e.type, e.place, ref, e.record, e.field, index)
            racy = self.effects.racy(e.record, e.field)
            if racy is not None:
                ref, index = self._stable(ref), None if index is None else self._stable(index)
                self._cut("load", e.place, lock=racy.lock)
            return self._temp(t.Load(e.type, e.place, ref, e.record, e.field, index))
        if isinstance(e, t.Atomic):
            ref, *values = [self._stable(x) for x in self._operands([e.ref, *e.values])]
            self._cut("atomic", e.place)
            return self._temp(t.Atomic(e.type, e.place, e.op, ref, e.record, e.field, tuple(values)))
        if isinstance(e, t.Logic):
            return self._logic(e)
        if isinstance(e, t.Conditional):
            return self._conditional(e)
        operands = iter(self._operands(list(children(e))))
        return rebuild(e, lambda _: next(operands))

    def _operands(self, items: list[t.Expr] | tuple[t.Expr, ...]) -> list[t.Expr]:
        out: list[t.Expr] = []
        for i, e in enumerate(items):
            out.append(self._expr(e))
            if any(self.effects.expr_suspends(x) for x in items[i + 1 :]):
                out = [self._stable(x) for x in out]
        return out

    def _stable(self, e: t.Expr) -> t.Expr:
        """The expression with every read of a cell put into a local now; what is read on a condition, together with it."""
        whole = isinstance(e, (t.Logic, t.Conditional)) and any(isinstance(x, (t.Load, t.Call)) for x in subexpressions(e))
        if whole or isinstance(e, (t.Load, t.Call)):
            return self._temp(e)
        return rebuild(e, self._stable)

    def _temp(self, e: t.Expr) -> t.Expr:
        name = self._fresh("t", e.type)
        self._emit(t.Assign(e.place, (name,), e))
        return t.Local(e.type, e.place, name)

    def _logic(self, e: t.Logic) -> t.Expr:
        name, done = self._fresh("c", t.BOOL), self._new()
        items = list(e.items)
        for i, item in enumerate(items):
            following = items[i + 1] if i + 1 < len(items) else None
            if isinstance(item, t.Compare) and isinstance(following, t.Compare) and item.right is following.left:
                left, right = self._operands([item.left, item.right])  # a chain: its middle is evaluated once
                middle = self._stable(right)
                value: t.Expr = t.Compare(t.BOOL, item.place, item.op, left, middle)
                self._done[id(middle)] = middle
                items[i + 1] = t.Compare(t.BOOL, following.place, following.op, middle, following.right)
            else:
                value = self._expr(item)
            self._emit(t.Assign(item.place, (name,), value))
            if i + 1 < len(e.items):
                go_on, stop = self._branch(t.Local(t.BOOL, item.place, name))
                if e.op == "or":
                    go_on, stop = stop, go_on
                self._begin(stop)
                self._goto(done)
                self._begin(go_on)
        self._goto(done)
        self._begin(done)
        return t.Local(t.BOOL, e.place, name)

    def _conditional(self, e: t.Conditional) -> t.Expr:
        name, done = self._fresh("c", e.type), self._new()
        for side, block in zip((e.then, e.other), self._branch(self._expr(e.test)), strict=True):
            self._begin(block)
            self._emit(t.Assign(e.place, (name,), self._expr(side)))
            self._goto(done)
        self._begin(done)
        return t.Local(e.type, e.place, name)

    def _inline(self, call: t.Call, args: list[t.Expr]) -> tuple[str, ...]:
        callee = self.program.functions[call.function]
        assigned = {n for s in statements(callee.body) for n in _assigned(s)}
        env: Env = {}
        for p, a in zip(callee.params, args, strict=True):
            if p in assigned or not isinstance(a, (t.Local, t.Const, t.Param)):
                name = self._fresh(p, callee.types[p])
                self._emit(t.Assign(call.place, (name,), a))
                a = t.Local(callee.types[p], call.place, name)
            env[p] = a
        kinds = callee.result.items if callee.result.kind == "tuple" else (callee.result,)
        results = () if callee.result.kind == "none" else tuple(self._fresh("r", k) for k in kinds)
        done = self._new()
        saved = (self._env, self._function, self._exit, self._loops)
        self._stack.append((self._function, call.place.line))
        self._env, self._function, self._exit, self._loops = env, callee.name, (done, results), []
        self._body(callee.body)
        self._goto(done)
        self._env, self._function, self._exit, self._loops = saved
        self._stack.pop()
        self._begin(done)
        return results

    # statements

    def _body(self, body: tuple[t.Stmt, ...]) -> None:
        for s in body:
            if self._whole(s):
                self._emit(map_stmt(s, self._subst, self._rename))
            else:
                method: Callable[[t.Stmt], None] = getattr(self, "_s_" + type(s).__name__.lower())
                method(s)

    def _whole(self, s: t.Stmt) -> bool:
        if isinstance(s, (t.Return, t.Break, t.Continue)) or self.effects.stmt_suspends(s):
            return False
        return not any(_escapes(x) for x in (s, *(y for body in nested(s) for y in statements(body))))

    def _s_assign(self, s: t.Assign) -> None:
        if isinstance(s.value, t.Call) and self.effects.suspends(s.value.function) and len(s.names) > 1:
            results = self._inline(s.value, self._operands(s.value.args))
            for name, r in zip(s.names, results, strict=True):
                self._emit(t.Assign(s.place, (self._rename(name),), t.Local(self.types[r], s.place, r)))
            return
        value = self._expr(s.value)
        self._emit(t.Assign(s.place, tuple(self._rename(n) for n in s.names), value))

    def _s_store(self, s: t.Store) -> None:
        items = [s.value, s.ref] + ([s.index] if s.index is not None else [])
        value, ref, *rest = self._operands(items)
        index = rest[0] if rest else None
        if self.effects.racy(s.record, s.field) is not None:
            value = self._temp(value) if isinstance(value, t.Load) else value
            if not isinstance(value, (t.Local, t.Const, t.Param)):
                value = self._stored(s, value)
                name = self._fresh("v", value.type)
                self._emit(t.Assign(s.place, (name,), value))
                value = t.Local(self.types[name], s.place, name)
            ref, index = self._stable(ref), None if index is None else self._stable(index)
            self._cut("store", s.place)
        self._emit(t.Store(s.place, ref, s.record, s.field, index, value))

    def _stored(self, s: t.Store, value: t.Expr) -> t.Expr:
        """A value on its way into a cell: a wrapping cell takes the low bits, so these are enough to save."""
        scalar = self.program.schema.records[s.record].fields[s.field].scalar
        assert scalar is not None
        if scalar.kind == "wrap":
            kind = t.Type("int", scalar)
            return t.Binary(kind, value.place, "&", value, t.Const(kind, value.place, scalar.hi))
        if value.type.kind == "int" and value.type.scalar is None:
            return replace(value, type=t.Type("int", scalar))  # if it does not fit, that shows when it is saved
        return value

    def _s_do(self, s: t.Do) -> None:
        value = self._expr(s.value)
        if not isinstance(value, (t.Local, t.Const)):
            self._emit(t.Do(s.place, value))

    def _s_if(self, s: t.If) -> None:
        then, other = self._branch(self._expr(s.test))
        done = self._new()
        for block, body in ((then, s.body), (other, s.other)):
            self._begin(block)
            self._body(body)
            self._goto(done)
        self._begin(done)

    def _s_while(self, s: t.While) -> None:
        head, done = self._new(), self._new()
        self._goto(head)
        self._begin(head)
        if isinstance(s.test, t.Const) and s.test.value:
            body = self._new()
            self._goto(body)
        else:
            body, out = self._branch(self._expr(s.test))
            self._begin(out)
            self._goto(done)
        self._loop(body, head, done, s.body)
        self._goto(head)
        self._begin(done)

    def _loop(self, block: int, again: int, done: int, body: tuple[t.Stmt, ...]) -> None:
        self._loops.append((again, done))
        self._begin(block)
        self._body(body)
        self._loops.pop()

    def _s_forrange(self, s: t.ForRange) -> None:
        start, stop = self._operands([s.start, s.stop])
        name = self._rename(s.name)
        if not isinstance(stop, (t.Const, t.Param)):
            stop_name = self._fresh("stop", s.stop.type)
            self._emit(t.Assign(s.place, (stop_name,), stop))
            stop = t.Local(s.stop.type, s.place, stop_name)
        self._emit(t.Assign(s.place, (name,), start))
        i = t.Local(self.types[name], s.place, name)
        head, again, done = self._new(), self._new(), self._new()
        self._goto(head)
        self._begin(head)
        body, out = self._branch(t.Compare(t.BOOL, s.place, "<", i, stop))
        self._begin(out)
        self._goto(done)
        self._loop(body, again, done, s.body)
        self._goto(again)
        self._begin(again)
        one = t.Const(t.INT, s.place, 1)
        self._emit(t.Assign(s.place, (name,), t.Binary(t.INT, s.place, "+", i, one)))
        self._goto(head)
        self._begin(done)

    def _s_break(self, s: t.Break) -> None:
        self._goto(self._loops[-1][1])

    def _s_continue(self, s: t.Continue) -> None:
        self._goto(self._loops[-1][0])

    def _s_return(self, s: t.Return) -> None:
        target, results = self._exit
        for r, e in zip(results, self._operands(s.values), strict=False):
            self._emit(t.Assign(s.place, (r,), e))
        assert target is not None
        self._goto(target)

    def _s_step(self, s: t.Step) -> None:
        self._cut("step", s.place)

    def _s_wait(self, s: t.Wait) -> None:
        self._cut("rest" if s.rest else "wait", s.place, t.Wait(s.place, self._subst(s.test), s.rest))

    def _s_choose(self, s: t.Choose) -> None:
        names = tuple(self._rename(n) for n in s.names)
        outer = dict(self._env)
        for b, kind in zip(s.bound, s.names, strict=True):
            self._env[b] = t.Local(t.INT, s.place, f"{b}_bound_{kind}")
        where = self._subst(s.where) if s.where is not None else None
        bound = tuple(self._subst(t.Local(t.INT, s.place, b)) for b in s.bound)
        self._env = outer
        ranges = tuple((self._subst(a), self._subst(b)) for a, b in s.ranges)
        given = tuple(b.name for b in bound if isinstance(b, t.Local))
        self._cut("choose", s.place, t.Choose(s.place, names, ranges, given, where))

    def _s_acquire(self, s: t.Acquire) -> None:
        stmt = t.Acquire(s.place, self._subst(s.ref), s.record, s.field)
        self._cut("acquire", s.place, stmt)
        self._emit(stmt)

    def _s_release(self, s: t.Release) -> None:
        self._emit(t.Release(s.place, self._subst(s.ref), s.record, s.field))
        self._cut("released", s.place)


def _assigned(s: t.Stmt) -> tuple[str, ...]:
    if isinstance(s, (t.Assign, t.Choose)):
        return s.names
    return (s.name,) if isinstance(s, t.ForRange) else ()


def _escapes(s: t.Stmt) -> bool:
    """Whether a statement leaves the one that holds it: a return, or a jump out of a loop that is not inside."""
    if isinstance(s, t.Return):
        return True
    if isinstance(s, t.If):
        return any(isinstance(x, (t.Break, t.Continue)) for body in (s.body, s.other) for x in _own(body))
    return False


def _own(body: tuple[t.Stmt, ...]) -> list[t.Stmt]:
    """Statements of a body outside inner loops."""
    out: list[t.Stmt] = []
    for s in body:
        out.append(s)
        if isinstance(s, t.If):
            out += _own(s.body) + _own(s.other)
    return out


def reads(e: t.Expr) -> set[str]:
    """The locals that an expression reads."""
    return {x.name for x in subexpressions(e) if isinstance(x, t.Local)}
