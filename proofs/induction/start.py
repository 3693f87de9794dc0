"""The base of the induction: the heap that init builds satisfies the invariant."""

from __future__ import annotations

import z3

from checker.symbolic.cells import Cells
from checker.symbolic.memory import Value
from checker.symbolic.number import Num, num
from checker.symbolic.paths import Path, walk
from checker.symbolic.splitting import Splitter
from checker.symbolic.state import State
from proofs.heaps import program, typed
from proofs.induction.conditions import MOST_RATIO, SPANS, Conditions, Setting
from proofs.induction.heap import ADDRESS_PAGES, GHOSTS, HERE, PAGE, Heap, Whole
from proofs.induction.instances import Instances
from proofs.induction.operation import Operation
from proofs.kernel import Problem
from spec.language import Edit

INIT = Operation("init.init", "mheap.go:mheap.init", lambda memory: {}, lambda h, args: {})


class Zeros(Cells):
    """Memory before anything ran: every cell is zero, and so is every ghost but the place of the arena."""

    def function(self, record: str, field: str, number: Num, index: Num | None = None) -> Value:
        """Zero."""
        return z3.BoolVal(False) if self.scalar(record, field).kind == "bool" else num(0)

    def ghost(self, name: str, lo: int, hi: int, *where: Num) -> Num:
        """Zero, or what the arena and the physical pages are."""
        known = name in GHOSTS or name in ("used", "end")
        return num(0) if known else super().ghost(name, lo, hi, *where)


class Start(Conditions):
    """The conditions of init."""

    def run(self, scale: str, path: Path) -> None:
        """Run init on one path, and note what must hold."""
        memory = Zeros(self.program.schema)
        memory.ghosts = dict(GHOSTS)
        arena = memory.ghost("arena", 1, ADDRESS_PAGES)
        whole = Whole(memory, memory.ranged(z3.Int("ratio"), 1, MOST_RATIO))
        fits = arena + self.program.spec.parameters.resolve("arena_pages") <= ADDRESS_PAGES
        self.premises = {"the arena's addresses are words": fits}
        path.tell(fits)
        splitter = Splitter(self.program, memory, path, variables={"arena_start": arena * PAGE}, loop_bound=256)
        end = splitter.run(State(), self.function, {"h": HERE})
        instances = Instances(Zeros(self.program.schema), whole, {})
        physical = memory.ranged(z3.Int("phys_page_size"), 1, MOST_RATIO * PAGE)
        x = Setting(splitter, instances, whole, {}, scale, physical)
        self._oblige(x)
        if end is not None:
            self._conclude(x, Heap(memory, end.writes), None)


def starts(edits: tuple[Edit, ...] = ()) -> Problem:
    """The problem: init leaves a heap that satisfies the invariant, wherever the arena lies."""
    made = program(edits, spans=SPANS)
    conditions = Start(INIT, made, typed(made, INIT.function))
    walk(lambda path: conditions.run("any physical pages", path), [])
    return Problem(premises=conditions.premises, conditions=conditions.found, paths=conditions.paths, strategy="integers")
