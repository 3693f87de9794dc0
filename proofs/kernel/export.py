"""Conditions as SMT-LIB 2, for any solver to read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import z3

from checker.report.files import write
from checker.symbolic.number import Term
from proofs.kernel.queries import Query, smtlib

WORDS, INTEGERS, ANY = "QF_UFBV", "QF_UFLIA", "ALL"
LONGEST = 60
"""Characters of a condition's name in the name of its file."""


def logic(terms: Sequence[Term]) -> str:
    """The name of the logic that the terms are in: bit-vectors or linear integers with functions, or any."""
    goal = z3.Goal()
    goal.add(*terms)  # which simplifies them: a goal that is false at once is in every logic, its text is not
    words = "BitVec" in smtlib(terms)
    if words and z3.Probe("is-qfaufbv")(goal):
        return WORDS
    return INTEGERS if not words and z3.Probe("is-qfauflia")(goal) else ANY


def script(terms: Sequence[Term], logic_name: str, about: str = "") -> str:
    """A whole script: whether the terms are satisfiable together; expected is that they are not."""
    source = f"(set-info :source |{about.translate({ord(c): '/' for c in '|' + chr(92)})}|)\n" if about else ""
    _, _, body = smtlib(terms).partition("\n")  # z3's own first line is an empty comment
    return f"(set-info :smt-lib-version 2.6)\n(set-logic {logic_name})\n{source}{_without_reserved(body)}(exit)\n"


def _without_reserved(text: str) -> str:
    """The text with other names for symbols that begin with a dot or an at sign: SMT-LIB keeps those for solvers."""
    prefix = "_"
    while f"{prefix}." in text or f"{prefix}@" in text:
        prefix += "_"
    return re.sub(r"(?<=[\s(|])(?=[.@])", prefix, text)


def export(folder: Path, claim: str, queries: Iterable[Query]) -> None:
    """Write each condition's query to a file of its own.

    Raises
    ------
    UsageError
        The folder cannot be written to.
    """
    for number, q in enumerate(queries, 1):
        name = re.sub(r"[^a-z0-9]+", "-", q.condition.name.lower()).strip("-")[:LONGEST].rstrip("-")
        text = script(q.terms, logic(q.terms), f"{claim}: {q.condition.name}")
        write(folder / f"{number:03}-{name}.smt2", text)
