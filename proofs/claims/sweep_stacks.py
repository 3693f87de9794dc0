"""Who has a stack."""

from __future__ import annotations

from functools import partial

from proofs.kernel import Claim
from proofs.protocol.claims import CLIENTS, STACKS, STRUCTURE, THREADS, several
from proofs.protocol.tasks import KEPT_STACKS, POOL_ALLOC, POOL_FREE, STACK_ALLOC, STACK_FREE

CLAIM = Claim(
    id="sweep_stacks",
    statement=(
        "No thread takes a stack from another: its span leaves the pool only when none of its stacks is in use, and goes "
        "back to the heap only by the thread that has it, and never during a collection."
    ),
    go="stack.go:stackfree",
    function="environment.stacks.stackfree",
    build=partial(several, STACK_ALLOC, STACK_FREE, POOL_ALLOC, POOL_FREE, KEPT_STACKS),
    assumptions=(*THREADS, *STRUCTURE, *STACKS, *CLIENTS),
    weight=6,
)
