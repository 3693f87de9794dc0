"""Execution of typed functions in linear integers, one path a run.

`guards` has what belongs to a path, `branches`, `loops` and `numbers` say how statements and operators are executed on
it, `splitter` has the whole. `shapes` tells statements apart by what they consist of.
"""

from checker.symbolic.splitting.guards import FALSE, TRUE, Obligation
from checker.symbolic.splitting.splitter import Splitter

__all__ = ["FALSE", "TRUE", "Obligation", "Splitter"]
