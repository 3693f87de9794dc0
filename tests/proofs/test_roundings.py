"""The facts about rounding that the induction uses are proved, and each is false of some other rounding."""

from __future__ import annotations

from functools import partial

import pytest
from arithmetic_rig import verdict

import proofs
from proofs.arithmetic.roundings import Rounding, roundings

WRONG: dict[str, tuple[Rounding, str]] = {
    "up": (lambda x, u: (x + u - 1) & ~(u - 1), "at most the number"),
    "not at all": (lambda x, u: x, "a multiple"),
    "too far": (lambda x, u: (x - u) & ~(u - 1), "within one unit"),
    "to half a unit": (lambda x, u: x & ~((u - 1) >> 1), "a multiple"),
    "by another mask": (lambda x, u: x & ~(u << 1), "at most|within one unit|a multiple"),
}


def test_the_claim_is_proved() -> None:
    (result,) = proofs.prove(["rounding_down"])
    assert result.ok, result.detail
    assert result.conditions == 5


@pytest.mark.parametrize(("wrong", "said"), WRONG.values(), ids=WRONG.keys())
def test_another_rounding_is_not_proved(wrong: Rounding, said: str) -> None:
    result = verdict(partial(roundings, wrong))
    assert result.verdict == "not proved"
    assert any(part in result.detail for part in said.split("|")), result.detail
