"""Native functions against plain and lowered Python: same cells, same results, same early ends, on random heaps."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from native_language import ARITHMETIC, CONTROL, LANGUAGE, arithmetic_differences, control_differences, language_rig
from native_rig import HEAP, LIMIT, PARAMETERS, ROOTS, Rig, a_call, campaign, client, heap_rig

from checker.errors import AssumptionError, LanguageError, UsageError
from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.load import load
from checker.lowering import support
from checker.lowering.layout import Layout
from checker.native import arithmetic, expressions
from checker.native.body import Body
from checker.native.emit import Number
from checker.native.module import compile_functions
from spec.language.schema import Schema


@pytest.fixture(autouse=True)
def _short_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "LIMIT", LIMIT)


@pytest.mark.parametrize("which", PARAMETERS)
def test_random_heaps(which: str) -> None:
    seen, wrong = campaign(heap_rig(which), 1, 12, 40, corrupted=False)
    assert not wrong, wrong[:5]
    assert seen["free.free_span_locked", "return"] > 40
    assert seen["alloc.alloc_span_locked", "return"] > 15
    assert seen["scavenge.scavengelist", "return"] > 5


@pytest.mark.parametrize("which", PARAMETERS)
def test_corrupted_heaps(which: str) -> None:
    seen, wrong = campaign(heap_rig(which), 2, 40, 20, corrupted=True)
    assert not wrong, wrong[:5]
    kinds = Counter[str]()
    for (_, kind), n in seen.items():
        kinds[kind] += n
    assert kinds["return"] > 100
    assert kinds["throw"] > 2
    assert kinds["index"] > 2


def test_each_exit_on_heaps() -> None:
    """Among a few thousand corrupted heaps each way to stop occurs, and lowered and native tell it in the same words."""
    rig, seen = heap_rig("default"), Counter[str]()
    rng = random.Random(5)
    base = rig.begin()
    for _ in range(12):
        rig.differences(base, *a_call(rng, rig, base.root))
        client(rng, base.root, 0)
    state = rig.state(base)
    kinds = ("ref", "range", "wrap")
    cells = [c for (record, _), c in rig.layout.cells.items() if record in HEAP and c.scalar.kind in kinds]
    links = rig.layout.cells["Span", "next"]
    for _ in range(3000):
        bad = bytearray(state)
        if rng.random() < 0.2:
            bad[links.base : links.base + links.count] = bytes(rng.randint(0, links.count) for _ in range(links.count))
        for _ in range(rng.randint(1, 8)):
            c = rng.choice(cells)
            at = c.base + rng.randrange(c.count * c.length) * c.width
            bad[at : at + c.width] = (rng.randint(c.scalar.lo, c.scalar.hi) - c.bias).to_bytes(c.width, "little")
        name, numbers = rng.choice(
            [
                ("free.free_span_locked", (1, rng.randint(1, 10), 1, 1, 0)),
                ("alloc.alloc_span_locked", (1, rng.randint(0, 5))),
                ("alloc.best_fit", (rng.randint(1, 10), rng.randint(0, 9), 0)),
                ("lists.remove", (rng.randint(1, 10), rng.randint(1, 10))),
                ("lists.insert", (rng.randint(1, 10), rng.randint(1, 10))),
                ("lists.insert_back", (rng.randint(1, 10), rng.randint(1, 10))),
            ]
        )
        native, lowered = rig.by_native(bytearray(bad), name, numbers), rig.by_lowered(bytearray(bad), name, numbers)
        assert native == lowered, (name, numbers)
        said = str(native.said)
        seen["endless" if "went round" in said else "index" if "index" in said else native.kind] += 1
    assert min(seen[k] for k in ("return", "throw", "index", "endless")) > 10, seen


def test_coverage_counts_as_lowered_python() -> None:
    """Block by block, since the campaigns ran the same calls in both."""
    rig = heap_rig("default")
    rig.lowered["C"][:] = [0] * len(rig.lowered["C"])
    before = rig.native.counts
    campaign(rig, 3, 10, 40, corrupted=False)
    counted = [b - a for a, b in zip(before, rig.native.counts, strict=True)]
    assert counted == rig.lowered["C"]
    assert sum(c > 0 for c in counted) > 20


@pytest.fixture(scope="module")
def language(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("native") / "a_spec"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "code.py").write_text(LANGUAGE)
    return folder


def test_arithmetic_is_exact(language: Path) -> None:
    seen, wrong = arithmetic_differences(language_rig(language, ARITHMETIC))
    assert not wrong, wrong[:5]
    assert min(seen[k] for k in ("return", "overflow", "division", "shift")) > 50, seen


def test_control_flow_and_cells(language: Path) -> None:
    seen, wrong = control_differences(language_rig(language, CONTROL))
    assert not wrong, wrong[:5]
    assert {"return", "throw", "index", "a", "endless"} <= set(seen), seen  # "a field of None"
    assert any("Root." in k or "Part." in k for k in seen), seen


def test_what_is_refused(language: Path) -> None:
    rig = language_rig(language, ["add", "pick"])
    for name in ("locked", "checked"):
        with pytest.raises(LanguageError, match="never suspended"):
            compile_functions(rig.program, rig.layout, ["code." + name])
    with pytest.raises(UsageError, match="no function"):
        compile_functions(rig.program, rig.layout, ["code.absent"])
    state = rig.state(rig.begin())
    with pytest.raises(UsageError, match="2 argument"):
        rig.native.call("code.pick", state, 1)
    with pytest.raises(UsageError, match="does not fit"):
        rig.native.call("code.pick", state, 2, 1)
    with pytest.raises(UsageError, match="does not fit"):
        rig.native.call("code.pick", state, 1, 2**63)
    with pytest.raises(UsageError, match="bytes"):
        rig.native.call("code.pick", state[:-1], 1, 1)


def test_full_words_are_refused(language: Path) -> None:
    """A cell of 64 bits does not fit a signed word."""
    spec = load(language)
    spec.parameters.reset({"word_bits": 64})
    schema = Schema(spec.modules["code"].Root, spec.parameters, 1)
    with pytest.raises(AssumptionError, match=r"Root\.a"):
        compile_functions(Program(spec, schema, []), Layout(schema), ["code.add"])


def test_step_properties_read_two_states() -> None:
    """A function of the state before and after gets both."""
    rig = heap_rig("default")
    source = t.Load(t.INT, _here(), t.Local(_root(1), _here(), "h"), "Heap", "clock", None)
    present = t.Load(t.INT, _here(), t.Local(_root(0), _here(), "a"), "Heap", "clock", None)
    body = (t.Return(_here(), (t.Compare(t.BOOL, _here(), ">", present, source),)),)
    f = t.Function("x.later", ["h", "a"], {"h": _root(1), "a": _root(0)}, t.BOOL, _here(), body=body)
    rig.program.functions["x.later"] = f
    native = compile_functions(rig.program, rig.layout, ["x.later"])
    del rig.program.functions["x.later"]
    world = rig.begin()
    before = bytes(rig.state(world))
    world.root.clock += 1
    after = rig.state(world)
    assert native.call("x.later", after, 1, 1, before=before).value == 1
    assert native.call("x.later", bytearray(before), 1, 1, before=bytes(after)).value == 0


def _here() -> t.Place:
    return t.Place("x", "x.py", 1, "x.later")


def _root(memory: int) -> t.Type:
    return t.Type("ref", record="Heap", memory=memory)


def test_the_package_is_imported_without_llvmlite() -> None:
    text = "import sys, checker, checker.native, checker.lowering.machine; sys.exit('llvmlite' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", text], timeout=60, check=False).returncode == 0


def test_text_is_the_same_each_time() -> None:
    rig = heap_rig("default")
    again = compile_functions(rig.program, rig.layout, ROOTS, coverage=True, limit=LIMIT)
    assert again.text == rig.native.text
    assert 'target triple = "unknown-unknown-unknown"' in again.text


def test_text_calls_nothing_of_the_host() -> None:
    """So that the same text can be compiled for a device."""
    declared = [line for line in heap_rig("default").native.text.splitlines() if line.startswith("declare")]
    assert declared
    assert all('@"llvm.' in line for line in declared), declared


# Planted translator bugs: each must be seen by the comparisons above.


def _swapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(expressions.PREDICATES, "<", "<=")


def _drop_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions.Expressions, "propagate", lambda self, result: None)


def _drop_status_of_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only of calls for their effect: a reference from a call that has failed would lead out of the state."""
    checked = Body._s_do

    def unchecked(self: Body, s: t.Do) -> None:
        with monkeypatch.context() as m:
            m.setattr(expressions.Expressions, "propagate", lambda self, result: None)
            checked(self, s)

    monkeypatch.setattr(Body, "_s_do", unchecked)


def _no_short_circuit(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(self: Any, e: t.Logic) -> Any:
        bits = [self.test(x) for x in e.items]
        result = bits[0]
        for bit in bits[1:]:
            result = (self.builder.and_ if e.op == "and" else self.builder.or_)(result, bit)
        return result

    monkeypatch.setattr(expressions.Expressions, "_logic", both)


def _unsigned_division(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(e: Any, a: Number, b: Number, place: object) -> Number:
        arithmetic._divisor(e, b, place)
        return Number(e.builder.udiv(a.value, b.value))

    monkeypatch.setitem(arithmetic._OPERATIONS, "//", wrong)


def _truncated_division(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arithmetic, "_floors", lambda e, a, b, remainder: e.builder.icmp_signed("<", b.value, b.value))


def _logical_shift(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = lambda e, a, b, place: Number(e.builder.lshr(a.value, b.value))  # noqa: E731
    monkeypatch.setitem(arithmetic._OPERATIONS, ">>", wrong)


def _no_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Body, "fitting", lambda self, number, scalar, place, what: number.value)


@pytest.mark.parametrize("plant", [_swapped, _drop_status_of_statements])
def test_planted_bugs_show_on_heaps(plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    _, wrong = campaign(Rig(None, PARAMETERS["default"], ROOTS), 2, 30, 20, corrupted=True)
    assert wrong


@pytest.mark.parametrize("plant", [_swapped, _drop_status, _no_short_circuit, _no_wrap])
def test_planted_bugs_show_in_control_flow(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch, language: Path
) -> None:
    plant(monkeypatch)
    assert control_differences(language_rig(language, CONTROL))[1]


@pytest.mark.parametrize("plant", [_swapped, _unsigned_division, _truncated_division, _logical_shift])
def test_planted_bugs_show_in_arithmetic(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch, language: Path
) -> None:
    plant(monkeypatch)
    assert arithmetic_differences(language_rig(language, ARITHMETIC))[1]
