"""A worker that finishes if it is ever let run, beside one that spins: only fairness to the worker makes it finish."""

from __future__ import annotations

from spec.language import Scenario, Thread, leads_to, step


class Neglect:
    """Who has done what."""

    spun: bool
    done: bool


def initial(r: Neglect) -> None:
    """Nothing is done."""


def spinner(r: Neglect) -> None:
    """Go round for ever."""
    while True:
        step()
        r.spun = not r.spun


def worker(r: Neglect) -> None:
    """Finish."""
    step()
    r.done = True


@leads_to("L1", "done if the worker is treated fairly", fair=("worker",))
def done_fairly(r: Neglect) -> bool:
    """Finish."""
    return r.done


@leads_to("L2", "done anyway", fair=("spinner",))
def done_anyway(r: Neglect) -> bool:
    """Finish, though nobody need let the worker run."""
    return r.done


SCENARIO = Scenario(
    "neglect", "a spinner and a worker", Neglect, initial, (Thread(spinner), Thread(worker)), liveness=("L1", "L2")
)
