"""Replaying logs of a real page heap on the spec: the spec chooses, the log only asks.

A log (format gotrace-1) is read by `log` against the tables of `format`; `replay` walks its events. Each thread's operation is
the spec's own function, run side by side with the others' by `operations` on the heap of `machine`: `requests` and
`collector` begin them, `sections` and `observe` write down what happens under the heap lock, `sweeps` and `reclaim` what
happens beside it. `ambient` knows what the format leaves open, and no more is forgiven. Stack spans (`stacks`) and
snapshots (`snapshot`) are checked beside. The reading order is that of this paragraph.
"""

from checker.validate.run import validate
from checker.validate.verdict import LogVerdict, render

__all__ = ["LogVerdict", "render", "validate"]
