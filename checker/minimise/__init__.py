"""Making a counterexample as small as it can be, in its scope and in its schedule.

`minimiser` goes through `passes` (the scope) with `shorten` and `polish` (the schedule); a candidate counts when `case`
shows the same clause violated in it, by following the old steps or by a search of the smaller scope.
"""

from checker.minimise.minimiser import Result, minimise

__all__ = ["Result", "minimise"]
