"""A gate that opens and closes for ever, and who waits for it to be open: weak fairness does not let it through."""

from __future__ import annotations

from spec.language import Scenario, Thread, leads_to, step, wait


class Gate:
    """The gate."""

    open: bool
    through: bool


def initial(r: Gate) -> None:
    """The gate is closed."""


def keeper(r: Gate) -> None:
    """Open it, close it."""
    while True:
        step()
        r.open = not r.open


def guest(r: Gate) -> None:
    """Wait for it to be open."""
    wait(lambda: r.open)
    r.through = True


@leads_to("L1", "gets through", fair=("keeper", "guest"))
def gets_through(r: Gate) -> bool:
    """Get through."""
    return r.through


SCENARIO = Scenario(
    "gate", "enabled again and again, never for good", Gate, initial, (Thread(keeper), Thread(guest)), liveness=("L1",)
)
