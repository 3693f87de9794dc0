"""A run that ends: its last state lasts for ever."""

from __future__ import annotations

from spec.language import Scenario, Thread, leads_to, step, wait


class Ending:
    """A counter."""

    x: bool
    y: bool


def initial(r: Ending) -> None:
    """Both are unset."""


def climber(r: Ending) -> None:
    """Set one, then wait for what never comes, at rest."""
    step()
    r.x = True
    wait(lambda: r.y, rest=True)
    r.x = False


def risen(r: Ending) -> bool:
    """The first is set."""
    return r.x


@leads_to("L1", "falls again", after=risen, fair=("climber",))
def fallen(r: Ending) -> bool:
    """Unset it again."""
    return not r.x


@leads_to("L2", "rises", fair=("climber",))
def rises(r: Ending) -> bool:
    """Set it."""
    return r.x


SCENARIO = Scenario("ending", "one thread that comes to rest", Ending, initial, (Thread(climber),), liveness=("L1", "L2"))
