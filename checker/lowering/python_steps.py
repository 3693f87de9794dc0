"""Printing a thread's graph as Python step functions, one for each label.

A step function gets the state ``Z`` and a list, and appends ``(choice, new state, thrown, failures)`` for each successor.
"""

from __future__ import annotations

from checker.frontend import tree as t
from checker.lowering.graph import Graph
from checker.lowering.python_text import Lines, Printer, local
from checker.lowering.thread_layout import Slot, ThreadLayout


class StepPrinter:
    """Prints the step functions of one thread instance.

    ``first_point`` is the number, in ``R``, of the scheduling point with label 1.
    """

    def __init__(self, printer: Printer, graph: Graph, layout: ThreadLayout, thread: int, first_point: int) -> None:
        self.printer = printer
        self.first_point = first_point
        self.graph = graph
        self.layout = layout
        self.thread = thread

    def lines(self) -> Lines:
        """The entry function and one step function for each label."""
        self.printer.thread = self.thread
        out = [f"def enter_{self.thread}(S):", f"    W[0] = {self.thread + 1}", *self._region(0, "    ")]
        for b in self.graph.cuts():
            out += self._step(b)
        return out

    def _step(self, b: int) -> Lines:
        cut = self.graph.blocks[b].cut
        assert cut is not None
        p, name = self.printer, f"{self.thread}_{self.layout.labels[b]}"
        chosen = tuple(map(local, cut.stmt.names)) if isinstance(cut.stmt, t.Choose) else ()
        live = self.layout.slots[b]
        params = ", ".join(["S", *chosen])
        out = [f"def body_{name}({params}):"]
        out += ["    " + self._restore(s, "S") for s in live if local(s.name) not in chosen]
        unset = sorted(self._saved_next(b) - set(chosen) - {local(s.name) for s in live} - set(p.env))
        if unset:
            out.append(f"    {' = '.join(unset)} = 0")
        out += self._region(b, "    ")
        out += [f"def step_{name}(S, out):", f"    W[0] = {self.thread + 1}"]
        out += ["    " + self._restore(s, "S") for s in live]
        stmt = cut.stmt
        indent, choice = "    ", "()"
        if isinstance(stmt, t.Choose):
            names = list(map(local, stmt.bound))
            for bound, (lo, hi) in zip(names, stmt.ranges, strict=True):
                out.append(f"{indent}for {bound} in range({p.expr(lo)}, {p.expr(hi)}):")
                indent += "    "
            if stmt.where is not None:
                out.append(f"{indent}if {p.expr(stmt.where)}:")
                indent += "    "
            choice = f"({', '.join(names)},)"
        elif isinstance(stmt, t.Wait):
            out.append(f"{indent}if {p.expr(stmt.test)}:")
            indent += "    "
        elif isinstance(stmt, t.Acquire):
            out.append(f"{indent}if not S[{p.address(stmt)}]:")
            indent += "    "
        args = ", ".join(["T", *(map(local, stmt.bound) if isinstance(stmt, t.Choose) else ())])
        out += [
            f"{indent}T = bytearray(S)",
            f"{indent}try: body_{name}({args})",
            f"{indent}except Throw as e: out.append(({choice}, T, e, V[:]))",
            f"{indent}else: out.append(({choice}, T, None, V[:]))",
            f"{indent}R[{self.first_point + self.layout.labels[b] - 1}] += 1",
            f"{indent}if V: V.clear()",
        ]
        return out

    def _restore(self, s: Slot, memory: str) -> str:
        at = self.layout.base + s.offset
        text = f"{memory}[{at}]" if s.width == 1 else f"int.from_bytes({memory}[{at}:{at + s.width}], 'little')"
        return f"{local(s.name)} = {text}" + (f" + {s.bias}" if s.bias else "")

    def _region(self, start: int, indent: str) -> Lines:
        """Code from a block to the next cuts; blocks reached from several places get a number to dispatch on."""
        entered: dict[int, int] = {}
        inside, todo = {start}, [start]
        while todo:
            for s in self.graph.blocks[todo.pop()].successors():
                entered[s] = entered.get(s, 0) + 1
                if self.graph.blocks[s].cut is None and s not in inside:
                    inside.add(s)
                    todo.append(s)
        joins = {b for b in inside if entered.get(b, 0) > (0 if b == start else 1)}
        if self.graph.blocks[start].cut is not None:
            joins.discard(start)  # coming back here ends the step
        if not joins:
            return self._block(start, joins, indent, first=True)
        number = {b: i for i, b in enumerate(sorted(joins - {start}), start=1)}
        number[start] = 0
        out = [f"{indent}g_ = 0", f"{indent}n_ = LIMIT", f"{indent}while True:"]
        out += [f"{indent}    n_ -= 1", f"{indent}    if n_ < 0: endless({self._function_place()!r})"]
        self._number = number
        for b in sorted({start, *joins}, key=lambda b: number[b]):
            out.append(f"{indent}    {'if' if b == start else 'elif'} g_ == {number[b]}:")
            out += self._block(b, joins, indent + "        ", first=True)
        return out

    def _function_place(self) -> str:
        return str(self.printer.program.functions[self.graph.function].place)

    def _saved_next(self, start: int) -> set[str]:
        """The locals saved at any cut that a step from this block can end at."""
        seen, todo, names = {start}, [start], set()
        while todo:
            for s in self.graph.blocks[todo.pop()].successors():
                if self.graph.blocks[s].cut is not None:
                    names |= {local(x.name) for x in self.layout.slots[s]}
                elif s not in seen:
                    seen.add(s)
                    todo.append(s)
        return names

    def _block(self, b: int, joins: set[int], indent: str, *, first: bool = False) -> Lines:
        block = self.graph.blocks[b]
        if not first and block.cut is not None:
            return self._suspend(b, indent)
        if not first and b in joins:
            return [f"{indent}g_ = {self._number[b]}", f"{indent}continue"]
        out = self.printer.body(block.stmts, indent) if block.stmts else []
        if block.test is not None:
            assert block.then is not None
            assert block.other is not None
            out.append(f"{indent}if {self.printer.expr(block.test)}:")
            out += self._block(block.then, joins, indent + "    ")
            out.append(f"{indent}else:")
            return out + self._block(block.other, joins, indent + "    ")
        if block.then is not None:
            return out + self._block(block.then, joins, indent)
        return out + self._leave(indent, 0, [], "")

    def _suspend(self, b: int, indent: str) -> Lines:
        cut = self.graph.blocks[b].cut
        assert cut is not None
        function, line = cut.position[-1]
        place = f"{self.printer.program.file(function)}:{line}"
        return self._leave(indent, self.layout.labels[b], self.layout.slots[b], place)

    def _leave(self, indent: str, label: int, slots: list[Slot], place: str) -> Lines:
        base, out = self.layout.base, []
        if self.layout.label_width == 1:
            out.append(f"{indent}S[{base}] = {label}")
        else:
            out.append(f"{indent}S[{base}:{base + 2}] = {label.to_bytes(2, 'little')!r}")
        used = self.layout.label_width
        for s in slots:
            at, value = base + s.offset, self.printer.env.get(s.name, local(s.name))
            if s.scalar.kind in ("range", "wrap"):
                out.append(
                    f"{indent}if not {s.scalar.lo} <= {value} <= {s.scalar.hi}: out_of_range({value}, {s.name!r}, {place!r})"
                )
            value = f"{value} - {s.bias}" if s.bias else value
            if s.width == 1:
                out.append(f"{indent}S[{at}] = {value}")
            else:
                out.append(f"{indent}S[{at}:{at + s.width}] = ({value}).to_bytes({s.width}, 'little')")
            used = s.offset + s.width
        if used < self.layout.size:
            out.append(f"{indent}S[{base + used}:{base + self.layout.size}] = {bytes(self.layout.size - used)!r}")
        return [*out, f"{indent}return"]
