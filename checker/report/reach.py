"""What searches have reached: the branches and the scheduling points of what threads can call.

One scenario reaches little: its parameters rule out branches, and its threads call part of the heap. So what counts
is the union over several machines, each after its search. What is left must be declared, with the reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from checker.errors import LanguageError
from checker.frontend import tree as t
from checker.frontend.walk import expressions, statements, subexpressions
from checker.load import Spec
from checker.lowering.machine import Machine
from spec.language import Unreached

BRANCH = "branch"
_Span = tuple[str, int, int]


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A branch or scheduling point.

    Attributes
    ----------
    function : str
        ``module.function``, relative to the spec.
    line : int
        A branch's first line.
    kind : str
        ``branch`` (also the body of a function or loop), or the kind of the scheduling point.
    text : str
        The source text of the line.
    threads : tuple of str
        The functions of the threads that could get there; none if no thread of any machine calls the function.
    """

    function: str
    line: int
    kind: str
    text: str
    threads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is unreached against what the spec declares so.

    Attributes
    ----------
    explained : list
        Each entry with the declaration that names it.
    unexplained : list of Entry
    idle : list of Unreached
        Declarations that name nothing unreached: the line is reached by now, or gone.
    """

    explained: list[tuple[Entry, Unreached]]
    unexplained: list[Entry]
    idle: list[Unreached]


class Reach:
    """The union of what searches have reached.

    A scheduling point is known by its innermost position, whatever called the function that it is in.
    """

    def __init__(self) -> None:
        self._spec: Spec | None = None
        self._blocks: dict[_Span, int] = {}
        self._points: dict[tuple[str, int, str], int] = {}
        self._callers: dict[str, set[str]] = {}
        self._waiting: dict[tuple[str, int, str], set[str]] = {}

    def add(self, machine: Machine) -> None:
        """Take in a machine after its search.

        Raises
        ------
        ValueError
            The machine is of another spec, or of a variant: its lines are others.
        """
        if self._spec is None:
            self._spec = machine.spec
        if machine.spec.digest != self._spec.digest:
            raise ValueError("the reach of two different specs was to be added up; make one Reach for each")
        for root in dict.fromkeys([machine.initial_name, *(g.function for g in machine.graphs)]):
            for name in called(machine, root):
                self._callers.setdefault(name, set()).add(root.rpartition(".")[2])
        for block, count in machine.block_counts():
            span = (block.function, block.first, block.last)
            self._blocks[span] = self._blocks.get(span, 0) + count
        for thread, cut, count in machine.point_counts():
            function, line = cut.position[-1]
            key = (function, line, cut.kind)
            self._points[key] = self._points.get(key, 0) + count
            self._waiting.setdefault(key, set()).add(thread.rpartition(".")[2])

    def reached(self) -> list[Entry]:
        """What was reached, in the order of functions and lines."""
        blocks = [self._block(span) for span, count in self._blocks.items() if count and span[0] in self._callers]
        return sorted([*blocks, *(self._point(key) for key, count in self._points.items() if count)])

    def unreached(self, *, inner: bool = False) -> list[Entry]:
        """What was not reached, in the order of functions and lines.

        Parameters
        ----------
        inner : bool
            Also what stands inside a branch that was not reached, and goes without saying.
        """
        missed = [span for span, count in self._blocks.items() if not count and span[0] in self._callers]
        missed += [span for span in self._never_called() if span not in missed]
        points = [key for key, count in self._points.items() if not count]
        if not inner:
            missed, all_missed = [s for s in missed if not _inside(s, missed)], missed
            points = [p for p in points if not _inside((p[0], p[1], p[1]), all_missed)]
        return sorted({*map(self._block, missed), *map(self._point, points)})

    def explain(self, declared: Iterable[Unreached]) -> Explanation:
        """Match what is unreached with the spec's declarations.

        A declaration may name what stands inside an unreached branch, but then the branch stays unexplained.

        Raises
        ------
        LanguageError
            The text of a declaration occurs on several lines of its function.
        """
        declared, missed = list(declared), self.unreached()
        lines = {d: self._line(d) for d in declared}
        explained = [(e, d) for e in missed for d in declared if (d.function, lines[d]) == (e.function, e.line)]
        named = {e for e, _ in explained}
        used = {d for _, d in explained}
        return Explanation(explained, [e for e in missed if e not in named], [d for d in declared if d not in used])

    def _never_called(self) -> Iterator[_Span]:
        """The blocks of functions that state Go code and that no thread of any machine calls."""
        if self._spec is None:
            return
        for module, text in self._spec.sources.items():
            for node in ast.parse(text).body:
                name = f"{module}.{getattr(node, 'name', '')}".lstrip(".")
                if isinstance(node, ast.FunctionDef) and name not in self._callers and _states_go(node):
                    yield from ((name, first, last) for first, last in _spans(node.body))

    def _block(self, span: _Span) -> Entry:
        function, first, _ = span
        return Entry(function, first, BRANCH, self._text(function, first), tuple(sorted(self._callers.get(function, ()))))

    def _point(self, key: tuple[str, int, str]) -> Entry:
        function, line, kind = key
        return Entry(function, line, kind, self._text(function, line), tuple(sorted(self._waiting[key])))

    def _text(self, function: str, line: int) -> str:
        assert self._spec is not None
        return self._spec.sources[function.rpartition(".")[0]].splitlines()[line - 1].strip()

    def _line(self, declared: Unreached) -> int:
        """The line that a declaration names; 0 if there is none."""
        module, _, name = declared.function.rpartition(".")
        text = self._spec.sources.get(module, "") if self._spec is not None else ""
        nodes = [n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name == name]
        lines = text.splitlines()
        found = [i for n in nodes for i in range(n.lineno, (n.end_lineno or n.lineno) + 1) if declared.line in lines[i - 1]]
        if len(found) > 1:
            said = f"Unreached({declared.function!r}, {declared.line!r}) names {len(found)} lines of the function; name one"
            raise LanguageError(declared.function, said)
        return found[0] if found else 0


def called(machine: Machine, root: str) -> set[str]:
    """The functions that a function can call, itself among them; properties of ends are not called but checked."""
    seen, todo = {root}, [root]
    while todo:
        for s in statements(machine.program.functions[todo.pop()].body):
            if not isinstance(s, t.EndCheck):
                new = {x.function for e in expressions(s) for x in subexpressions(e) if isinstance(x, t.Call)} - seen
                todo += new
                seen |= new
    return seen


def _inside(span: _Span, others: Sequence[_Span]) -> bool:
    return any(o != span and o[0] == span[0] and o[1] <= span[1] and span[2] <= o[2] for o in others)


def _states_go(node: ast.FunctionDef) -> bool:
    return re.search(r"^\s*Go: \S+", ast.get_docstring(node) or "", re.MULTILINE) is not None


def _spans(body: Sequence[ast.stmt]) -> Iterator[tuple[int, int]]:
    """First and last lines of a body and of every branch and loop in it, as the front end counts them."""
    first = body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(body) > 1
    yield body[1].lineno if documented else first.lineno, body[-1].end_lineno or body[-1].lineno
    for s in body:
        for inner in (getattr(s, "body", None), getattr(s, "orelse", None)):
            if inner and isinstance(s, (ast.If, ast.While, ast.For)):
                yield from _spans(inner)
