"""Replaying logs of a real page heap on the spec: the spec chooses, the log only asks.

A log (format gotrace-1) is read by `log` against the tables of `format`; `replay` walks its events. What happens
under the heap lock is predicted by running the spec's own functions (`machine`) and watching them (`observe`),
section by section (`sections`). What happens outside is approximate: `collector`, `sweeper`, `stacks` and `ambient`
check what the format guarantees and no more. The reading order is that of this paragraph.
"""

from checker.validate.run import validate
from checker.validate.verdict import LogVerdict, render

__all__ = ["LogVerdict", "render", "validate"]
