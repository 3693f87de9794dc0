"""Random statements of the language: every loop ends or has a scheduling point, every lock is given back on all paths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from random_code import Cell, Expressions, Scope

Lines = list[str]


def indented(lines: Lines) -> Lines:
    return ["    " + line for line in lines]


class Statements(Expressions):
    """Writes blocks of statements; each statement stands on a line of its own.

    ``left`` is how many more statements the function may have.
    """

    left = 0

    def block(self, s: Scope, most: int, least: int = 1) -> Lines:
        """A few statements; what they declare is known to those behind them."""
        out: Lines = []
        for _ in range(self.d.upto(most, least)):
            if self.left <= 0:
                break
            self.left -= 1
            lines, s = self.statement(s)
            out += lines
        return out or ["pass"]

    def statement(self, s: Scope) -> tuple[Lines, Scope]:
        """A statement, and the scope behind it."""
        kinds: list[Callable[[Scope], tuple[Lines, Scope]]] = [
            self.store,
            self.store,
            self.store,
            self.local,
            self.local,
            self.branch,
            self.branch,
            self.point,
            self.point,
            self.point,
            self.locked,
            self.locked,
            self.node,
            self.node,
            self.add,
            self.called,
            self.counted,
            self.ranged,
            self.leave,
            self.throwing,
            self.ghostly,
            self.bag,
            self.scratch,
        ]
        return self.d.pick(kinds)(s)

    # cells and locals

    def store(self, s: Scope) -> tuple[Lines, Scope]:
        """Assign to a cell."""
        kind = self.d.pick(["int", "int", "bool", "ref"])
        found = self.cell(s, kind, store=True) or self.cell(s, "int", store=True)
        assert found is not None
        return [f"{found[0]} = {self.value(s, found[1])}"], s

    def value(self, s: Scope, c: Cell) -> str:
        """What fits a cell; now and then perhaps not."""
        if c.kind == "bool":
            return self.truth(s)
        if c.kind == "ref":
            return self.reference(s)
        return self.number(s) if c.wrap or self.fault() else self.within(s, c.lo, c.hi)

    def add(self, s: Scope) -> tuple[Lines, Scope]:
        """An operation in place."""
        found = self.cell(s, "int", store=True)
        assert found is not None
        text, c = found
        if c.ghost:
            return [f"{text} = {self.within(s, c.lo, c.hi)}"], s
        if c.wrap or self.fault():
            return [f"{text} {self.d.pick(['+=', '-=', '^='])} {self.number(s, 1)}"], s
        return [f"{text} = ({text} + {self.leaf(s)}) % {c.hi - c.lo + 1}" + (f" - {-c.lo}" if c.lo else "")], s

    def local(self, s: Scope) -> tuple[Lines, Scope]:
        """Declare a local, or assign to one."""
        if s.ints and self.d.one_in(3):
            name, lo, hi = self.d.pick(s.ints)
            if name.startswith("a"):
                return [f"{name} = {self.within(s, lo, hi)}"], s
        if self.d.one_in(4):
            name = self.fresh("b")
            return [f"{name} = {self.truth(s)}"], replace(s, bools=(*s.bools, name))
        name = self.fresh("a")
        kind, lo, hi = self.d.pick([("Small", 0, 3), ("Signed", -4, 4)])
        return [f"{name}: {kind} = {self.within(s, lo, hi)}"], replace(s, ints=(*s.ints, (name, lo, hi)))

    def ghostly(self, s: Scope) -> tuple[Lines, Scope]:
        """Tell the observer something."""
        ghosts = [c.name for c in self.state.cells if c.ghost]
        if not ghosts:
            return self.store(s)
        lines = [f"note({s.root}, {self.within(s, 0, 3)})"]
        if "by" in ghosts:
            lines.append(f"{s.root}.by = thread()")
        if "marks" in ghosts:
            lines.append(f"{s.root}.marks[thread() - 1] = {self.within(s, 0, 1)}")
        return [self.d.pick(lines)], s

    # control

    def branch(self, s: Scope) -> tuple[Lines, Scope]:
        """An if with or without its other sides."""
        inside = replace(s, inner=True)
        out = [f"if {self.truth(s)}:", *indented(self.block(inside, 2))]
        if self.d.one_in(3):
            out += [f"elif {self.truth(s)}:", *indented(self.block(inside, 2))]
        if self.d.one_in(2):
            out += ["else:", *indented(self.block(inside, 2))]
        return out, s

    def counted(self, s: Scope) -> tuple[Lines, Scope]:
        """A while loop that ends."""
        if s.inner:
            return self.store(s)
        name = self.fresh("n")
        test = self.d.pick([f"{name} < 2", f"{name} < 2 and {self.truth(s)}", f"not ({name} >= 2 or {self.truth(s)})"])
        inside = replace(s, loop=s.held, inner=True, ints=(*s.ints, (name, 0, 2)))
        body = [f"{name} += 1", *self.block(inside, 2)]
        return [f"{name}: Small = 0", f"while {test}:", *indented(body)], s

    def ranged(self, s: Scope) -> tuple[Lines, Scope]:
        """A loop over a range."""
        if s.inner:
            return self.local(s)
        name = self.fresh("i")
        found = self.cell(s, "int", plain=True)
        stop = self.d.pick(["2", "sys.k", f"min({found[0]}, 2)" if found is not None else "1"])
        bounds = self.d.pick([stop, f"{self.d.pick(['0', '1', '-1'])}, {stop}"])
        inside = replace(s, loop=s.held, inner=True, ints=(*s.ints, (name, -1, 3)))
        return [f"for {name} in range({bounds}):", *indented(self.block(inside, 2))], s

    def leave(self, s: Scope) -> tuple[Lines, Scope]:
        """Return, break or continue, in a condition; locks are given back first."""
        if s.loop is not None and not self.d.one_in(3):
            out, word = [h for h in s.held if h not in s.loop], self.d.pick(["break", "continue"])
        elif s.returns is not None:
            out, word = list(s.held), f"return {self.result(s)}".rstrip()
        else:
            return self.store(s)
        body = [f"release({s.root}.{h})" for h in reversed(out)] + [word]
        if word.startswith("return") and word != "return" and out:
            name = self.fresh("b" if s.returns == "bool" else "a")
            kind = "" if s.returns == "bool" else ": Small"
            if s.returns == "pair":
                return self.store(s)
            body = [f"{name}{kind} = {word.removeprefix('return ')}", *body[:-1], f"return {name}"]
        return [f"if {self.truth(s)}:", *indented(body)], s

    def result(self, s: Scope) -> str:
        """What the function returns here."""
        if s.returns == "int":
            return self.within(s, 0, 3)
        if s.returns == "bool":
            return self.truth(s)
        return f"{self.within(s, 0, 3)}, {self.truth(s, 1)}" if s.returns == "pair" else ""

    def throwing(self, s: Scope) -> tuple[Lines, Scope]:
        """Stop the heap, seldom."""
        if not self.d.one_in(3):
            return self.store(s)
        return [f'throw_if({self.truth(s, 1)} and {self.truth(s, 1)}, "stop {self.d.upto(2)}")'], s

    # scheduling

    def point(self, s: Scope) -> tuple[Lines, Scope]:
        """A scheduling point that is one in any case."""
        if not s.points:
            return self.store(s)
        which = self.d.upto(5)
        if which == 1:
            guard = s.looking()
            rest = self.d.pick(["", ", rest=True"])
            return [f"wait(lambda: {self.truth(guard)}{rest})"], s
        if which == 2:
            return self.chosen(s)
        if which == 3:
            value = self.atomic(s, "bool")
            name = self.fresh("b")
            if value is not None:
                return self.d.pick([([value], s), ([f"{name} = {value}"], replace(s, bools=(*s.bools, name)))])
        if which == 4:
            value = self.atomic(s, "int")
            if value is not None:
                return [value], s
        return ["step()"], s

    def chosen(self, s: Scope) -> tuple[Lines, Scope]:
        """A choice of one value or two."""
        names = [self.fresh("c") for _ in range(1 + self.d.upto(1))]
        ranges = [self.d.pick(["range(2)", "range(sys.k)", "range(1, 3)"]) for _ in names]
        where = ""
        if self.d.one_in(2):
            bound = ["x", "y"][: len(names)]
            guard = replace(s.looking(), ints=(*s.ints, *((b, 0, 2) for b in bound)))
            where = f", where=lambda {', '.join(bound)}: {self.truth(guard)}"
        known = (*s.ints, *((n, 0, 2) for n in names))
        return [f"{', '.join(names)} = choose({', '.join(ranges)}{where})"], replace(s, ints=known)

    def locked(self, s: Scope) -> tuple[Lines, Scope]:
        """A critical section."""
        free = [lock for lock in self.state.locks if lock not in s.held]
        if not free or not s.points or (s.inner and not self.d.one_in(3)):
            return self.store(s)
        lock = self.d.pick(free)
        body = self.block(replace(s, held=(*s.held, lock)), 3)
        return [f"acquire({s.root}.{lock})", *body, f"release({s.root}.{lock})"], s

    def called(self, s: Scope) -> tuple[Lines, Scope]:
        """A call that stands alone, or the results of one."""
        fitting = [
            h
            for h in self.state.helpers
            if s.calls and not (h.locks and s.held) and (s.points or not h.steps)
            if "worker" not in h.params or s.worker
        ]
        if not fitting:
            return self.store(s)
        h = self.d.pick(fitting)
        text = self.invoke(s, h)
        a, b = self.fresh("c"), self.fresh("b")
        if not h.result or self.d.one_in(4):
            return [text], s
        if h.result == "int":
            return [f"{a}: Small = {text}"], replace(s, ints=(*s.ints, (a, 0, 3)))
        if h.result == "bool":
            return [f"{b} = {text}"], replace(s, bools=(*s.bools, b))
        return [f"{a}, {b} = {text}"], replace(s, ints=(*s.ints, (a, 0, 3)), bools=(*s.bools, b))

    # records

    def node(self, s: Scope) -> tuple[Lines, Scope]:
        """Look at a node, take a new one, or follow a list."""
        if not self.state.nodes:
            return self.store(s)
        name, which = self.fresh("m"), self.d.upto(4)
        if which == 0 and self.state.symmetric:
            first = f"{name} = take({s.root})"
        else:
            reference = self.reference(s)
            if reference == "None":
                return self.store(s)
            first = f"{name} = {reference}"
        if which == 1 and not s.inner:
            count = self.fresh("n")
            inside = replace(s, loop=s.held, inner=True, nodes=(*s.nodes, (name, True)), ints=(*s.ints, (count, 0, 3)))
            body = [f"{count} += 1", *self.block(inside, 1), f"{name} = {name}.next"]
            test = f"while {name} is not None and {count} < 2:"
            return [first, f"{count}: Small = 0", test, *indented(body)], replace(s, nodes=(*s.nodes, (name, False)))
        if self.fault():
            return [first], replace(s, nodes=(*s.nodes, (name, True)))
        inside = replace(s, inner=True, nodes=(*s.nodes, (name, True)))
        body = [f"if {name} is not None:", *indented(self.block(inside, 2))]
        return [first, *body], replace(s, nodes=(*s.nodes, (name, False)))

    def bag(self, s: Scope) -> tuple[Lines, Scope]:
        """Put something into the unordered array, or take something out."""
        if not self.state.bag:
            return self.store(s)
        if s.points and self.d.one_in(3) and not s.inner:
            name, bag = self.fresh("d"), f"{s.root}.bag"
            chosen = f"{name} = choose(range({self.state.bag}), where=lambda x: {bag}[x] != 0)"
            return [chosen, f"{bag}[{name}] = {self.d.upto(2)}"], s  # in the same step: the index means nothing later
        return [f"put({s.root}, {self.within(s, 0, 2)}, {self.d.pick(['0', '0', '1', '2'])})"], s

    def scratch(self, s: Scope) -> tuple[Lines, Scope]:
        """Use the worker's scratch cell, which means nothing while it is not busy."""
        if not self.state.scratch or not s.worker:
            return self.store(s)
        name = self.fresh("e")
        inside = self.block(replace(s, worker="", loop=None, returns=None), 1)
        out = [f"{s.worker}.scratch = {self.within(s, 0, 2)}", f"{s.worker}.busy = True", *inside]  # in one step
        out += [f"{name}: Small = {s.worker}.scratch", f"{s.worker}.busy = False"]
        return out, replace(s, ints=(*s.ints, (name, 0, 3)))
