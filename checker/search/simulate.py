"""Random walks with a seed, for scopes too large to exhaust: `checker simulate`.

At each state a thread is drawn out of those that can step, each as likely as the others, and then one of its steps. Drawn
out of all steps at once, a thread with a hundred choices would nearly always be the next, and one that has a single
step, to take a lock or to sweep a span, would hardly get on: such walks see few interleavings.

Each step taken is checked as `checker.search.breadth_first` checks it: what ends with it, a throw, the step properties, and
the invariants of the state that it leads to. A state with the heap of the one before has nothing new to check. A walk ends
at its bound, or where all threads rest; the next one begins at state 0. What is random in a walk depends on the seed and on
the walk's number alone, so the walks are the same for both engines, and those before a walk need not be repeated to get it
again.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from checker.lowering.machine import Machine
from checker.native.kernels.walk import ENOUGH_STEPS, ENOUGH_WALKS, IDLE, VIOLATED, WALKING
from checker.search.breadth_first import Progress
from checker.search.interrupts import Interrupts
from checker.search.outcome import Outcome
from checker.search.python_walk import PythonWalker, again
from checker.search.reached import Reached
from checker.search.walks import Place, Walker, Walks

__all__ = ["Walks", "simulate"]

LOOK = 256
"""Steps between two looks at interrupts, and two reports of progress."""


def simulate(machine: Machine, walks: Walks, *, engine: str, report: Callable[[Progress], None] | None = None) -> Outcome:
    """Walk until something is violated, a bound is reached, or an interrupt comes.

    Parameters
    ----------
    machine : Machine
        Its reductions are not used: a walk goes through real states.
    walks : Walks
    engine : str
        ``native`` or ``python``; the walks and the outcome are the same.
    report : callable, optional
        Told about progress every `LOOK` steps; ``depth`` is the longest walk, ``frontier`` 0.

    Returns
    -------
    Outcome
        A ``violation``, the one that ends the first walk that shows any, with the whole schedule of that walk; else
        ``incomplete``, whatever was walked. ``states`` counts starts and steps, so states that were visited again count again;
        ``transitions`` counts steps taken, ``depth`` is the longest walk, ``levels`` is empty. The number of walks is
        ``states`` - ``transitions``, and a violation is that of the last one. ``seconds`` is without compiling.

    Raises
    ------
    SpecEvaluationError
        The spec failed while being evaluated.
    Disagreement
        A walk that native code found something in shows something else when it is executed again.
    """
    reached = Reached(machine)
    walker = _walker(machine, walks, engine, reached)
    out = Outcome(engine=engine, levels=[])
    began = time.perf_counter()

    def tell() -> None:
        _take_over(out, walker.place())
        if report is not None:
            seconds = time.perf_counter() - began
            report(Progress(out.depth, out.states, out.transitions, 0, seconds, level_done=False))

    interrupts = Interrupts(lambda: None)
    try:
        with interrupts:
            reason = walker.begin()
            reason = reason or _walk(walker, tell, interrupts)
            walker.count()
            place = walker.place()
            _take_over(out, place)
            if reason == VIOLATED:
                out.violations.append(again(machine, walks.seed, place, walker.shown()))
    finally:
        walker.close()
    out.stopped = "an interrupt" if interrupts.code else _stopped(reason, walks, place)
    out.interrupted = interrupts.code
    reached.conclude(out)
    out.verdict = "violation" if out.violations else "incomplete"
    out.seconds = time.perf_counter() - began
    return out


def _walker(machine: Machine, walks: Walks, engine: str, reached: Reached) -> Walker:
    if engine == "python":
        return PythonWalker(machine, walks, reached)
    if engine != "native":
        raise ValueError(f"engine {engine!r}; there are 'native' and 'python'")
    from checker.search.native_walk import NativeWalker

    return NativeWalker(machine, walks, reached)


def _walk(walker: Walker, tell: Callable[[], None], interrupts: Interrupts) -> int:
    """Walk until there is a reason to end, or an interrupt has come; returns the reason, or 0."""
    reason = WALKING
    try:
        while reason == WALKING and not interrupts.code:
            reason = walker.on(LOOK)
            tell()
    except KeyboardInterrupt as e:
        interrupts.note(e)
    return reason


def _take_over(out: Outcome, place: Place) -> None:
    out.depth, out.states, out.transitions = place.longest, place.steps + place.walk + 1, place.steps


def _stopped(reason: int, walks: Walks, place: Place) -> str:
    """Why no more was walked, where nothing was found."""
    each = "" if walks.depth is None else f" of at most {_many(walks.depth, 'step')}"
    if reason == ENOUGH_WALKS:
        return f"{_many(place.walk + 1, 'walk')}{each}"
    if reason == ENOUGH_STEPS:
        return f"{_many(place.steps, 'step')}, in {_many(place.walk + 1, 'walk')}{each}"
    if reason == IDLE:
        return "state 0, out of which no step leads"
    return ""


def _many(count: int, what: str) -> str:
    return f"{count} {what}" + ("s" if count != 1 else "")
