"""Plain execution: the spec's own functions under CPython, each thread of a scenario in a greenlet.

The reference for the lowered code: it shares the language with it and nothing else.
"""

from checker.plain.calls import Call
from checker.plain.ends import Failure
from checker.plain.run import PlainRun, StepResult
from checker.plain.threads import SpecThread

__all__ = ["Call", "Failure", "PlainRun", "SpecThread", "StepResult"]
