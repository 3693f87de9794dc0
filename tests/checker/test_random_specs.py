"""Random small specs: engines agree with brute force, and it finds planted translator bugs.

``RANDOM_SPECS=2000`` makes more of them.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import cache
from typing import Any

import pytest
from agreement import Case
from engines import ENGINES
from hypothesis import HealthCheck, Phase, given, note, settings
from random_specs import RandomSpec, random_specs
from test_differential import (
    Plant,
    late_point,
    lost_local,
    never,
    no_short_circuit,
    no_short_circuit_in_steps,
    nothing,
    signed,
    stores_swapped,
    throw_returns,
    unmasked,
    wrap,
    wrong_compare,
)

from checker.differential import Atomicity
from checker.errors import LanguageError
from checker.frontend import tree as t
from checker.lowering import analyse
from checker.lowering.effects import Effects
from checker.lowering.flatten import Flattener
from checker.lowering.python_steps import StepPrinter
from checker.lowering.python_text import Printer

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("RANDOM_SPECS", "25"))
MOST = 150
"""States beyond which brute force begins no further level."""
BOTH: tuple[Atomicity, ...] = ("lock", "fine")
REDUCING = ("Interchangeable(", "interchangeable=True", "Unordered()", "FORGET")
quick = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@pytest.mark.parametrize("atomicity", BOTH)
@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree_with_brute_force(engine: str, atomicity: Atomicity) -> None:
    @settings(quick, max_examples=EXAMPLES // 2 if engine == "native" else EXAMPLES)
    @given(random_specs())
    def agree(text: RandomSpec) -> None:
        try:
            case = Case.of(text, atomicity, MOST)
        except LanguageError:
            return
        note(repr(text))
        assert case.disagreement(ENGINES[engine]) is None

    agree()


@cache
def corpus() -> list[RandomSpec]:
    """The specs of a fixed run of the generator."""
    texts: list[RandomSpec] = []

    @settings(quick, max_examples=60, phases=[Phase.generate])
    @given(random_specs())
    def collect(text: RandomSpec) -> None:
        texts.append(text)

    collect()
    return texts


@cache
def explored(number: int, atomicity: Atomicity) -> Case | None:
    """A spec of the corpus in plain execution, or None if it is refused."""
    try:
        return Case.of(corpus()[number], atomicity, MOST)
    except LanguageError:
        return None


@pytest.mark.parametrize("atomicity", BOTH)
def test_the_specs_have_something_to_disagree_about(atomicity: Atomicity) -> None:
    cases = [explored(n, atomicity) for n in range(len(corpus()))]
    assert cases.count(None) < 0.1 * len(cases)
    seen = Counter[str]()
    for case in cases:
        if case is None:
            continue
        found = case.explored
        seen.update(id[0] + id[-1] for id, _ in found.violations)
        seen["antecedents"] += bool(found.antecedents)
        seen["errors"] += bool(found.errors)
        seen["closed"] += found.closed
        seen["counted"] += case.counted
        seen["tens"] += len(found.looks) >= 20
        seen["hundreds"] += len(found.looks) >= 100
    few = {"P6", "P1", "S7", "E9", "errors", "hundreds"}
    assert all(seen[what] >= (1 if what in few else 5) for what in [*few, "antecedents", "closed", "tens"]), seen
    declared = Counter(word for text in corpus() for word in REDUCING if word in repr(text))
    assert set(declared) == set(REDUCING)
    assert seen["counted"] >= (5 if atomicity == "lock" else 0)


def no_wrap(original: Any, printer: Printer, s: t.Store) -> list[str]:
    return [line.replace(") & ", ") % 6 & ") for line in original(printer, s)]


def truncated(original: Any, printer: Printer, e: t.Binary) -> str:
    text, right = str(original(printer, e)), printer.expr(e.right)
    return f"(int({printer.expr(e.left)} / {right}) if {right} else {text})" if e.op == "//" else text


BUGS: dict[str, tuple[Plant, Atomicity]] = {
    "wrong compare": (wrap(Printer, "_e_compare", wrong_compare), "lock"),
    "lost live local": (wrap(StepPrinter, "_restore", lost_local), "lock"),
    "dropped short circuit": (wrap(Printer, "_e_logic", no_short_circuit), "lock"),
    "dropped short circuit in steps": (wrap(Flattener, "_logic", no_short_circuit_in_steps), "fine"),
    "a load before its point": (late_point("load"), "fine"),
    "a store before its point": (late_point("store"), "fine"),
    "signed for unsigned": (wrap(Printer, "_e_mask", signed), "lock"),
    "a mask dropped": (wrap(Printer, "_e_mask", unmasked), "lock"),
    "a wrapping store that does not": (wrap(Printer, "_s_store", no_wrap), "lock"),
    "division truncates": (wrap(Printer, "_e_binary", truncated), "lock"),
    "a throw that does not stop the caller": (wrap(Printer, "_s_throw", throw_returns), "lock"),
    "store order swapped": (wrap(Printer, "body", stores_swapped), "lock"),
    "lock exemption dropped": (wrap(analyse, "_protected_loads", nothing), "fine"),
    "every release is silent": (wrap(Effects, "touches", never), "lock"),
}


@pytest.mark.parametrize(("plant", "atomicity"), BUGS.values(), ids=BUGS.keys())
def test_a_planted_bug_is_found(plant: Plant, atomicity: Atomicity, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(len(corpus())):
        case = explored(number, atomicity)
        with monkeypatch.context() as patch:
            plant(patch)
            if case is not None and case.disagreement(ENGINES["Python"]) is not None:
                return
    pytest.fail("no random spec shows it")
