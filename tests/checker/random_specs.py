"""Random small specs, as text: hypothesis draws a state, functions, threads and properties, and shrinks what disagrees.

Declarations that let a search reduce are made where they are true by construction: interchangeable records and threads
are never told apart by an index, an unordered array is used as a bag, and a forgotten cell is written before it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import strategies as st
from random_code import Cell, Draws, Helper, Scope, State
from random_properties import properties
from random_statements import Lines, Statements, indented

DRAWN = 1000
"""Bytes that hypothesis draws: more decisions than nearly any spec takes."""

IMPORTS = "from __future__ import annotations\n\nfrom typing import Annotated\n\nfrom spec.language import *\n"
PARAMETERS = """
class Sys(Parameters):
    word_bits = parameter(3, hi=64, doc="word")
    gen_bits = parameter(2, hi=32, doc="generation")
    k = parameter(2, hi=4, doc="a number")
    nodes = parameter({nodes}, hi=4, doc="nodes")
    workers = parameter({workers}, hi=4, doc="workers")


sys = Sys()
Small = Annotated[int, Range(0, 3)]
Signed = Annotated[int, Range(-4, 4)]
"""
BAG = """
def put(r: Root, v: Small, how: Small) -> None:
    for i in range({size}):
        if how == 0 and r.bag[i] == 0:
            r.bag[i] = v
            return
        if how == 1 and r.bag[i] == v:
            r.bag[i] = 0
            return
        if how == 2:
            r.bag[i] = min(r.bag[i] + v, 2)


def inside(r: Root) -> Small:
    n: Small = 0
    for i in range({size}):
        n = (n + r.bag[i]) % 4
    return n
"""
TAKE = """
def take(r: Root) -> Node | None:
    if r.count < sys.nodes:
        n = r.nodes[r.count]
        r.count += 1
        return n
    return None
"""


@dataclass(frozen=True)
class RandomSpec:
    """A spec as text; ``plain_actions`` tells that no local lives across a point at lock atomicity."""

    files: tuple[tuple[str, str], ...]
    plain_actions: bool

    def write(self, folder: Path) -> Path:
        """Put the package into a folder."""
        for name, text in self.files:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return folder

    def __repr__(self) -> str:
        return "\n" + "\n".join(f"# --- {name}\n{text}" for name, text in self.files if text)


def random_specs() -> st.SearchStrategy[RandomSpec]:
    """Specs of one scenario ``s``, whose spaces are small.

    They are drawn as strings of bytes: hypothesis then makes no variations of the last example, which would mostly be
    the same spec again.
    """
    return st.binary(min_size=DRAWN, max_size=DRAWN).map(lambda data: _Writer(Draws(data)).spec())


class _Writer:
    def __init__(self, d: Draws) -> None:
        self.d = d
        self.acts = d.one_in(4)  # all threads are plain action systems
        self.state = self._state()
        self.code = Statements(d, self.state)
        self.functions: list[Lines] = []

    # the state

    def _state(self) -> State:
        d = self.d
        nodes, workers = d.pick([0, 1, 2]), d.pick([1, 2, 2])
        locks = ("lock", "other")[: 1 + d.one_in(4)]
        symmetric = d.one_in(3)
        cells = [self._cell("Root", name) for name in ("x", "y", "z")[: 1 + d.upto(2)]]
        if d.one_in(2):
            cells.append(self._cell("Root", "b", kind="bool"))
        if d.one_in(3):
            cells.append(self._cell("Root", "table", length=2))
        cells += [self._cell("Pair", "left"), self._cell("Worker", "v")]
        if d.one_in(3):
            cells.append(self._cell("Worker", "w", kind="bool"))
        if nodes:
            cells += [self._cell("Node", "v"), self._cell("Node", "next", kind="ref"), self._cell("Root", "head", kind="ref")]
            if d.one_in(3):
                cells.append(self._cell("Worker", "mine", kind="ref"))
        if d.one_in(4):
            cells.append(Cell("Root", "seen", hi=3, ghost=True))
            cells += [Cell("Root", name, kind="ghost", ghost=True) for name in ("by", "marks") if d.one_in(2)]
        bag, scratch = 2 if symmetric and d.one_in(2) else 0, symmetric and d.one_in(3)
        return State(cells, nodes, workers, locks, symmetric, bag, scratch)

    def _cell(self, owner: str, name: str, *, kind: str = "int", length: int = 0) -> Cell:
        lo, hi, wrap = 0, 1, False
        if kind == "int":
            lo, hi, wrap = self.d.pick([(0, 1, False), (0, 2, False), (-1, 1, False), (0, 3, True), (0, 7, True)])
        return Cell(owner, name, kind, lo, hi, wrap, length, racy=self.d.one_in(2))

    def _field(self, c: Cell) -> str:
        marks = []
        if c.racy:
            marks.append(self.d.pick(["Racy()", 'Racy("lock")']))
        if c.ghost:
            marks.append("Ghost()")
        if c.kind == "ghost":
            if c.name == "by":
                return "    by: Annotated[int, ThreadNumber(), Ghost()]"
            return "    marks: Annotated[list[int], PerThread(), Range(0, 1), Ghost()]"
        if c.kind == "ref":
            return f"    {c.name}: " + (f"Annotated[Node | None, {', '.join(marks)}]" if marks else "Node | None")
        if c.kind == "bool":
            return f"    {c.name}: " + (f"Annotated[bool, {', '.join(marks)}]" if marks else "bool")
        bits = {3: "2", 7: '"word_bits"'}.get(c.hi, "2")
        kind = f"Wrap({bits})" if c.wrap else f"Range({c.lo}, {c.hi})"
        if (c.lo, c.hi, c.wrap) == (0, 2, False) and self.d.one_in(2):
            kind = 'Names("none", "one", "two")'
        if c.length:
            return f"    {c.name}: Annotated[list[Annotated[int, {kind}]], {', '.join([f'Size({c.length})', *marks])}]"
        return f"    {c.name}: Annotated[int, {', '.join([kind, *marks])}]"

    def _records(self) -> str:
        state, out = self.state, []
        of = {owner: [self._field(c) for c in state.cells if c.owner == owner] for owner in ("Node", "Pair", "Worker", "Root")}
        of["Worker"].append("    own: Pair")
        if state.scratch:
            of["Worker"] += ["    busy: bool", "    scratch: Annotated[int, Range(0, 2)]"]
        root = [f"    {lock}: Lock" for lock in state.locks] + ["    pair: Pair"]
        if state.nodes:
            mark = ', Interchangeable("count")' if state.symmetric else ""
            root += ['    count: Annotated[int, Range(0, "nodes")]'] if state.symmetric else []
            root += [f'    nodes: Annotated[list[Node], Size("nodes"){mark}]']
        if state.bag:
            root.append(f"    bag: Annotated[list[Annotated[int, Range(0, 2)]], Size({state.bag}), Unordered()]")
        of["Root"] = root + ['    workers: Annotated[list[Worker], Size("workers")]'] + of["Root"]
        for name, fields in of.items():
            if name != "Node" or state.nodes:
                out.append(f"\nclass {name}:\n" + "\n".join(fields) + "\n")
        return "".join(out)

    # functions

    def _helpers(self) -> None:
        state = self.state
        if state.bag:
            state.helpers.append(Helper("inside", ("root",), "int", pure=True))
        for i in range(self.d.upto(2)):
            kind = self.d.pick(["looks", "works", "steps", "locks"])
            result = self.d.pick(["int", "bool"]) if kind == "looks" else self.d.pick(["", "int", "bool", "pair"])
            worker = self.d.one_in(2)
            params = ("root", *(["worker"] if worker else []), *self.d.pick([(), ("small",), ("small",)]))
            scope = Scope(worker="w" if worker else "", returns=result, pure=kind == "looks", points=kind in ("steps", "locks"))
            if "small" in params:
                scope = replace(scope, ints=(("p", 0, 3),))
            body = self._body(scope, kind)
            texts = {"root": "r: Root", "worker": "w: Worker", "small": "p: Small"}
            kinds = {"": "None", "int": "Small", "bool": "bool", "pair": "tuple[Small, bool]"}
            head = f"def help{i}({', '.join(texts[p] for p in params)}) -> {kinds[result]}:"
            self.functions.append([head, *indented(body)])
            locks = any("acquire(" in line for line in body)
            helper = Helper(f"help{i}", params, result, kind == "looks", locks, kind in ("steps", "locks"))
            state.helpers.append(helper)

    def _body(self, scope: Scope, kind: str) -> Lines:
        code = self.code
        if kind == "looks":
            early = [f"if {code.truth(scope)}:", f"    return {code.result(scope)}"] if self.d.one_in(2) else []
            return [*early, f"return {code.result(scope)}"]
        code.left = 3
        body = code.block(scope, 2)
        if kind == "locks":
            inside = replace(scope, held=("lock",))
            body = ["acquire(r.lock)", *code.block(inside, 2), "release(r.lock)"]
        if scope.returns:
            body.append(f"return {code.result(scope)}")
        return body

    def _operation(self) -> None:
        """An operation with a property of its end: before its release, or at its return."""
        code, worker = self.code, ""
        scope = Scope(worker=worker, ints=(("p", 0, 3), ("old", 0, 3)), returns="int")
        found = code.cell(Scope(), "int", plain=True)
        first = f"old: Small = {found[0] if found is not None and found[1].lo >= 0 and found[1].hi <= 3 else 'p'}"
        code.left = 3
        if self.d.one_in(2):
            inside = replace(scope, held=("lock",), returns=None)
            body = ["acquire(r.lock)", first, *code.block(inside, 2), "release(r.lock)", f"return {code.result(scope)}"]
        else:
            inside = replace(scope, points=False)
            body = [first, *code.block(inside, 2), f"return {code.result(inside)}"]
        self.functions.append(["def operate(r: Root, p: Small) -> Small:", *indented(body)])
        locks = "acquire(r.lock)" in body
        self.state.helpers.append(Helper("operate", ("root", "small"), "int", locks=locks, steps=locks))

    # threads

    def _thread(self, name: str, worker: bool) -> bool:
        """Write a thread's function; tells whether it is a plain action system."""
        code, d = self.code, self.d
        scope = Scope(worker="w" if worker else "")
        head = f"def {name}(r: Root{', w: Worker' if worker else ''}) -> None:"
        shape = 0 if self.acts else d.pick([0, 1, 1, 2, 2])
        code.left = 9
        if shape == 0:
            action, scope = code.chosen(replace(scope, points=True))
            inside = replace(scope, points=False, returns=None)
            usable, self.state.helpers = self.state.helpers, [h for h in self.state.helpers if not h.steps]
            body = ["while True:", *indented([*action, *code.block(inside, 4, 2)])]
            self.state.helpers = usable
        elif shape == 1:
            body = [
                "step()",
                "while True:",
                *indented([*code.point(scope)[0], *code.block(replace(scope, loop=(), inner=True), 4)]),
            ]
        else:
            body = ["step()", *code.block(replace(scope, returns=""), 6, 3)]
        self.functions.append([head, *indented(body)])
        return shape == 0

    def _initial(self) -> Lines:
        out = [f"{c[0]} = {self.code.value(Scope(calls=False, points=False), c[1])}" for c in self._set() if not c[1].ghost]
        if self.state.nodes and self.d.one_in(2):
            if self.state.symmetric:
                out += ["r.count = 1", "r.head = r.nodes[0]"]
            else:
                out += ["r.head = r.nodes[0]", f"r.nodes[0].next = r.nodes[{self.state.nodes - 1}]"]
        return ["def initial(r: Root) -> None:", *indented(out or ["pass"])]

    def _set(self) -> list[tuple[str, Cell]]:
        found = [self.code.cell(Scope(calls=False, points=False), "int", store=True) for _ in range(self.d.upto(2))]
        return [f for f in found if f is not None]

    def spec(self) -> RandomSpec:
        """The whole package."""
        d, state = self.d, self.state
        faults, state.faults = state.faults, 10**6
        initial = self._initial()
        state.faults = faults
        records = self._records()
        self._helpers()
        if d.one_in(3):
            self._operation()
        shape = d.pick([(0, 1), (1, 1), (2, 0), (1, 2), (3, 0)])
        threads, actions = [], []
        for i in range(shape[0]):
            actions.append(self._thread(f"main{i}", False))
            threads.append(f"Thread(main{i})")
        for i in range(min(shape[1], 1) if state.scratch else shape[1] if state.workers == 1 else min(shape[1], 1)):
            actions.append(self._thread(f"worker{i}", True))
            threads.append(f'Thread(worker{i}, each="workers"{", interchangeable=True" if state.symmetric else ""})')
        ghosts = any(c.ghost for c in state.cells)
        names = [n for n in ("Node", "Pair", "Worker", "Root") if n != "Node" or state.nodes]
        imports = f"\nfrom .state import {', '.join(names)}, Small, Signed, sys\n"
        heap = IMPORTS + imports + ("from .watch.observer import note\n" if ghosts else "") + "\nTABLE = (2, -1, 0, 3)\n"
        parts = [TAKE if state.symmetric and state.nodes else "", BAG.format(size=state.bag) if state.bag else ""]
        parts += ["\n".join(f) + "\n" for f in [initial, *self.functions]]
        if state.scratch:
            parts.append("def idle(r: Root, w: Worker) -> bool:\n    return not w.busy\n")
            parts.append('FORGET = Forget("Worker", ("scratch",), idle, "written first")\n')
        parts.append(f'SCENARIO = Scenario("s", "random", Root, initial, ({", ".join(threads)},))\n')
        operates = any(h.name == "operate" for h in state.helpers)
        watch = IMPORTS + imports.replace(".state", "..state") + properties(self.code, state, operates=operates)
        files = {
            "__init__.py": "",
            "state.py": IMPORTS + PARAMETERS.format(nodes=state.nodes, workers=state.workers) + records,
            "heap.py": heap + "\n\n".join(parts),
            "watch/__init__.py": "",
            "watch/observer.py": watch,
        }
        return RandomSpec(tuple(files.items()), all(actions))
