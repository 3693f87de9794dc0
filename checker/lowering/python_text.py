"""Printing typed trees as Python over the flat state.

``S`` is the present state, ``B`` the one before the step. References are record numbers, None is 0.
"""

from __future__ import annotations

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.lowering.layout import Layout
from checker.lowering.support import namespace

MEMORY = ("S", "B")
Lines = list[str]
_TAKEN = {"S", "B", "T", "e", "out", "int", "min", "max", "range", "bytearray", *namespace(0, 0, 0)}


class Printer:
    """Prints expressions and structured statements for one program and layout.

    ``env`` maps locals to constants: a thread's own record, for example.
    """

    def __init__(self, program: Program, layout: Layout) -> None:
        self.program = program
        self.layout = layout
        self.env: dict[str, str] = {}
        self.tables: dict[tuple[int, ...], str] = {}
        self.thread = 0
        self.labels = False
        self._serial = 0

    # expressions

    def expr(self, e: t.Expr) -> str:
        """The Python text of an expression; references and truth values as numbers."""
        method = getattr(self, "_e_" + type(e).__name__.lower())
        text: str = method(e)
        return text

    def _e_const(self, e: t.Const) -> str:
        return str(e.value) if e.value >= 0 else f"({e.value})"

    def _e_local(self, e: t.Local) -> str:
        if e.name in self.env:
            return self.env[e.name]
        if e.type.kind == "ref" and not e.type.nullable and e.type.record == self.program.schema.root:
            return "1"
        return local(e.name)

    def _e_param(self, e: t.Param) -> str:
        return str(self.program.schema.parameters.resolve(e.name))

    def _e_table(self, e: t.Table) -> str:
        name = self.tables.setdefault(e.values, f"TABLE{len(self.tables)}")
        return f"{name}[{self._index(e.index, len(e.values), e)}]"

    def _e_load(self, e: t.Load) -> str:
        c = self.layout.cells[e.record, e.field]
        memory = MEMORY[e.ref.type.memory]
        at = self.address(e)
        if c.width == 1:
            text = f"{memory}[{at}]"
        else:
            text = f"int.from_bytes({memory}[(a_ := {at}):a_ + {c.width}], 'little')"
        return f"({text} + {c.bias})" if c.bias else text

    def address(self, e: t.Load | t.Store | t.Acquire | t.Release | t.Atomic) -> str:
        """The byte offset of a cell."""
        c = self.layout.cells[e.record, e.field]
        number = self.ref(e.ref)
        index = getattr(e, "index", None)
        stride = c.length * c.width
        terms = []
        constant = c.base
        if number.isdigit():
            constant += (int(number) - 1) * stride
        else:
            constant -= stride
            terms.append(number if stride == 1 else f"{number} * {stride}")
        if index is not None:
            text = self._index(index, c.length, e)
            if text.isdigit():
                constant += int(text) * c.width
            else:
                terms.append(text if c.width == 1 else f"{text} * {c.width}")
        return " + ".join([*terms, str(constant)]) if constant >= 0 or not terms else f"{' + '.join(terms)} - {-constant}"

    def ref(self, e: t.Expr) -> str:
        """The record number of a reference that must not be None: as in Python, an annotation alone does not tell."""
        text = self.expr(e)
        if text == "0" or not (text.isdigit() or isinstance(e, t.Nested)):
            return f"({text} or null({str(e.place)!r}))"
        return text

    def _index(self, e: t.Expr, length: int, owner: t.Expr | t.Stmt) -> str:
        text = self.expr(e)
        if text.isdigit() and int(text) < length:
            return text
        if text.isidentifier():
            return f"({text} if 0 <= {text} < {length} else outside({text}, {length}, {str(owner.place)!r}))"
        self._serial += 1
        i = f"i{self._serial}_"
        return f"({i} if 0 <= ({i} := {text}) < {length} else outside({i}, {length}, {str(owner.place)!r}))"

    def _e_nested(self, e: t.Nested) -> str:
        f = self.program.schema.records[e.record].fields[e.field]
        number = self.ref(e.ref)
        length = 1 if f.length is None else f.length
        step = f.first[1] - f.first[0] if len(f.first) > 1 else length
        if not f.first:
            return f"null({str(e.place)!r})"  # there is no record that could hold this one
        if any(b - a != step for a, b in zip(f.first, f.first[1:], strict=False)):
            start = f"{tuple(f.first)}[{number} - 1]"
        elif number.isdigit():
            start = str(f.first[int(number) - 1])
        else:
            start = f"({number} * {step} + {f.first[0] - step})"
        if e.index is None:
            return start
        text = self._index(e.index, length, e)
        if start.isdigit() and text.isdigit():
            return str(int(start) + int(text))
        return f"({start} + {text})"

    def _e_unary(self, e: t.Unary) -> str:
        return f"({'not ' if e.op == 'not' else e.op}{self.expr(e.operand)})"

    def _e_binary(self, e: t.Binary) -> str:
        a, b = self.expr(e.left), self.expr(e.right)
        if e.op in ("min", "max"):
            return f"{e.op}({a}, {b})"
        if e.op in ("//", "%", "<<", ">>") and not (b.isdigit() and (int(b) or e.op in ("<<", ">>"))):
            b = f"{'divisor' if e.op in ('//', '%') else 'distance'}({b}, {str(e.place)!r})"
        return f"({a} {e.op} {b})"

    def _e_compare(self, e: t.Compare) -> str:
        return f"({self.expr(e.left)} {e.op} {self.expr(e.right)})"

    def _e_logic(self, e: t.Logic) -> str:
        return "(" + f" {e.op} ".join(self.expr(x) for x in e.items) + ")"

    def _e_conditional(self, e: t.Conditional) -> str:
        return f"({self.expr(e.then)} if {self.expr(e.test)} else {self.expr(e.other)})"

    def _e_mask(self, e: t.Mask) -> str:
        bits = self.program.schema.parameters.resolve(e.bits)
        return f"({self.expr(e.operand)} & {(1 << bits) - 1})"

    def _e_call(self, e: t.Call) -> str:
        memory = MEMORY[max([a.type.memory for a in e.args if a.type.kind == "ref"], default=0)]
        return f"{function_name(e.function)}({', '.join([memory, *map(self.expr, e.args)])})"

    def _e_threadid(self, e: t.ThreadId) -> str:
        return "W[0]"

    def _e_atomic(self, e: t.Atomic) -> str:
        at, values = self.address(e), ", ".join(map(self.expr, e.values))
        c = self.layout.cells[e.record, e.field]
        mask = c.scalar.hi if c.scalar.kind == "wrap" else 0
        limits = f"{c.scalar.lo}, {c.scalar.hi}, {mask}, {c.width}, {c.bias}, {str(e.place)!r}"
        return f"{e.op}(S, {at}, {values}, {limits})"

    # statements

    def body(self, stmts: tuple[t.Stmt, ...] | list[t.Stmt], indent: str) -> Lines:
        """The lines of a list of statements."""
        out: Lines = []
        for s in stmts:
            out += [indent + line for line in self.stmt(s)]
        return out or [indent + "pass"]

    def stmt(self, s: t.Stmt) -> Lines:
        """The lines of a statement."""
        method = getattr(self, "_s_" + type(s).__name__.lower())
        lines: Lines = method(s)
        return lines

    def _s_assign(self, s: t.Assign) -> Lines:
        return [f"{', '.join(map(local, s.names))} = {self.expr(s.value)}"]

    def _s_store(self, s: t.Store) -> Lines:
        c = self.layout.cells[s.record, s.field]
        value = self.expr(s.value)
        out = []
        if c.scalar.kind == "wrap":
            if not (isinstance(s.value, t.Const) and 0 <= s.value.value <= c.scalar.hi):
                value = f"({value}) & {c.scalar.hi}"
        elif c.scalar.kind == "range" and not self._fits(s.value, c.scalar.lo, c.scalar.hi):
            out.append(f"v_ = {value}")
            place = f"{s.record}.{s.field}"
            out.append(f"if not {c.scalar.lo} <= v_ <= {c.scalar.hi}: out_of_range(v_, {place!r}, {str(s.place)!r})")
            value = "v_"
        elif not isinstance(s.value, (t.Local, t.Const)) and c.width > 1:
            out.append(f"v_ = {value}")
            value = "v_"
        if c.bias:
            value = f"({value}) - {c.bias}"
        if c.width == 1:
            return [*out, f"S[{self.address(s)}] = {value}"]
        return [*out, f"b_ = ({value}).to_bytes({c.width}, 'little')", f"a_ = {self.address(s)}", f"S[a_:a_ + {c.width}] = b_"]

    @staticmethod
    def _fits(e: t.Expr, lo: int, hi: int) -> bool:
        s = e.type.scalar
        return isinstance(e, (t.Const, t.Load, t.Param)) and s is not None and lo <= s.lo and s.hi <= hi

    def _s_do(self, s: t.Do) -> Lines:
        return [self.expr(s.value)]

    def _s_if(self, s: t.If) -> Lines:
        out = [f"if {self.expr(s.test)}:", *self.body(s.body, "    ")]
        if s.other:
            out += ["else:", *self.body(s.other, "    ")]
        return out

    def _s_while(self, s: t.While) -> Lines:
        self._serial += 1
        n = f"n{self._serial}_"
        bound = [f"    {n} -= 1", f"    if {n} < 0: endless({str(s.place)!r})"]
        return [f"{n} = LIMIT", f"while {self.expr(s.test)}:", *bound, *self.body(s.body, "    ")]

    def _s_forrange(self, s: t.ForRange) -> Lines:
        bounds = f"{self.expr(s.start)}, {self.expr(s.stop)}"
        check = f"span_({bounds}, {str(s.place)!r})" if not _small(s) else f"range({bounds})"
        return [f"for {local(s.name)} in {check}:", *self.body(s.body, "    ")]

    def _s_break(self, s: t.Break) -> Lines:
        return ["break"]

    def _s_continue(self, s: t.Continue) -> Lines:
        return ["continue"]

    def _s_return(self, s: t.Return) -> Lines:
        return ["return " + ", ".join(map(self.expr, s.values))]

    def _s_throw(self, s: t.Throw) -> Lines:
        return [f"raise Throw({s.message!r}, {str(s.place)!r})"]

    def _s_count(self, s: t.Count) -> Lines:
        return [f"C[{s.block}] += 1"]

    def _s_given(self, s: t.Given) -> Lines:
        return ["G[P[0]] += 1"]

    def _s_check(self, s: t.Check) -> Lines:
        witness = ", ".join(f"({n!r}, {(e.type.record or e.type.kind)!r}, {self.expr(e)})" for n, e in s.witness)
        return [f"if not {self.expr(s.test)}:", f"    fail(S, {s.clause!r}, ({witness}{',' if witness else ''}))"]

    def _s_endcheck(self, s: t.EndCheck) -> Lines:
        args = ", ".join(["S", *map(self.expr, s.args)])
        return [f"if CHECKED[{s.property}]:", f"    P[0] = {s.property}", f"    {end_name(s.function)}({args})"]

    def _s_acquire(self, s: t.Acquire) -> Lines:
        return [f"S[{self.address(s)}] = {self.thread + 1}"]

    def _s_release(self, s: t.Release) -> Lines:
        return [f"release(S, {self.address(s)}, {self.thread + 1}, {str(s.place)!r})"]

    def function(self, f: t.Function) -> Lines:
        """A whole function that is never suspended."""
        memory = MEMORY[0]
        if f.params and f.types[f.params[0]].memory == 1:
            memory = "B, S"
        params = ", ".join([memory, *map(local, f.params)])
        lines = [f"def {function_name(f.name)}({params}):", *self.body(f.body, "    ")]
        if f.result.kind == "ref" or f.result.kind == "int":
            lines.append("    return 0")
        return lines


def local(name: str) -> str:
    """The Python name of a local: its own, unless the printed code uses that for itself."""
    return name + "_local" if name in _TAKEN or name.endswith("_") or name.startswith("f_") else name


def function_name(name: str) -> str:
    """The Python name of a lowered function."""
    return "f_" + name.replace(".", "__")


def end_name(name: str) -> str:
    """The Python name of an end-of-operation property in a step; no spec function has it."""
    return "f_0_" + name.replace(".", "__")


def _small(s: t.ForRange) -> bool:
    """Whether a loop's length is known to be moderate."""
    stop = s.stop.type.scalar
    return isinstance(s.stop, (t.Const, t.Param)) or (stop is not None and stop.kind == "range" and stop.hi <= 1 << 16)
