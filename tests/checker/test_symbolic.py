"""The symbolic executor against the plain heap: its result, evaluated for one heap, is what the plain heap does."""

import random
import subprocess
import sys

import pytest
import z3

from checker.frontend.program import Program
from checker.load import load
from checker.symbolic.concrete import Evaluation
from checker.symbolic.execute import run
from checker.symbolic.number import Num, SymbolicError, choice, low_bits, num, quotient, unsigned, within, word
from spec.language import Edit, Throw
from spec.language.plain import World
from spec.language.runtime import Runtime, active
from spec.language.schema import Schema

SMALL = {"arena_pages": 12, "spans": 8, "max_mheap_list": 4, "held": 4, "max_time": 200, "large_pages": 5, "stack_pages": 4}
OPERATIONS = (
    ("environment.client", "alloc_large_object"),
    ("environment.stacks", "stackalloc"),
    ("environment.mutator", "give_up"),
    ("table", "lookup"),
)
TINY_PAGES = {"page_shift": 2, "phys_page_size": 16, "arena_start": 64, "heap_alloc_chunk": 16, "ptr_size": 1, **SMALL}


def heap(parameters, edits=()):
    spec = load(edits=edits)
    spec.parameters.reset(parameters)
    root = spec.scenarios["default"].root
    return spec, Schema(root, spec.parameters, 1)


def function(spec, schema, name):
    module, _, short = name.rpartition(".")
    program = Program(spec, schema, [])
    return program, program.function(getattr(spec.modules[module], short))


def filled(spec, schema, rng):
    """A heap after random operations, and the spans in use."""
    world = World(schema)
    h, held = world.root, []
    call = {n: getattr(spec.modules[m], n) for m, n in OPERATIONS}
    with active(Runtime(spec.parameters)):
        spec.modules["environment.start"].initial(h)
        for _ in range(rng.randrange(4, 14)):
            h.clock += 1
            if held and rng.random() < 0.4:
                h.mutators[0].root[0] = held.pop(rng.randrange(len(held))).start_addr
                call["give_up"](h, h.mutators[0], 0)
            else:
                large = rng.random() < 0.5
                v = call["alloc_large_object"](h, rng.randrange(1, 6)) if large else call["stackalloc"](h, rng.randrange(3))
                held += [call["lookup"](h, v)] if v else []
    return world, held


def agree(result, before, world, constants, plain):
    """Run the plain heap and compare every cell, the result and the way it ends."""
    evaluation = Evaluation(result.memory, before, constants)
    old = {c[:4]: c[4] for c in world.cells()}
    thrown, value = [], None
    try:
        value = plain()
    except Throw as e:
        thrown = [str(e)]
    assert [t.message for t in result.troubles if evaluation.value(t.condition)] == thrown
    if thrown:
        return
    (path,) = [p for p in result.paths if evaluation.value(p.condition())]
    changed = evaluation.cells(path.writes)
    expected = {k: changed.get(k, v) for k, v in old.items() if k[0] != "OS"}
    assert {c[:4]: c[4] for c in world.cells() if c[0] != "OS"} == expected
    if value is not None:
        assert evaluation.value(path.result) == value


@pytest.mark.parametrize("parameters", [SMALL, TINY_PAGES], ids=("pages", "bytes"))
def test_freeing_is_what_the_plain_heap_does(parameters):
    spec, schema = heap(parameters)
    program, typed = function(spec, schema, "free.free_span_locked")
    s, stamp = z3.BitVec("s", 63), z3.BitVec("stamp", 8)
    inuse, idle = z3.Bools("inuse idle")
    args = {"h": num(1), "s": word(s, 1), "acct_inuse": inuse, "acct_idle": idle, "unusedsince": word(stamp)}
    result = run(program, typed, args)
    rng = random.Random(7)
    for _ in range(25):
        world, held = filled(spec, schema, rng)
        if not held:
            continue
        span, values = rng.choice(held), [rng.random() < 0.5, rng.random() < 0.5, rng.choice([0, 3])]
        span.alloc_count = int(rng.random() < 0.1)
        constants = list(zip([s, inuse, idle, stamp], [span.number, *values], strict=True))

        def plain(world=world, span=span, values=values):
            with active(Runtime(spec.parameters)):
                return spec.modules["free"].free_span_locked(world.root, span, *values)

        agree(result, world, world, constants, plain)


@pytest.mark.parametrize("edit", [None, Edit("scavenge.scavenge_span", "end <= start", "start == end")], ids=("right", "B02"))
def test_scavenging_is_what_the_plain_heap_does(edit):
    spec, schema = heap(TINY_PAGES, [edit] if edit else [])
    program, typed = function(spec, schema, "scavenge.scavenge_span")
    s, now, limit = z3.BitVec("s", 63), z3.BitVec("now", 8), z3.BitVec("limit", 8)
    phys = unsigned("phys", 8)
    args = {"h": num(1), "s": word(s, 1), "now": word(now), "limit": word(limit)}
    summaries = {"environment.os.sys_unused": lambda state, args: None}
    result = run(program, typed, args, variables={"phys_page_size": phys}, summaries=summaries)
    rng = random.Random(11)
    for _ in range(60):
        world = World(schema)
        span, unit = world.root.mspans[rng.randrange(4)], 1 << rng.randrange(6)
        span.start_addr, span.npages = 64 + 4 * rng.randrange(16), rng.randrange(1, 20)
        span.npreleased, span.unusedsince = rng.randrange(3), rng.randrange(256)
        world.root.memstats.heap_released = rng.randrange(256)
        values = [span.number, rng.randrange(256), rng.randrange(0, 256, 50)]
        constants = list(zip([s, now, limit, z3.BitVec("phys", 8)], [*values, unit], strict=True))

        def plain(world=world, span=span, values=values, unit=unit):
            spec.parameters.phys_page_size = unit
            with active(Runtime(spec.parameters)):
                return spec.modules["scavenge"].scavenge_span(world.root, span, *values[1:])

        agree(result, world, world, constants, plain)


def test_numbers_are_python_integers():
    rng = random.Random(3)
    x, y = z3.BitVecs("x y", 9)
    for lo in (0, -256):
        a, b = (Num(lo, lo + 511, z3.ZeroExt(1, v) if lo == 0 else v) for v in (x, y))
        terms = [a + b, a - b, a * b, a & b, a | b, a ^ b, ~a, -a, a >> within(b & 7, 0, 7), a << (b & 7), choice(a < b, a, b)]
        terms += [low_bits(a - b, 8), *quotient(a, (b & 15) + 1)]
        for _ in range(40):
            p, q = rng.randrange(lo, lo + 512), rng.randrange(lo, lo + 512)
            pairs = [(x, z3.BitVecVal(p, 9)), (y, z3.BitVecVal(q, 9))]
            got = [z3.simplify(z3.substitute(t.term, *pairs)).as_signed_long() for t in terms]
            want = [p + q, p - q, p * q, p & q, p | q, p ^ q, ~p, -p, p >> (q & 7), p << (q & 7), min(p, q)]
            want += [(p - q) & 255, p // ((q & 15) + 1), p % ((q & 15) + 1)]
            assert got == want


@pytest.mark.parametrize(
    ("name", "edit", "says"),
    [
        ("scavenge.scavengelist", None, "the loop may go on"),
        ("environment.clock.clock", None, "scheduling point"),
        ("table.map_spans", None, None),
    ],
)
def test_what_cannot_be_executed_is_refused(name, edit, says):
    spec, schema = heap(SMALL)
    program, typed = function(spec, schema, name)
    kinds = {"ref": lambda p: word(z3.BitVec(p, 63), 1), "int": lambda p: unsigned(p, 8)}
    args = {p: num(1) if p == "h" else kinds[typed.types[p].kind](p) for p in typed.params}
    summaries = {"scavenge.scavenge_span": lambda state, args: num(0)}
    if says is None:
        assert run(program, typed, args).paths
        return
    with pytest.raises(SymbolicError, match=says):
        run(program, typed, args, summaries=summaries, loop_bound=3)


def test_a_value_derived_from_a_variable_parameter_is_refused():
    spec, schema = heap(SMALL)
    program, typed = function(spec, schema, "table.lookup")
    with pytest.raises(SymbolicError, match="table_size"):
        run(program, typed, {"h": num(1), "v": unsigned("v", 8)}, variables={"phys_page_size": unsigned("phys", 8)})


def test_z3_is_imported_only_when_it_is_needed():
    code = "import sys, checker, checker.symbolic, proofs; proofs.identifiers(); assert 'z3' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
