"""What a spec declares besides functions: threads, scenarios, properties, variants and findings."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from spec.language.runtime import current

F = TypeVar("F", bound=Callable[..., Any])

ALWAYS = "always"
LOCK_FREE = "lock free"


@dataclass(frozen=True, slots=True)
class Property:
    """A property of the spec.

    Attributes
    ----------
    id : str
        The catalogue's name, such as ``P3``; several functions may share one.
    name : str
        What it says, in two or three words.
    kind : str
        ``invariant``, ``step``, ``end`` (of an operation), ``reachable`` or ``liveness``.
    function : callable
        A spec function: (root) for an invariant, (before, after) for a step property; for an end property the
        parameters after the root are the operation's parameters and locals of the same name, or ``result``. For
        ``reachable`` and ``liveness`` it takes the root and returns the truth value of what must be possible, or of the goal.
    when : str
        For invariants: `ALWAYS`, `LOCK_FREE` when it need only hold while no lock of the root is held, or the name of
        one lock of the root that must be free.
    operation : str
        For end properties: the operation's function.
    after : callable or None
        For liveness: a spec function of the root that returns the truth value of what the goal must follow; None: anything.
    fair : tuple of str
        For liveness: the thread functions that are not neglected for ever.
    """

    id: str
    name: str
    kind: str
    function: Callable[..., Any]
    when: str = ALWAYS
    operation: str = ""
    after: Callable[..., bool] | None = None
    fair: tuple[str, ...] = ()


def _declare(kind: str, id: str, name: str, **more: Any) -> Callable[[F], F]:
    def mark(function: F) -> F:
        function.__dict__["__property__"] = Property(id, name, kind, function, **more)
        return function

    return mark


def invariant(id: str, name: str, *, when: str = ALWAYS) -> Callable[[F], F]:
    """Declare a property of single states."""
    return _declare("invariant", id, name, when=when)


def step_property(id: str, name: str) -> Callable[[F], F]:
    """Declare a property of single steps: the function takes the root before and after."""
    return _declare("step", id, name)


def end_of(operation: str, id: str, name: str) -> Callable[[F], F]:
    """Declare a property of the end of an operation.

    The end is the moment before the operation releases the lock that it has taken, or its return if it takes none: an
    operation whose first dealing with a lock, in the order of its text, is a release ends with its return.
    """
    return _declare("end", id, name, operation=operation)


def reachable(id: str, name: str) -> Callable[[F], F]:
    """Declare what must be possible: the function, of the root, is true in some state of each scenario that decides it."""
    return _declare("reachable", id, name)


def leads_to(id: str, name: str, *, after: Callable[..., bool] | None = None, fair: tuple[str, ...] = ()) -> Callable[[F], F]:
    """Declare a goal that comes about: the function, of the root, is true in every state where ``after`` is, or later.

    It must be so on every run on which each thread of the functions named by ``fair`` takes steps again and again, unless
    it is again and again unable to. A run ends only where no thread can take a step; its last state then lasts for ever.

    Parameters
    ----------
    after : callable, optional
        A spec function of the root; by default the goal must come about from every state, again and again.
    fair : tuple of str
        Names of thread functions. The other threads may stop anywhere, also while they hold a lock.
    """
    return _declare("liveness", id, name, after=after, fair=fair)


def ghost(function: F) -> F:
    """Declare a function of the observer: it stores to ghosts only, returns nothing, and its reads are no scheduling points."""

    @functools.wraps(function)
    def observe(*arguments: Any) -> None:
        current().observe(function, arguments)

    observe.__dict__["__ghost__"] = True
    return cast(F, observe)


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread of a scenario: a spec function, once, or once for each record of an array of the root.

    Attributes
    ----------
    function : callable
        Takes the root, and with ``each`` one element of the root's array of that name.
    interchangeable : bool
        With ``each``: its threads differ in nothing but their element, so states that differ only in who plays which part
        are one.
    """

    function: Callable[..., None]
    each: str = ""
    interchangeable: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """A small named configuration.

    Attributes
    ----------
    name, purpose : str
        ``purpose`` is one line.
    root : type
        The class that holds the whole state.
    initial : callable
        A spec function of the root that builds state 0.
    threads : tuple of Thread
    parameters : mapping
        Values over the defaults of the spec's parameter class.
    decides : tuple of str
        The properties it can decide.
    closure : str
        The size of its state space as measured, or a word why it has none.
    liveness : tuple of str
        The liveness properties that a search checks here unasked: they take a second search, which keeps every step.
    """

    name: str
    purpose: str
    root: type
    initial: Callable[..., None]
    threads: tuple[Thread, ...]
    parameters: Mapping[str, int] = field(default_factory=dict)
    decides: tuple[str, ...] = ()
    closure: str = ""
    liveness: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sequences:
    """Operations that one thread calls in any order, explored for all values of their arguments at once.

    An operation is a spec function of the root. What it would be called with it takes from `choose`: a choice between many
    values stays open, so that one path stands for all sizes; one between a few is made.

    Attributes
    ----------
    name, purpose : str
        ``purpose`` is one line.
    root : type
    initial : callable
        A spec function of the root that builds state 0, the same under all values of the parameter that varies.
    operations : tuple of callable
    parameters : mapping
        Values over the defaults of the spec's parameter class.
    varies : mapping
        One parameter, or none, and the values that it takes.
    """

    name: str
    purpose: str
    root: type
    initial: Callable[..., None]
    operations: tuple[Callable[..., None], ...]
    parameters: Mapping[str, int] = field(default_factory=dict)
    varies: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement in the text of a spec function: ``old`` must occur exactly once there."""

    function: str  # "module.function", module relative to the spec package
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Variant:
    """A known bug as a small named change of the spec.

    Attributes
    ----------
    id, name : str
    go : str
        Go's commit and issue.
    edits : tuple of Edit
    property : str
        The property that it breaks.
    scenario : str
        The smallest scenario that shows it.
    parameters : mapping
        Over the scenario's.
    atomicity : str
        ``fine`` if critical sections must be cut open to show it.
    """

    id: str
    name: str
    go: str
    edits: tuple[Edit, ...]
    property: str
    scenario: str
    parameters: Mapping[str, int] = field(default_factory=dict)
    atomicity: str = "lock"


@dataclass(frozen=True, slots=True)
class Finding:
    """A known violation on the unmodified spec.

    Attributes
    ----------
    id, title : str
    property, clause : str
        What is violated.
    explains : callable
        A spec function of the root and the clause's witness, by name: true exactly in this situation.
    scenario : str
    parameters : mapping
        Over the scenario's.
    depth : int
        Steps of the shortest counterexample there.
    reason : str
        Why it can or cannot hurt a client.
    atomicity : str
        ``fine`` if critical sections must be cut open to show it.
    """

    id: str
    title: str
    property: str
    clause: str
    explains: Callable[..., bool]
    scenario: str
    depth: int
    reason: str
    parameters: Mapping[str, int] = field(default_factory=dict)
    atomicity: str = "lock"


@dataclass(frozen=True, slots=True)
class Forget:
    """Cells that nobody will read before they are written again, and that a search may therefore set to zero.

    Attributes
    ----------
    record : str
        A type of which the root has an array.
    fields : tuple of str
        Cells of the record.
    when : callable
        A spec function of the root and the record: true where the cells are forgotten. The search itself sees to it
        that no thread holds a reference to the record in a local.
    reason : str
        Why nobody will read them.
    held : bool
        Forget them also where a thread holds a reference: no thread reads them through one.
    """

    record: str
    fields: tuple[str, ...]
    when: Callable[..., bool]
    reason: str
    held: bool = False


@dataclass(frozen=True, slots=True)
class RealOrder:
    """A search may visit things in any order where the real heap has one: how to get that one back.

    Attributes
    ----------
    parameter, value : str, int
        Under this value the spec keeps the real order.
    function : str
        ``module.function`` that picks the next thing: steps that begin in it are those that the two orders may
        take at different times and in different numbers.
    """

    parameter: str
    value: int
    function: str


@dataclass(frozen=True, slots=True)
class Unreached:
    """A branch or scheduling point that no scenario reaches, and why.

    Attributes
    ----------
    function : str
        ``module.function``, relative to the spec package.
    line : str
        Text that occurs on exactly one line of the function: the first line of the branch, or the scheduling point.
    reason : str
    """

    function: str
    line: str
    reason: str


@dataclass(frozen=True, slots=True)
class Landmark:
    """A point of the spec whose count every result shows, so that a reader sees what a run has exercised.

    Attributes
    ----------
    name : str
    function : str
        ``module.function``, relative to the spec package.
    line : str
        Text that occurs on exactly one line of the function; the innermost branch or loop around it is counted.
        Empty: the entries of the function.
    """

    name: str
    function: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One place of a strip.

    Attributes
    ----------
    kind : str
        What it is, in one or two words; places of one kind are drawn alike.
    mark : str
        One character that stands for it in text.
    marks : tuple of str
        What is true of it besides, in a word each, such as ``dirty``.
    owner : str
        Path of the record that it belongs to, or empty.
    """

    kind: str
    mark: str
    marks: tuple[str, ...] = ()
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """Memory in a row: its places in order."""

    name: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """A list: its name and its members from the first."""

    name: str
    members: tuple[str, ...]


Drawn = str | Strip | Chain
"""A part of a picture; a string is a line of text."""


@dataclass(frozen=True, slots=True)
class Picture:
    """How a state is drawn in reports: an ordinary Python function of the root that returns the parts in order."""

    draw: Callable[..., list[Drawn]]
