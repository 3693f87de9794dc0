"""Linear forms are Python's integers: random expressions, their intervals, comparisons, quotients and choices."""

from __future__ import annotations

import random
from math import gcd
from typing import Any

import pytest
import z3
from terms_rig import OPERATORS, Node, node_of

from checker.symbolic.linear import Lin, choose, combine, constant, divide, integer
from checker.symbolic.number import Num, num, within

NAMES = ("x", "y", "z")
ENDS = {"x": (0, 40), "y": (-30, 25), "z": (3, 9)}
Numbers = dict[str, int]


def value(node: Node, given: Numbers) -> int:
    if node.op == "constant":
        return given[node.name]
    if node.op == "number":
        return node.number
    if node.op == "ite":
        return value(node.children[1 if value(node.children[0], given) else 2], given)
    items = [value(c, given) for c in node.children]
    if node.op in ("and", "or"):
        return int(all(items) if node.op == "and" else any(items))
    return int(OPERATORS[node.op](items))


def of(term: Any, given: Numbers) -> int:
    return value(node_of(term), given)


def drawn(rng: random.Random, numbers: dict[str, Num], depth: int) -> tuple[Any, Any]:
    """A random linear expression, as a number and as a function of the values."""
    if depth == 0 or rng.random() < 0.2:
        if rng.random() < 0.2:
            c = rng.randint(-20, 20)
            return num(c), lambda g: c
        name = rng.choice(NAMES)
        return numbers[name], lambda g: g[name]
    a, f = drawn(rng, numbers, depth - 1)
    kind = rng.randrange(7)
    c = rng.choice([-8, -3, -1, 0, 1, 2, 4, 16])
    if kind == 0:
        return a * c, lambda g: f(g) * c
    if kind == 1:
        return -a, lambda g: -f(g)
    if kind == 2:
        return ~a, lambda g: ~f(g)
    if kind == 3:
        return a << 3, lambda g: f(g) << 3
    b, h = drawn(rng, numbers, depth - 1)
    if kind == 4:
        return a + b, lambda g: f(g) + h(g)
    if kind == 5:
        return num(c) - a + b, lambda g: c - f(g) + h(g)
    test = numbers["x"] <= 17
    return (choose(test, a, b) if not (z3.is_true(test) or z3.is_false(test)) else a), lambda g: f(g) if g["x"] <= 17 else h(g)


def values(rng: random.Random) -> Numbers:
    return {n: rng.choice([*ENDS[n], rng.randint(*ENDS[n])]) for n in NAMES}


def numbers() -> dict[str, Num]:
    return {n: integer(z3.Int(n), *ENDS[n]) for n in NAMES}


@pytest.mark.parametrize("seed", range(8))
def test_expressions_comparisons_and_intervals_are_those_of_python(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(60):
        (a, f), (b, h) = (drawn(rng, numbers(), 4) for _ in range(2))
        for _ in range(8):
            g = values(rng)
            p, q = f(g), h(g)
            assert of(a, g) == p
            assert a.lo <= p <= a.hi
            tests = [a <= b, a < b, a >= b, a > b, a == b, a != b, a <= 5, a == -3]
            assert [bool(of(t, g)) for t in tests] == [p <= q, p < q, p >= q, p > q, p == q, p != q, p <= 5, p == -3]


def test_a_division_is_exact_or_refused() -> None:
    rng, exact = random.Random(3), 0
    for _ in range(400):
        a, f = drawn(rng, numbers(), 3)
        by = rng.choice([1, 2, 4, 8, 16])
        try:
            q = divide(a, by)
        except ValueError:
            continue
        exact += 1
        for _ in range(6):
            g = values(rng)
            assert of(q, g) == f(g) // by
            assert q.lo <= f(g) // by <= q.hi
    assert exact > 100


def test_a_multiple_stays_one_through_a_choice() -> None:
    x, y = integer(z3.Int("x"), 0, 9), integer(z3.Int("y"), 0, 9)
    chosen = choose(z3.Bool("c"), (x + 3) * 8192, y * 8192 + 16384)
    assert isinstance(chosen, Lin)
    assert gcd(chosen.factor, chosen.base) == 8192
    assert isinstance(divide(chosen, 8192), Lin)


def test_what_two_choices_share_stays_outside() -> None:
    x, y = integer(z3.Int("x"), 0, 9), integer(z3.Int("y"), 0, 9)
    chosen = choose(z3.Bool("c"), x * 5 + y, x * 5)
    assert isinstance(chosen, Lin)
    assert {p.factor for p in chosen.parts.values()} == {5, 1}
    assert choose(z3.Bool("c"), x, x) is x


@pytest.mark.parametrize(("p", "q"), [(4, 5), (5, 4), (1, -1), (0, 1)])
def test_a_choice_may_meet_itself_again(p: int, q: int) -> None:
    """The choice between 0 and 1 is an atom of both sides, and is made once more between them."""
    c = z3.Bool("c")
    bit = choose(c, num(0), num(1))
    again = choose(c, bit * 4 + p, bit * 4 + q)
    for true in (False, True):
        got = of(again.term if isinstance(again, Lin) else again, {"c": int(true)})
        assert got == (0 if true else 4) + (p if true else q)


def test_equal_atoms_add_up_and_cancel() -> None:
    x = integer(z3.Int("x"), 0, 9)
    assert (x - x).constant == 0
    assert (x * 3 - x * 2 - x + 7).constant == 7
    assert z3.is_true(x + 1 > x)
    assert z3.is_false(x * 2 == x * 2 + 1)
    assert z3.is_false(x * 4 == num(6))
    assert constant(combine(x, 2, x, -2), "a sum") == 0


def test_what_is_not_linear_is_refused() -> None:
    x, y = integer(z3.Int("x"), 0, 9), integer(z3.Int("y"), 0, 9)
    for operation in (lambda: x * y, lambda: x << y, lambda: 1 << y, lambda: x & 7, lambda: x >> 1, lambda: x.low(3)):
        with pytest.raises(ValueError, match="linear"):
            operation()


def test_an_interval_narrows_and_never_widens() -> None:
    x = integer(z3.Int("x"), 0, 9)
    assert (within(x + 1, 3, 20).lo, within(x + 1, 3, 20).hi) == (3, 10)
    assert (within(x, -5, 50).lo, within(x, -5, 50).hi) == (0, 9)
    assert integer(z3.Int("x"), 4, 4).constant == 4
