"""The background sweeper parks without looking again, and misses the cycle that began meanwhile."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B26",
    name="sweeper parks although a new cycle began",
    go="0da73b9f07",
    edits=(
        Edit(
            "environment.sweeper.bgsweep",
            old=(
                "        if h.sweepdone == 0:\n"
                "            release(h.sweep_lock)\n"
                "            h.sweep.inside = False\n"
                "            continue\n"
            ),
            new="",
        ),
    ),
    property="P19",
    scenario="sweep",
    parameters={"gc_cycles": 2},
)
