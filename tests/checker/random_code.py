"""Random expressions of the language, over a state that `random_specs` has drawn.

Locals, arguments and results stay in their declared ranges by construction: plain execution does not check them. Cells,
indices, divisors, distances and references are now and then left to chance, which gives errors of the spec.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """Decisions out of a string of bytes; the simplest is always the first, and is taken when the bytes are used up."""

    def __init__(self, data: bytes) -> None:
        self._data = iter(data)

    def upto(self, most: int, least: int = 0) -> int:
        """A number."""
        return least + next(self._data, 0) % (most - least + 1)

    def one_in(self, n: int) -> bool:
        """Now and then."""
        return self.upto(n - 1) == n - 1

    def pick(self, items: Sequence[T]) -> T:
        """One of these."""
        return items[self.upto(len(items) - 1)]


@dataclass(frozen=True)
class Cell:
    """A field of a record: an integer, a truth value or a reference, or an array of integers."""

    owner: str
    name: str
    kind: str = "int"  # "int" | "bool" | "ref"
    lo: int = 0
    hi: int = 1
    wrap: bool = False
    length: int = 0
    racy: bool = False
    ghost: bool = False


@dataclass(frozen=True)
class Helper:
    """A function that can be called; ``pure`` ones only look, ``locks`` says that it takes a lock."""

    name: str
    params: tuple[str, ...]
    result: str = ""  # "" | "int" | "bool" | "pair"
    pure: bool = False
    locks: bool = False
    steps: bool = False


@dataclass
class State:
    """What a spec has: its cells, constants and functions.

    ``symmetric``: records of arrays are reached by references only, never by an index.
    """

    cells: list[Cell]
    nodes: int
    workers: int
    locks: tuple[str, ...]
    symmetric: bool
    bag: int = 0
    scratch: bool = False
    helpers: list[Helper] = field(default_factory=list)
    faults: int = 12  # one in so many chances of an error is taken

    def of(self, owner: str, kind: str) -> list[Cell]:
        """The cells of a record that hold such a value."""
        return [c for c in self.cells if (c.owner, c.kind) == (owner, kind)]


@dataclass(frozen=True)
class Scope:
    """Where code stands.

    Attributes
    ----------
    ints : tuple
        Locals with their ranges.
    nodes : tuple
        Locals that are a node, or may be None.
    pure : bool
        Only look: a guard or a property.
    ghosts : bool
        Ghosts may be read.
    calls, points : bool
        Functions may be called; scheduling points may stand here.
    held : tuple
        The locks that are held.
    loop : tuple or None
        Those that were held where the innermost loop began; None outside loops.
    returns : str or None
        The kind of the function's result; None where it may not be left.
    inner : bool
        Inside a branch or loop: no further loop begins here.
    """

    root: str = "r"
    worker: str = ""
    ints: tuple[tuple[str, int, int], ...] = ()
    bools: tuple[str, ...] = ()
    nodes: tuple[tuple[str, bool], ...] = ()
    pure: bool = False
    ghosts: bool = False
    calls: bool = True
    held: tuple[str, ...] = ()
    loop: tuple[str, ...] | None = None
    returns: str | None = None
    points: bool = True
    inner: bool = False

    def looking(self) -> Scope:
        """The same place, where code may only look."""
        return replace(self, pure=True)


class Expressions:
    """Writes expressions."""

    def __init__(self, d: Draws, state: State) -> None:
        self.d, self.state = d, state
        self._serial = 0

    def fresh(self, letter: str) -> str:
        """A new name."""
        self._serial += 1
        return f"{letter}{self._serial}"

    def fault(self) -> bool:
        """Whether to leave a chance of an error."""
        return self.d.one_in(self.state.faults)

    # cells

    def owners(self, s: Scope) -> list[tuple[str, str]]:
        """The records at hand, as text and type."""
        out = [(s.root, "Root"), (f"{s.root}.pair", "Pair")]
        if s.worker:
            out += [(s.worker, "Worker"), (f"{s.worker}.own", "Pair")]
        out += [(name, "Node") for name, sure in s.nodes if sure]
        if self.state.nodes and not self.state.symmetric:
            out.append((f"{s.root}.nodes[{self.d.upto(self.state.nodes - 1)}]", "Node"))
        if self.state.workers and not self.state.symmetric:
            out.append((f"{s.root}.workers[{self.d.upto(self.state.workers - 1)}]", "Worker"))
        return out

    def cell(self, s: Scope, kind: str, *, store: bool = False, plain: bool = False) -> tuple[str, Cell] | None:
        """A cell at hand as text, if there is one; ``plain``: none of an array."""
        found = [(text, c) for text, owner in self.owners(s) for c in self.state.of(owner, kind)]
        found = [(t, c) for t, c in found if (store or s.ghosts or not c.ghost) and not (plain and c.length)]
        if not found:
            return None
        text, c = self.d.pick(found)
        text = f"{text}.{c.name}"
        return (f"{text}[{self.index(s, c.length)}]" if c.length else text), c

    def index(self, s: Scope, length: int) -> str:
        """An index, nearly always one that fits."""
        if self.d.one_in(3):
            return self.number(s) if self.fault() else f"({self.number(s)}) % {length}"
        return str(self.d.upto(length - 1))

    # integers

    def leaf(self, s: Scope) -> str:
        """An integer whose range is known from its declaration."""
        which = self.d.upto(5)
        if which in (1, 2, 3):
            found = self.cell(s, "int", plain=True)
            if found is not None:
                return found[0]
        if which == 4 and s.ints:
            return self.d.pick(s.ints)[0]
        if which == 5:
            return self.d.pick(["sys.k", "sys.nodes", "-1"])
        return str(self.d.upto(3))

    def number(self, s: Scope, depth: int = 2) -> str:
        """An integer of any small size."""
        if depth == 0:
            return self.leaf(s)
        which = self.d.upto(15)
        if which < 4:
            return self.leaf(s)
        if which == 14:
            return f"{self.d.pick(['u64', 'u64', 'u32'])}({self.number(s, depth - 1)})"
        a, b = self.number(s, depth - 1), self.number(s, depth - 1)
        if which < 8:
            return f"({a} {self.d.pick('+-*&|^')} {b})"
        if which == 8:
            distance = b if self.fault() else f"({b} & 1)"
            return f"({a} {self.d.pick(['<<', '>>'])} {distance})"
        if which in (9, 15):
            divisor = b if self.fault() else self.d.pick(["2", "-2", "3", f"max({b}, 1)"])
            return f"({a} {self.d.pick(['//', '%'])} {divisor})"
        if which == 10:
            return self.d.pick([f"min({a}, {b})", f"max({a}, {b})", f"(-{a})", f"(~{a})"])
        if which == 11:
            return f"({self.leaf(s)} if {self.truth(s, depth - 1)} else {self.leaf(s)})"
        if which == 12:
            return self.d.pick([f"TABLE[({a}) & 3]", f"(({self.truth(s, depth - 1)}) + {b})"])
        return self.call(s, "int") or self.atomic(s, "int") or a

    def within(self, s: Scope, lo: int, hi: int) -> str:
        """An integer of a range."""
        known = [n for n, a, b in s.ints if lo <= a and b <= hi]
        if known and self.d.one_in(3):
            return self.d.pick(known)
        if self.d.one_in(6):
            return str(self.d.upto(hi, max(lo, 0)))
        text = f"({self.number(s)}) % {hi - lo + 1}"
        return f"{text} - {-lo}" if lo < 0 else f"{text} + {lo}" if lo else text

    # truth values

    def truth(self, s: Scope, depth: int = 2) -> str:
        """A condition."""
        which = self.d.upto(12)
        if which == 12:
            return self.call(s, "bool") or self.identity(s)
        if depth and which > 8:
            word = self.d.pick([" and ", " or "])
            return "(" + word.join(self.truth(s, depth - 1) for _ in range(2 + self.d.upto(1))) + ")"
        if which == 8:
            return f"(not {self.truth(s, max(depth - 1, 0))})"
        if which == 7:
            return self.call(s, "bool") or self.atomic(s, "bool") or "True"
        if which == 6:
            found = self.cell(s, "bool")
            if found is not None and not (s.bools and self.d.one_in(3)):
                return found[0]
            return self.d.pick(s.bools) if s.bools else "False"
        if which == 5:
            return self.identity(s)
        ops = ["<", "<=", "==", "!=", ">=", ">"]
        if which == 4:
            return f"({self.leaf(s)} {self.d.pick(ops)} {self.leaf(s)} {self.d.pick(ops)} {self.leaf(s)})"
        return f"({self.number(s, min(depth, 1))} {self.d.pick(ops)} {self.leaf(s)})"

    def identity(self, s: Scope) -> str:
        """A comparison of references, or a test that guards the use of one."""
        left, right = self.reference(s), self.reference(s)
        cells = self.state.of("Node", "int")
        if cells and left != "None" and "[" not in left and self.d.one_in(2):
            other = f"{left}.{cells[0].name} {self.d.pick(['<', '==', '!='])} {self.leaf(s)}"
            return self.d.pick([f"({left} is not None and {other})", f"({left} is None or {other})"])
        if left == "None":
            left, right = right, left
        return "True" if left == "None" else f"({left} {self.d.pick(['is', 'is not'])} {right})"

    def reference(self, s: Scope) -> str:
        """A node or None."""
        found = self.cell(s, "ref")
        options = ["None"] + ([found[0]] if found is not None else []) + [n for n, _ in s.nodes]
        if self.state.nodes and not self.state.symmetric:
            options.append(f"{s.root}.nodes[{self.d.upto(self.state.nodes - 1)}]")
        return self.d.pick(options)

    # calls

    def call(self, s: Scope, result: str) -> str | None:
        """A call with such a result, if there is a function."""
        usable = [
            h
            for h in self.state.helpers
            if h.result == result and s.calls and not h.locks and (h.pure or not s.pure) and (s.points or not h.steps)
            if "worker" not in h.params or s.worker
        ]
        return self.invoke(s, self.d.pick(usable)) if usable else None

    def invoke(self, s: Scope, h: Helper) -> str:
        """A call of this function."""
        inside = replace(s, calls=False)
        args = {"root": lambda: s.root, "worker": lambda: s.worker, "small": lambda: self.within(inside, 0, 3)}
        args["node"] = lambda: self.reference(inside)
        return f"{h.name}({', '.join(args[p]() for p in h.params)})"

    def atomic(self, s: Scope, result: str) -> str | None:
        """A compare-and-swap or an atomic addition in an expression."""
        if s.pure or not s.points or not s.calls:
            return None
        inside = replace(s, calls=False)
        found = self.cell(inside, self.d.pick(["int", "bool"]) if result == "bool" else "int", store=True, plain=True)
        if found is None or found[1].ghost:
            return None
        owner, _, name = found[0].rpartition(".")
        c = found[1]
        if result == "bool":
            if c.kind == "bool":
                return f'cas({owner}, "{name}", {self.truth(inside, 0)}, {self.truth(inside, 0)})'
            new = self.leaf(inside) if c.wrap else self.within(inside, c.lo, c.hi)
            return f'cas({owner}, "{name}", {self.leaf(inside)}, {new})'
        return f'xadd({owner}, "{name}", {self.leaf(inside)})' if c.wrap else None
