"""The kernel: the only maker of proofs.

A claim is proved when its premises are satisfiable together, each situation that it speaks of can occur, and the
negation of each verification condition is unsatisfiable. It is refuted when a counterexample, the smallest in the
claim's own order, misbehaves on the plain heap too. Everything else, ``unknown`` and time limits included, is
"not proved". Nothing is admitted.
"""

from proofs.kernel.claim import Claim, Condition, Problem, Replay
from proofs.kernel.decide import Proof, decide
from proofs.kernel.queries import Query
from proofs.kernel.work import Work

__all__ = ["Claim", "Condition", "Problem", "Proof", "Query", "Replay", "Work", "decide"]
