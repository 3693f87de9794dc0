"""Rounding down to a power of two, as the induction takes it: a function of which only linear facts are known.

The executor of linear integers does not look into ``x & ~(u - 1)`` (`checker.symbolic.cells.Cells.round_down`). What
it notes of the result is proved here of the operation itself, in bit-vectors.
"""

from __future__ import annotations

from collections.abc import Callable

import z3

from checker.symbolic.number import Num, Term, conjunction, num, unsigned
from proofs.heaps import REAL
from proofs.kernel import Condition, Problem

PAGE = 1 << REAL["page_shift"]
TRUE = z3.BoolVal(True)
BITS = REAL["word_bits"] + 2
"""Of the numbers that are rounded: sums and differences of machine words."""

ASSUMES = ("the numbers rounded are sums or differences of two machine words; units are machine words",)

Rounding = Callable[[Num, Num], Num]


def down(value: Num, unit: Num) -> Num:
    """As the heap writes it."""
    return value & ~(unit - 1)


def roundings(rounded: Rounding = down) -> Problem:
    """The problem: what is noted of a rounded number is true of every number and every power of two.

    Parameters
    ----------
    rounded : callable
        What is held against the facts.
    """
    half = 1 << BITS - 1
    x, y = (Num(-half, half - 1, z3.BitVec(name, BITS)) for name in "xy")
    unit, ratio = unsigned("unit", REAL["word_bits"]), unsigned("ratio", REAL["word_bits"] - REAL["page_shift"])
    rest = x & (unit - 1)
    of_x, of_y = rounded(x, unit), rounded(y, unit)
    bytes_of_pages = rounded(x >> REAL["page_shift"], ratio) * PAGE
    goals = {
        "the result is at most the number": of_x <= x,
        "the number is within one unit of it": x < of_x + unit,
        "the result is a multiple of the unit": (of_x & (unit - 1)) == 0,
        "the larger number has not the smaller result": z3.Implies(x <= y, of_x <= of_y),
        "to physical pages, bytes are rounded as the pages that they are in": rounded(x, ratio * PAGE) == bytes_of_pages,
    }
    return Problem(
        premises={"the unit is a power of two": _is_power(unit), "so is the number of pages in a unit": _is_power(ratio)},
        conditions=[Condition(name, TRUE, goal) for name, goal in goals.items()],
        possible={
            "a number that is no multiple": rest != 0,
            "a negative number that is no multiple": conjunction([rest != 0, x < 0]),
            "the largest unit": unit == 1 << REAL["word_bits"] - 1,
            "the smallest unit": unit == num(1),
        },
        inputs={"x": x, "y": y, "unit": unit, "ratio": ratio},
    )


def _is_power(unit: Num) -> Term:
    return conjunction([unit >= 1, (unit & (unit - 1)) == 0])
