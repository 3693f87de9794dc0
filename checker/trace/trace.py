"""One immutable record of a run.

State 0 is the initial one; step i leads to state i. Steps are named by thread, action and choice and not by numbers of
states, so a trace can be followed on a changed spec.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spec.language import Drawn

Value = int | bool | str
"""The content of a cell: a number, a truth value, or the name of an enumeration's value, a record, a thread or None."""

Pairs = tuple[tuple[str, str], ...]
"""Names and what they stand for, in order."""

FORMAT = "checker-trace-1"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a run takes place.

    Attributes
    ----------
    scenario : str
    parameters : tuple of str and (int or str)
        All of them, in order of declaration; the word where a parameter has words.
    settings : tuple of str
        The parameters that differ from the scenario's own.
    threads : tuple of str
        Names of the threads, as steps have them.
    without : tuple of str
        Thread functions of the scenario that are left out.
    atomicity : str
        ``lock`` or ``fine``.
    variant : str
        Id of a known bug that was put back; empty if none.
    strict : bool
        Known findings count as violations.
    """

    scenario: str
    parameters: tuple[tuple[str, int | str], ...]
    settings: tuple[str, ...]
    threads: tuple[str, ...]
    without: tuple[str, ...]
    atomicity: str
    variant: str = ""
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One cell before and after a step; ``ghost`` if it belongs to the observer."""

    cell: str
    before: Value
    after: Value
    ghost: bool


@dataclass(frozen=True, slots=True)
class TraceCall:
    """A call that a step is inside of.

    Attributes
    ----------
    function : str
        ``module.function``.
    go : str
        The Go function that it states, or empty.
    args : Pairs
    result : str or None
        None while it has not returned, and for functions that return nothing.
    depth : int
        0 is the thread's own function.
    began, ended : bool
        Within this step.
    """

    function: str
    go: str
    args: Pairs
    result: str | None
    depth: int
    began: bool
    ended: bool


@dataclass(frozen=True, slots=True)
class TraceStep:
    """Step ``index`` leads to state ``index``.

    Attributes
    ----------
    thread, action : str
        ``action`` is the function that the step is about: the outermost call that states a function of the original.
    args : Pairs
        Of the action.
    result : str or None
        Of the action, if it returned in this step and returns something.
    choice : tuple of str and int
        What was chosen, by the name of the local that took it.
    function, begins_at : str
        ``module.function`` in which the step begins, and the kind of scheduling point there.
    source : str
        File and line at which it begins.
    go : str
        ``file.go:function``, or empty.
    ends_at : str
        The kind of scheduling point at which the thread then waits; ``returned`` or ``throw``.
    thrown : str
        A throw's message; empty if there was none.
    calls : tuple of TraceCall
    changed : tuple of Change
        All cells that differ between states ``index - 1`` and ``index``, in the order of the state.
    """

    index: int
    thread: str
    action: str
    args: Pairs
    result: str | None
    choice: tuple[tuple[str, int], ...]
    function: str
    begins_at: str
    source: str
    go: str
    ends_at: str
    thrown: str
    calls: tuple[TraceCall, ...]
    changed: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A cell that the failed clause reads in the last state, its value, and the step that last wrote it (0: none did)."""

    cell: str
    value: Value
    step: int


@dataclass(frozen=True, slots=True)
class Need:
    """What becomes of the run without one of its steps.

    Attributes
    ----------
    step : int
    needed : bool
        False: without it the other steps still show the violation.
    lost : str
        A sentence: what is lost without it; empty if it is not needed.
    """

    step: int
    needed: bool
    lost: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the clause failed.

    Attributes
    ----------
    step : int
        The step that made it false; 0: it was false in state 0.
    seen : int
        The step after which the property was due and seen to fail; later than ``step`` where a lock was held meanwhile.
    sentence : str
        All that in one sentence.
    reads : tuple of Read
        The cells that the clause reads, last written first.
    needs : tuple of Need
        By step; empty if it was not looked at.
    """

    step: int
    seen: int
    sentence: str
    reads: tuple[Read, ...]
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Reduction:
    """What minimising made smaller, or could not: a size before and after."""

    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Minimised:
    """How a trace came to be as small as it is.

    Attributes
    ----------
    reductions : tuple of Reduction
        ``steps`` first, then each size of the scope, in the order of the passes.
    tries : int
        Candidates that were tried: scopes searched and schedules replayed, or calls of the oracle.
    search_steps : int
        Transitions that they took.
    minimal : bool
        Every single reduction was tried once more at the end, and failed.
    stopped : str
        Why not, if not: the budget, or an interrupt.
    """

    reductions: tuple[Reduction, ...]
    tries: int
    search_steps: int
    minimal: bool
    stopped: str


@dataclass(frozen=True, slots=True)
class Fair:
    """How the loop of a lasso treats a fair thread."""

    thread: str
    enabled_always: bool
    taken: bool


@dataclass(frozen=True, slots=True)
class Stuck:
    """What one thread of a deadlock waits at; ``lock`` and ``holder``, or ``condition``, may be empty."""

    thread: str
    at: str
    source: str
    go: str
    lock: str
    holder: str
    condition: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Trace:
    """A run, and what it shows.

    Attributes
    ----------
    tool, spec : str
        Version of the tool; hash of the spec's sources.
    scope : Scope
    property, name, clause : str
        What is violated, such as ``P3``, its name in two or three words, and the failed clause; empty: nothing is.
    meaning, definition : str
        First sentence of the property's documentation; file and line of the clause, or of the property.
    witness : Pairs
        The values that make the clause false.
    exit : int
        Exit code of the kind of violation; 0 if there is none.
    place : str
        File and line of a throw; empty otherwise.
    initial : tuple of str and Value
        The cells of state 0 by path, in the order of the state.
    ghosts : frozenset of str
        Paths of the cells that belong to the observer.
    steps : tuple of TraceStep
    loop : int or None
        The steps after this state repeat for ever; ``len(steps)``: the last state lasts for ever.
    fairness : tuple of Fair
    stuck : tuple of Stuck
        Of a deadlock: each thread.
    lock_cycle : tuple of str
        Threads that wait for each other in a circle.
    shortest : str
        ``yes`` if no shorter run of this scope violates the clause, else why that is not known.
    order : str
        ``real``, ``dependent``, ``undecided``, or empty where the spec has no other order than the real one.
    cause : Cause or None
    minimised : Minimised or None
    seed : int or None
        Of a random walk.
    command : str
        The command that runs the trace again; empty until it is stored.
    pictures : tuple of tuple of Drawn
        How each state, from 0, is drawn; empty for a trace that was read from a file.
    """

    tool: str
    spec: str
    scope: Scope
    property: str
    name: str
    clause: str
    meaning: str
    definition: str
    witness: Pairs
    exit: int
    place: str
    initial: tuple[tuple[str, Value], ...]
    ghosts: frozenset[str]
    steps: tuple[TraceStep, ...]
    loop: int | None = None
    fairness: tuple[Fair, ...] = ()
    stuck: tuple[Stuck, ...] = ()
    lock_cycle: tuple[str, ...] = ()
    shortest: str = "yes"
    order: str = ""
    cause: Cause | None = None
    minimised: Minimised | None = None
    seed: int | None = None
    command: str = ""
    pictures: tuple[tuple[Drawn, ...], ...] = ()

    def states(self) -> Iterator[dict[str, Value]]:
        """The states from 0, each as its cells by path: the changes of the steps applied one after the other."""
        now = dict(self.initial)
        yield dict(now)
        for s in self.steps:
            for c in s.changed:
                now[c.cell] = c.after
            yield dict(now)
