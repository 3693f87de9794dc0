"""What walks draw: threads evenly, whatever choices they have, by a known generator that both engines compute alike."""

from __future__ import annotations

import ctypes
import random
from collections import Counter
from pathlib import Path

from walk_rig import ENGINES, made

from checker.native.jit import QUICK, Code
from checker.native.kernels.compiler import print_kernels
from checker.native.kernels.draw import ALL, advanced, picked, scrambled, started
from checker.search.python_walk import Path as Walk
from checker.search.simulate import Walks, simulate


def test_each_thread_is_as_likely_however_many_choices_it_has(tmp_path: Path) -> None:
    machine = made(tmp_path, "", "Thread(one), Thread(many), Thread(one)")
    drawn: Counter[int] = Counter()
    chosen: Counter[tuple[int, ...]] = Counter()
    for walk in range(6000):
        s = Walk(machine, 1, walk, machine.initial()).draw()
        assert s is not None
        drawn[s.thread] += 1
        chosen[s.choice] += s.thread == 1
    assert all(1850 < drawn[t] < 2150 for t in range(3))
    assert len(chosen) == 101
    assert max(n for choice, n in chosen.items() if choice) < 45


def test_a_thread_that_cannot_step_takes_nothing_from_the_others(tmp_path: Path) -> None:
    waiting = "\ndef stuck(r: Root) -> None:\n    wait(lambda: r.x > 150, rest=True)\n"
    machine = made(tmp_path, waiting, "Thread(stuck), Thread(one), Thread(stuck), Thread(many)")
    path = Walk(machine, 5, 0, machine.initial())
    drawn: Counter[int] = Counter()
    for _ in range(200):
        s = path.draw()
        assert s is not None
        drawn[s.thread] += 1
        path.take(s)
    assert set(drawn) == {1, 3}
    assert 75 < drawn[1] < 125
    for engine in ENGINES:
        assert simulate(machine, Walks(5, 1, 200), engine=engine).transitions == 200


def test_the_generator_is_splitmix64_natively_too() -> None:
    code = Code(print_kernels([started, advanced, picked, scrambled]), QUICK)

    def native(name: str, *words: int) -> int:
        return ctypes.CFUNCTYPE(ctypes.c_uint64, *[ctypes.c_uint64] * len(words))(code.address(name))(*words)

    state, out = 1234567, []
    for _ in range(3):
        state = advanced(state)
        out.append(scrambled(state))
    assert out == [6457827717110365317, 3203168211198807973, 9817491932198370423]  # as published with the generator
    rng = random.Random(3)
    for _ in range(300):
        a, b = (rng.choice([0, 1, ALL, rng.getrandbits(64)]) for _ in range(2))
        assert native("advanced", a) == advanced(a)
        assert native("scrambled", a) == scrambled(a)
        assert native("started", a, b) == started(a, b)
        count = rng.choice([1, 2, 3, 7, 1000, 1 << 32])
        assert native("picked", a, count) == picked(a, count) < count


def test_walks_begin_elsewhere_and_draw_evenly() -> None:
    starts = {started(seed, walk) for seed in (0, 1, 2, ALL) for walk in range(5000)}
    assert len(starts) == 20_000
    for count in (2, 3, 7):
        first = Counter(picked(advanced(start), count) for start in starts)
        assert all(abs(n - 20_000 / count) < 400 for n in first.values())
    pairs = Counter((picked(advanced(s), 4), picked(advanced(advanced(s)), 4)) for s in starts)
    assert len(pairs) == 16
    assert all(1100 < n < 1400 for n in pairs.values())
