"""What a thread in plain execution will still read: its place in the bytecode, and the values that matter from there on.

A suspended greenlet cannot be copied and does not show its evaluation stack, so the spec's functions are compiled anew
with each value that an expression reads in a local of its own: ``r.x + r.y`` becomes ``(v1 := r.x) + (v2 := r.y)``, in
the same order. What is on the stack is then a function of these locals and of the ordinary ones, and which of those can
still be read is told by the bytecode. None of this knows the tool's typed tree, its graphs or its liveness.
"""

from __future__ import annotations

import ast
import dis
import inspect
from bisect import bisect_right
from types import CodeType, FrameType
from typing import Any

from checker.load import Spec
from checker.plain.frames import function_name, is_spec

Held = tuple[str, int, int]
"""A local whose value matters while the frame is on these lines, first and last."""

_ENDS = ("RETURN", "RAISE", "RERAISE", "JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_ABSOLUTE")


class _Exposed(ast.NodeTransformer):
    """Rewrites one function so that each value read is held by a local; every statement stands on a line of its own."""

    def __init__(self) -> None:
        self.held: list[Held] = []
        self._lines = (0, 0)

    def body(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        return [self._statement(s) for s in statements]

    def _statement(self, s: ast.stmt) -> ast.stmt:
        head: Any = s.test if isinstance(s, (ast.If, ast.While)) else s.iter if isinstance(s, ast.For) else s
        self._lines = head.lineno, head.end_lineno
        if isinstance(s, (ast.If, ast.While)):
            s.test = self.visit(s.test)
        elif isinstance(s, ast.For):
            assert isinstance(s.iter, ast.Call)
            assert isinstance(s.target, ast.Name)
            bounds = [self.visit(a) for a in s.iter.args]
            self._lines = s.lineno, s.end_lineno or s.lineno  # the iterator lives as long as the loop
            s.iter.args = [self._name(a) for a in bounds]
            self.held.append((s.target.id, *self._lines))
        elif isinstance(s, ast.AugAssign):
            if not isinstance(s.target, ast.Name):
                return self._augmented(s)
            self.visit(s.target)
            s.value = self.visit(s.value)
        elif isinstance(s, (ast.Assign, ast.AnnAssign, ast.Return, ast.Expr)):
            if s.value is not None:
                s.value = self.visit(s.value)
            if isinstance(s, ast.Assign) and not isinstance(s.targets[0], (ast.Name, ast.Tuple)):
                s.targets = [self.visit(s.targets[0])]
        for name in ("body", "orelse"):
            if hasattr(s, name):
                setattr(s, name, self.body(getattr(s, name)))
        return s

    def _augmented(self, s: ast.AugAssign) -> ast.stmt:
        """``a.x += e`` as ``b.x = (b := a).x + e``: the owner is evaluated first, and once."""
        assert isinstance(s.target, (ast.Attribute, ast.Subscript))
        owner = self._name(self.visit(s.target.value))
        read, write = ast.Name(owner.target.id, ast.Load()), ast.Name(owner.target.id, ast.Load())
        if isinstance(s.target, ast.Attribute):
            cell: ast.expr = ast.Attribute(owner, s.target.attr, ast.Load())
            into: ast.expr = ast.Attribute(write, s.target.attr, ast.Store())
        else:
            index = self._name(self.visit(s.target.slice))
            cell = ast.Subscript(owner, index, ast.Load())
            into = ast.Subscript(read, ast.Name(index.target.id, ast.Load()), ast.Store())
        ast.fix_missing_locations(ast.copy_location(cell, s))
        made = ast.Assign([into], ast.BinOp(self._name(cell), s.op, self.visit(s.value)))
        return ast.fix_missing_locations(ast.copy_location(made, s))

    def _name(self, value: Any) -> Any:
        name = f"v{len(self.held)}_"
        self.held.append((name, *self._lines))
        made = ast.NamedExpr(ast.Name(name, ast.Store()), value)
        return ast.fix_missing_locations(ast.copy_location(made, value))

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        own = {a.arg for a in node.args.args}
        for n in ast.walk(node.body):
            if isinstance(n, ast.Name) and n.id not in own:
                self.held.append((n.id, *self._lines))
        return node  # a guard is evaluated at once

    def visit_Name(self, node: ast.Name) -> ast.Name:
        self.held.append((node.id, *self._lines))  # its value may be on the stack already
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        node.args = [self.visit(a) for a in node.args]
        for k in node.keywords:
            k.value = self.visit(k.value)
        return self._name(node)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        node.value = self.visit(node.value)
        return self._name(node) if isinstance(node.ctx, ast.Load) else node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        node.value, node.slice = self.visit(node.value), self.visit(node.slice)
        return self._name(node) if isinstance(node.ctx, ast.Load) else node


class ThreadStates:
    """The states of the threads of one spec; its functions are exposed as soon as this is made.

    Parameters
    ----------
    spec : Spec
        Loaded for this purpose: its functions are changed.
    """

    def __init__(self, spec: Spec) -> None:
        self._package = spec.package
        self._held: dict[CodeType, list[Held]] = {}
        self._live: dict[CodeType, tuple[list[int], list[tuple[str, ...]]]] = {}
        self._names: dict[tuple[CodeType, int, int], tuple[str, ...]] = {}
        self._set: dict[CodeType, dict[str, int]] = {}
        for name, module in spec.modules.items():
            tree = ast.parse(spec.sources[name])
            held = {}
            for node in tree.body:
                if isinstance(node, ast.FunctionDef):
                    exposed = _Exposed()
                    node.body = exposed.body(node.body)
                    held[node.name] = exposed.held
            for code in compile(tree, str(module.__file__), "exec").co_consts:
                if isinstance(code, CodeType) and code.co_name in held:
                    inspect.unwrap(vars(module)[code.co_name]).__code__ = code
                    self._held[code] = held[code.co_name]

    def __call__(self, frame: FrameType | None) -> tuple[object, ...]:
        """What a suspended thread will still read, by its innermost frame; equal states go on alike on equal cells."""
        out: list[object] = []
        while frame is not None:
            if is_spec(frame, self._package):
                starts, live = self._liveness(frame.f_code)
                at = bisect_right(starts, frame.f_lasti) - 1  # the caches of an instruction belong to it
                values = frame.f_locals
                names = self._relevant(frame.f_code, at, frame.f_lineno, live[at])
                out.append((function_name(frame, self._package), at, *(_plain(values[n]) for n in names if n in values)))
                out.append(tuple(n for n in names if n in values))
            frame = frame.f_back
        return tuple(out)

    def _relevant(self, code: CodeType, at: int, line: int, live: tuple[str, ...]) -> tuple[str, ...]:
        key = code, at, line
        if key not in self._names:
            held = {name for name, first, last in self._held.get(code, ()) if first <= line <= last}
            first_set = self._first_set(code)  # a value that is set further on is of an earlier round
            held -= {name for name in held if name.endswith("_") and first_set.get(name, at + 1) > at}
            self._names[key] = tuple(sorted(held | set(live)))
        return self._names[key]

    def _first_set(self, code: CodeType) -> dict[str, int]:
        """The first instruction that sets each local."""
        if code not in self._set:
            steps = [i for i in dis.get_instructions(code) if i.opname != "CACHE"]
            self._set[code] = {}
            for n, i in enumerate(steps):
                if i.opname.startswith("STORE"):
                    for name in i.argval if isinstance(i.argval, tuple) else (i.argval,):
                        self._set[code].setdefault(name, n)
        return self._set[code]

    def _liveness(self, code: CodeType) -> tuple[list[int], list[tuple[str, ...]]]:
        if code not in self._live:
            self._live[code] = liveness(code)
        return self._live[code]


def liveness(code: CodeType) -> tuple[list[int], list[tuple[str, ...]]]:
    """The offset of each instruction, and the locals that may be read after it before they are written."""
    steps = [i for i in dis.get_instructions(code) if i.opname != "CACHE"]
    number = {i.offset: n for n, i in enumerate(steps)}
    following = []
    for n, i in enumerate(steps):
        after = [] if i.opname.startswith(_ENDS) or n + 1 == len(steps) else [n + 1]
        if i.opcode in dis.hasjrel or i.opcode in dis.hasjabs:
            after.append(number[i.argval])
        following.append(after)
    before: list[frozenset[str]] = [frozenset()] * len(steps)
    behind: list[frozenset[str]] = [frozenset()] * len(steps)
    changed = True
    while changed:
        changed = False
        for n in reversed(range(len(steps))):
            behind[n] = frozenset().union(*(before[s] for s in following[n]))
            now = _read_by(steps[n], behind[n])
            if now != before[n]:
                before[n], changed = now, True
    return [i.offset for i in steps], [tuple(sorted(b)) for b in behind]


def _read_by(step: dis.Instruction, live: frozenset[str]) -> frozenset[str]:
    """The locals live before an instruction, given those live behind it."""
    if not any(word in step.opname for word in ("FAST", "DEREF", "CLOSURE")):
        return live
    names = step.argval if isinstance(step.argval, tuple) else (step.argval,)
    words = [w for w in step.opname.split("_") if w in ("LOAD", "STORE", "DELETE")]
    for word, name in reversed(list(zip(words, names, strict=True))):
        live = live | {name} if word == "LOAD" else live - {name}
    return live


def _plain(value: Any) -> object:
    """A local's value, comparable between runs; arrays are told by the records that hold them."""
    if value is None or isinstance(value, int):
        return value
    number = getattr(value, "number", None)
    return "" if number is None else (type(value).__name__, number)
