"""What is claimed, and the problem that it is in z3's terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from checker.symbolic.memory import Memory, Value
from checker.symbolic.number import Term
from proofs.results import PROVED

if TYPE_CHECKING:
    from proofs.counterexample import Counterexample
    from proofs.kernel.queries import Query


@dataclass(frozen=True, slots=True)
class Condition:
    """What must follow from the premises: ``goal`` on every path on which ``when`` holds.

    Attributes
    ----------
    name : str
    when, goal : term
    lemma : bool
        Once it is proved, it may be used for the conditions after it.
    cut : tuple of term
        If there are some, the condition is proved from nothing, with each of these terms replaced by a variable that may
        be anything: it holds for all values, so for these.
    given : tuple of term
        Facts of this condition's path, assumed besides the premises. They may contradict each other, where the path
        cannot happen: such conditions are counted as vacuous. Conditions that follow each other with the same tuple are
        decided together.
    """

    name: str
    when: Term
    goal: Term
    lemma: bool = False
    cut: tuple[Term, ...] = ()
    given: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Replay:
    """What the plain heap does with a counterexample.

    Attributes
    ----------
    broken : frozenset of str
        Names of the conditions that are false there, found without z3.
    control : frozenset of str
        The same for the run that this one is held against, which must break none: of the unmodified heap on the same values
        or, where the claim leaves out a precondition, on values that keep it.
    text : str
        What happened.
    """

    broken: frozenset[str]
    control: frozenset[str]
    text: str


@dataclass(slots=True)
class Problem:
    """A claim in z3's terms.

    Attributes
    ----------
    premises : dict of str to term
        Each with a sentence that says it.
    conditions : list of Condition
    possible : dict of str to term
        Situations that the premises must leave possible, so that no condition holds for want of cases.
    memory : Memory, optional
        Of the run; its definitions belong to the premises.
    inputs : dict of str to value
        What a counterexample consists of.
    smallest : tuple of str
        The inputs to make small, the most important first.
    replay : callable, optional
        Runs the plain heap on the inputs' values.
    paths : int
        Through the code, if they were counted.
    show : callable, optional
        The smallest heap that it finds on which a condition is broken.
    strategy : str
        A key of `proofs.kernel.solving.STRATEGIES`: ``words`` (bit-vectors) or ``integers``; if empty, what the first
        condition is made of.
    """

    premises: dict[str, Term]
    conditions: list[Condition]
    possible: dict[str, Term] = field(default_factory=dict)
    memory: Memory | None = None
    inputs: dict[str, Value] = field(default_factory=dict)
    smallest: tuple[str, ...] = ()
    replay: Callable[[Mapping[str, int]], Replay] | None = None
    paths: int = 0
    strategy: str = ""
    show: Callable[[Query], Counterexample | None] | None = None

    def assumed(self) -> list[Term]:
        """The premises and what the memory's names mean."""
        return [*self.premises.values(), *(self.memory.assumptions() if self.memory is not None else ())]


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement about a function of the heap.

    Attributes
    ----------
    id, statement : str
        The statement is one sentence.
    go, function : str
        What it is about, in Go and in the spec.
    build : callable
        Makes the problem.
    expected : str
        ``proved``; or ``refuted``, for a wrong fix that is kept beside the right one.
    assumptions : tuple of str
        What is taken for granted beyond the premises.
    weight : int
        Seconds that it takes, about. Written as a plain number it is read without loading the claim, so that the slow
        claims start first even if none was ever run.
    """

    id: str
    statement: str
    go: str
    function: str
    build: Callable[[], Problem]
    expected: str = PROVED
    assumptions: tuple[str, ...] = ()
    weight: int = 0
