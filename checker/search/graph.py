"""A state graph: what is searched for lassos, however it was made.

States are numbers from 0, the initial one. The arrays are plain sequences of integers, so that any engine can fill them.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

THREADS = 64
"""A state's enabled threads are the bits of one word."""

PROPERTIES = THREADS // 2
"""Each property has two bits of a state's marks."""


@dataclass(slots=True)
class StateGraph:
    """States, and the steps between them in compressed rows.

    Attributes
    ----------
    offsets : sequence of int, states + 1
        The steps of state s are those numbered ``offsets[s]`` to ``offsets[s + 1]``.
    target, thread, choice : sequence of int, one for each step
        Where it leads, who takes it, and which of this thread's steps from this state it is.
    enabled : sequence of int, one for each state
        Bit t: thread t can take a step. A thread whose every step ends the run (a throw) is enabled without one.
    marks : sequence of int, one for each state
        Bit 2k: the condition of property k holds here; bit 2k + 1: its goal does.
    expanded : int
        States below this one have all their steps; those from it on have none because a bound stopped the search.
    """

    offsets: Sequence[int] = field(default_factory=lambda: array("Q", [0]))
    target: Sequence[int] = field(default_factory=lambda: array("I"))
    thread: Sequence[int] = field(default_factory=lambda: array("B"))
    choice: Sequence[int] = field(default_factory=lambda: array("I"))
    enabled: Sequence[int] = field(default_factory=lambda: array("Q"))
    marks: Sequence[int] = field(default_factory=lambda: array("Q"))
    expanded: int = 0

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self.marks)

    def steps(self, state: int) -> range:
        """The numbers of a state's steps."""
        return range(self.offsets[state], self.offsets[state + 1])

    def terminal(self, state: int) -> bool:
        """Whether no thread can take a step: the state lasts for ever."""
        return state < self.expanded and self.enabled[state] == 0
