"""Claims get the verdict that they state, and the kernel is not talked into one."""

from __future__ import annotations

from functools import partial

import pytest
import z3

import proofs
from checker.errors import UsageError
from checker.symbolic.number import num, unsigned
from proofs.arithmetic.scavenger import scavenger
from proofs.heaps import variant
from proofs.kernel import Claim, Condition, Problem, Proof, decide
from spec.language import Edit

TRUE = z3.BoolVal(True)


def claim(build: object, expected: str = "proved") -> Claim:
    return Claim("c", "A statement.", "mheap.go:x", "scavenge.scavenge_span", build, expected)  # type: ignore[arg-type]


def problem(goal: object, *premises: object) -> Problem:
    return Problem({str(i): p for i, p in enumerate(premises)}, [Condition("goal", TRUE, goal)], inputs={"x": unsigned("x", 8)})


@pytest.mark.parametrize("name", ["scavenger_guard_inverted", "scavenger_skips_empty_only", "scavenger_unrounded"])
def test_each_claim_about_the_scavenger_has_the_verdict_that_it_states(name: str) -> None:
    (result,) = proofs.prove([name])
    assert result.ok, result.detail
    assert result.conditions > 0
    assert result.go == "mheap.go:scavengelist"


@pytest.mark.slow
def test_the_statistics_of_free_span_locked_are_exact() -> None:
    (result,) = proofs.prove(["free_statistics"])
    assert result.ok, result.detail


def test_an_unknown_claim_is_named() -> None:
    with pytest.raises(UsageError, match="nonsense"):
        proofs.prove(["nonsense"])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["B01", "B02", "B03"])
def test_the_claim_about_the_right_guard_fails_for_a_wrong_one(name: str) -> None:
    result, proof = decide(claim(partial(scavenger, variant(name))))
    assert (result.verdict, proof) == ("not proved", None)


@pytest.mark.slow
def test_the_claim_notices_a_change_of_the_books() -> None:
    edit = Edit(
        "scavenge.scavenge_span", "s.npreleased = length >> sys.page_shift", "s.npreleased = released >> sys.page_shift"
    )
    assert decide(claim(partial(scavenger, (edit,))))[0].verdict == "not proved"


def test_a_claim_that_cannot_be_refuted_is_not_called_refuted() -> None:
    result, _ = decide(claim(partial(scavenger, (), only=("released all that is due",)), "refuted"))
    assert (result.verdict, result.ok) == ("not proved", False)


def test_contradicting_premises_prove_nothing() -> None:
    x = unsigned("x", 8)
    result, _ = decide(claim(lambda: problem(x == 1, x < 0)))
    assert (result.verdict, "cannot occur" in result.detail) == ("not proved", True)


def test_a_false_statement_is_not_proved_and_a_true_one_is() -> None:
    x = unsigned("x", 8)
    assert decide(claim(lambda: problem(x <= 254)))[0].verdict == "not proved"
    result, proof = decide(claim(lambda: problem(x <= num(255))))
    assert result.verdict == "proved"
    assert isinstance(proof, Proof)


def test_a_counterexample_that_nothing_replays_refutes_nothing() -> None:
    x = unsigned("x", 8)
    assert decide(claim(lambda: problem(x <= 254), "refuted"))[0].verdict == "not proved"


def test_only_the_kernel_makes_proofs() -> None:
    with pytest.raises(TypeError, match="only the kernel"):
        Proof("c", "A statement.", 1, "z3", object())
