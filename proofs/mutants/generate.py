"""Mutants of a function, one change each, made from its source by fixed rules.

A statement is deleted; a test is negated, or always true or false; a comparison, an operator, a constant or a truth
value is another; a side of ``and`` / ``or`` is dropped; an argument of a call changes places with its neighbour.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from checker.load import Spec
from spec.language import Edit

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Is: "is not",
    ast.IsNot: "is",
}
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.LShift: ">>",
    ast.RShift: "<<",
    ast.BitOr: "&",
    ast.BitAnd: "|",
}
_STATEMENTS = (ast.Assign, ast.AugAssign, ast.Expr)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A function with one change.

    Attributes
    ----------
    function : str
        In the spec.
    line : int
        Of the file.
    rule, before, after : str
        What was changed, and the text.
    edit : Edit
    """

    function: str
    line: int
    rule: str
    before: str
    after: str
    edit: Edit

    def __str__(self) -> str:
        """``function:line: before -> after``."""
        return f"{self.function}:{self.line}: {self.before} -> {self.after}"


def mutants(spec: Spec, function: str) -> Iterator[Mutant]:
    """All mutants of a function of the spec, in the order of its text."""
    module, _, name = function.rpartition(".")
    lines, start = inspect.getsourcelines(getattr(spec.modules[module], name))
    source = "".join(lines)
    root = ast.parse(textwrap.dedent(source)).body[0]
    assert isinstance(root, ast.FunctionDef)
    seen = set()
    for node, rule, new in _changes(root):
        at = _offsets(source, node)
        mutated = source[: at[0]] + new + source[at[1] :]
        if mutated not in seen and mutated != source:
            seen.add(mutated)
            before = " ".join(source[at[0] : at[1]].split())
            body = slice(len(lines[0]), None)
            edit = Edit(function, source[body], mutated[body])
            yield Mutant(function, start + node.lineno - 1, rule, before, new, edit)


def _changes(root: ast.FunctionDef) -> Iterator[tuple[ast.expr | ast.stmt, str, str]]:
    """Nodes and the text that takes their place."""
    for statement in root.body[1:]:
        for node in ast.walk(statement):
            if isinstance(node, _STATEMENTS):
                yield node, "delete", "pass"
            elif isinstance(node, ast.If) and not _has_opposite(node.test):
                test = ast.unparse(node.test)
                yield node.test, "negate", f"not ({test})"
            elif isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
                left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
                yield node, "compare", f"{left} {_COMPARISONS[type(node.ops[0])]} {right}"
            elif isinstance(node, ast.BoolOp):
                for k in range(len(node.values)):
                    rest = [ast.unparse(v) for i, v in enumerate(node.values) if i != k]
                    yield node, "drop", (" and " if isinstance(node.op, ast.And) else " or ").join(rest)
            elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
                yield node, "operator", f"({ast.unparse(node.left)}) {_OPERATORS[type(node.op)]} ({ast.unparse(node.right)})"
            elif isinstance(node, ast.AugAssign) and type(node.op) in _OPERATORS:
                target, value = ast.unparse(node.target), ast.unparse(node.value)
                yield node, "operator", f"{target} {_OPERATORS[type(node.op)]}= {value}"
            elif isinstance(node, ast.Constant) and type(node.value) is bool:
                yield node, "constant", str(not node.value)
            elif isinstance(node, ast.Constant) and type(node.value) is int:
                yield node, "constant", str(node.value + 1)
            elif isinstance(node, ast.Call) and len(node.args) > 2:
                for k in range(1, len(node.args) - 1):
                    args = [ast.unparse(a) for a in node.args]
                    args[k], args[k + 1] = args[k + 1], args[k]
                    yield node, "swap", f"{ast.unparse(node.func)}({', '.join(args)})"


def _has_opposite(test: ast.expr) -> bool:
    """Whether another comparison is the negation of the test, which makes a mutant already."""
    return isinstance(test, ast.Compare) and isinstance(test.ops[0], (ast.Eq, ast.NotEq, ast.Is, ast.IsNot))


def _offsets(source: str, node: ast.expr | ast.stmt) -> tuple[int, int]:
    """Where a node's text begins and ends; functions stand at the left margin."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
