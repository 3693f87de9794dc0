"""How the options ask for a scope to be checked, and where its checkpoints go."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from checker.check import NATIVE, PYTHON, How
from checker.errors import UsageError
from checker.lowering.machine import Machine

if TYPE_CHECKING:
    from checker.search.saving import Saving

__all__ = ["NATIVE", "PYTHON", "how_of", "saving_of"]
_NATIVE_ONLY = ("jobs", "storage", "checked", "checkpoint", "checkpoint_every", "resume")


def how_of(args: argparse.Namespace) -> How:
    """How to check, by the options that a verb has.

    Raises
    ------
    UsageError
        Options do not go together.
    """
    if args.engine == PYTHON:
        values = {name: getattr(args, name, None) for name in _NATIVE_ONLY}
        given = [f"--{name.replace('_', '-')}" for name, value in values.items() if value is not None and value is not False]
        if given:
            raise UsageError(f"{', '.join(given)}: only the native engine has this; leave it out, or use --engine native")
    elif getattr(args, "checkpoint", None) is None and (
        getattr(args, "resume", False) or getattr(args, "checkpoint_every", None) is not None
    ):
        raise UsageError("--resume and --checkpoint-every need --checkpoint DIR: the folder that holds the checkpoints")
    return How(
        engine=args.engine or NATIVE,
        jobs=getattr(args, "jobs", None),
        storage=getattr(args, "storage", None) or "64",
        checked=getattr(args, "checked", False),
        go_on=getattr(args, "go_on", False),
        reductions=getattr(args, "reduce", None),
        minimise=args.minimise_budget,
        variant=args.variant,
        spec=args.spec,
    )


def saving_of(args: argparse.Namespace, machine: Machine, how: How) -> AbstractContextManager[Saving | None]:
    """The checkpoints of a search of a machine; their folder is in use while this is entered."""
    if args.checkpoint is None:
        return nullcontext()
    from checker.search.saving import EVERY, Saving, identity_of

    identity = identity_of(machine, storage=how.storage, strict=machine.strict)
    every = EVERY if args.checkpoint_every is None else args.checkpoint_every
    return Saving(args.checkpoint, identity, resume=args.resume, every=every)
