"""The claims about sweep generations hold as stated, and notice planted bugs."""

from __future__ import annotations

from functools import partial

import pytest
from arithmetic_rig import holds_as_stated, is_refused, named, verdict

import proofs
from proofs.arithmetic.generations import ENSURE, GC_SWEEP, LIST, SWEEP, SWEEPONE, claims, cycles
from spec.language import Edit

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", named("sweepgen"))
def test_each_claim_has_the_verdict_that_it_states(name: str) -> None:
    holds_as_stated(name)


@pytest.mark.parametrize(
    ("function", "old", "new"),
    [
        (SWEEPONE, "s.sweepgen != u32(sg - 2) or not cas", "not cas"),
        (SWEEPONE, "u32(sg - 2), u32(sg - 1)", "u32(sg - 2), sg"),
        (SWEEPONE, "sg: Uint32 = h.sweepgen", "sg: Uint32 = h.sweepgen - 2"),
        (LIST, "sg: Uint32 = h.sweepgen", "sg: Uint32 = h.sweepgen + 2"),
        (SWEEPONE, "s.state != IN_USE", "s.state == IN_USE"),
        (LIST, "u32(sg - 2), u32(sg - 1)", "u32(sg - 2), u32(sg - 2)"),
        (LIST, "s.sweepgen == u32(sg - 2) and cas", "s.sweepgen == u32(sg - 1) and cas"),
        (ENSURE, "if s.sweepgen == sg:", "if s.sweepgen != u32(sg - 2):"),
        (ENSURE, "u32(sg - 2), u32(sg - 1)", "u32(sg - 1), u32(sg - 1)"),
        (SWEEP, "    s.sweepgen = sg\n", ""),
        (SWEEP, 'u32(sg - 1), "MSpan_Sweep: bad span state"', 'u32(sg - 2), "MSpan_Sweep: bad span state"'),
    ],
)
def test_the_claim_about_who_sweeps_notices_a_wrong_generation(function: str, old: str, new: str) -> None:
    result = verdict(partial(claims, (Edit(function, old, new),)))
    redundant = new == "not cas"
    assert result.verdict == ("proved" if redundant else "not proved"), result.detail


@pytest.mark.parametrize("step", [1, 3, 4])
def test_the_claim_about_cycles_notices_another_step(step: int) -> None:
    is_refused(partial(cycles, (Edit(GC_SWEEP, "h.sweepgen += 2", f"h.sweepgen += {step}"),)))


def test_a_span_left_behind_is_taken_for_swept_in_the_last_cycle_of_the_turn() -> None:
    (result,) = proofs.prove(["sweepgen_left_behind"])
    assert result.detail.startswith(f"cycles={2**31 - 1}, sweepgen=0: ensure_swept takes generation 0xfffffffe for swept")
    assert "waits for ever" in result.detail
