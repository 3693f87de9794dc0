"""Reduced searches agree with those without reductions, and wrong reductions are caught."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from checker.errors import SpecEvaluationError
from checker.load import load
from checker.lowering.machine import Machine
from checker.reduce import REDUCTIONS, references
from checker.reduce.quotient import Quotient, quotient
from checker.reduce.references import References
from checker.reduce.renaming import Renaming
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.concrete import Unsound
from checker.search.outcome import Outcome
from checker.search.replay import replay
from spec.language import Edit
from spec.language.schema import Scalar

POOL = Path(__file__).parent / "specs" / "pool"
SUBSETS = [REDUCTIONS, *((name,) for name in REDUCTIONS), ("naming", "unordered"), ("threads", "unordered")]
SCOPES: list[tuple[dict[str, int], str, int | None]] = [
    ({"workers": 2}, "lock", 11),
    ({"workers": 2}, "fine", 10),
    ({"workers": 3, "held": 1}, "fine", 9),
    ({"workers": 1, "nodes": 3, "held": 3}, "lock", None),
]


def machine(
    settings: dict[str, int],
    reductions: Collection[str] | None = None,
    *,
    atomicity: str = "lock",
    edits: tuple[Edit, ...] = (),
) -> Machine:
    spec = load(POOL, edits)
    return Machine(spec, spec.scenarios["pool"], settings, atomicity=atomicity, reductions=reductions)


def divided(settings: dict[str, int], depth: int | None, atomicity: str = "lock", edits: tuple[Edit, ...] = ()) -> Quotient:
    plain = machine(settings, (), atomicity=atomicity, edits=edits)
    return quotient(plain, machine(settings, atomicity=atomicity, edits=edits), depth)


@pytest.mark.parametrize(("settings", "atomicity", "depth"), SCOPES)
@pytest.mark.parametrize("reductions", SUBSETS, ids=str)
def test_the_quotient_is_exact(
    settings: dict[str, int], atomicity: str, depth: int | None, reductions: tuple[str, ...]
) -> None:
    plain = machine(settings, (), atomicity=atomicity)
    found = quotient(plain, machine(settings, reductions, atomicity=atomicity), depth)
    assert found.exact
    assert found.forms <= found.states


def test_reductions_reduce() -> None:
    found = divided({"workers": 1, "nodes": 4, "held": 3}, None)
    assert (found.states, found.forms, found.exact) == (22545, 845, True)


def test_an_unordered_array_whose_order_matters_is_caught() -> None:
    assert not divided({"workers": 1, "nodes": 4, "held": 3, "chains": 2}, None).exact


def test_forgetting_what_is_read_is_caught() -> None:
    wrong = Edit("idle", "return not n.used", "return n.used")
    assert not divided({"workers": 1, "top": 2}, None, edits=(wrong,)).exact


def _no_locals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(References, "_saved", lambda self, thread: {n: {} for n in (0, *thread.labels.values())})


def _no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    right = references.target

    def target(scalar: Scalar) -> str | None:
        return None if scalar.kind == "lock" else right(scalar)

    monkeypatch.setattr(references, "target", target)


def _no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Renaming.apply

    def apply(self: Renaming, state: bytes) -> bytes:
        self._heap = [(a, b, table) for a, b, table in self._heap if b - a > 2]
        return right(self, state)

    monkeypatch.setattr(Renaming, "apply", apply)


@pytest.mark.parametrize("plant", [_no_locals, _no_locks, _no_values])
def test_a_reference_that_is_not_renamed_is_caught(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    try:
        found = divided({"workers": 2, "nodes": 3}, 9)
    except SpecEvaluationError:  # a state that cannot be
        return
    assert not found.exact


def search(
    settings: dict[str, int], reductions: Collection[str] | None, depth: int | None, **more: int
) -> tuple[Machine, Outcome]:
    m = machine(settings, reductions, atomicity="fine")
    return m, BreadthFirst(m, Limits(depth=depth), go_on=True, **more).run()


@pytest.mark.parametrize("reductions", [(), None], ids=["none", "all"])
def test_remembering_changes_nothing(reductions: Collection[str] | None) -> None:
    settings = {"workers": 2, "top": 2, "most": 2}
    results = [search(settings, reductions, 12, remember=n)[1] for n in (0, 7, 1 << 18)]
    for r in results:
        r.seconds = 0.0
    assert results[0] == results[1] == results[2]
    assert results[0].violations


def test_a_rebuilt_counterexample_is_shortest_and_replays_on_the_plain_heap() -> None:
    settings = {"workers": 2, "top": 2, "most": 2}
    _, plain = search(settings, (), 12)
    m, reduced = search(settings, None, 12)
    assert reduced.states < plain.states
    assert [(v.property, v.clause, len(v.schedule)) for v in reduced.violations] == [
        (v.property, v.clause, len(v.schedule)) for v in plain.violations
    ]
    for v in reduced.violations:
        assert len(replay(m, v.schedule).steps) == len(v.schedule)
        state = m.initial()
        for step in v.schedule:
            state = next(s.state for s in m.successors(state) if (s.thread, s.choice) == step)
        assert v.witness in [f.witness for f in m.check(state)]


def test_a_path_that_no_run_follows_is_an_error() -> None:
    settings = {"workers": 1, "top": 3, "most": 3, "chains": 0}
    m = machine(settings)
    right = m.canonical
    changed = m.layout.cells["Node", "stale"].base

    class Wrong:
        reductions = right.reductions

        def __call__(self, state: bytes) -> bytes:
            """Nodes gain value as if by magic."""
            out = bytearray(right(state))
            out[changed] = 2 if out[changed] == 1 else out[changed]
            return bytes(out)

        loosely = __call__

    m.canonical = Wrong()  # type: ignore[assignment]
    with pytest.raises(Unsound, match="--reduce none"):
        BreadthFirst(m, Limits()).run()
