"""The search that the options ask for."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from checker.errors import UsageError
from checker.lowering.machine import Machine
from checker.search.breadth_first import BreadthFirst, Limits, Progress
from checker.search.check_liveness import Decider, decider

if TYPE_CHECKING:
    from checker.search.native import NativeSearch

NATIVE, PYTHON = "native", "python"
_NATIVE_ONLY = ("jobs", "storage", "checked", "checkpoint", "checkpoint_every", "resume")


@contextmanager
def search_of(
    args: argparse.Namespace, machine: Machine, limits: Limits, report: Callable[[Progress], None] | None
) -> Iterator[NativeSearch | BreadthFirst]:
    """A search of a machine; its checkpoint folder is in use meanwhile.

    Raises
    ------
    UsageError
        Options do not go together.
    """
    if args.engine == PYTHON:
        values = {name: getattr(args, name) for name in _NATIVE_ONLY}
        given = [f"--{name.replace('_', '-')}" for name, value in values.items() if value is not None and value is not False]
        if given:
            raise UsageError(f"{', '.join(given)}: only the native engine has this; leave it out, or use --engine native")
        yield BreadthFirst(machine, limits, go_on=args.go_on, report=report)
        return
    if args.checkpoint is None and (args.resume or args.checkpoint_every is not None):
        raise UsageError("--resume and --checkpoint-every need --checkpoint DIR: the folder that holds the checkpoints")
    from checker.search.native import NativeSearch
    from checker.search.saving import EVERY, Saving, identity_of

    storage = args.storage or "64"
    common = {"go_on": args.go_on, "report": report, "jobs": args.jobs or usable_cores(), "storage": storage}
    if args.checkpoint is None:
        yield NativeSearch(machine, limits, checked=args.checked, **common)
        return
    identity = identity_of(machine, storage=storage, strict=args.strict)
    every = EVERY if args.checkpoint_every is None else args.checkpoint_every
    with Saving(args.checkpoint, identity, resume=args.resume, every=every) as saving:
        yield NativeSearch(machine, limits, checked=args.checked, saving=saving, **common)


def decider_of(args: argparse.Namespace) -> Decider:
    """How the liveness properties are decided."""
    return decider(native=args.engine != PYTHON)


def usable_cores() -> int:
    """Cores that this process may use, at most 16: beyond that, workers wait for each other."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 16)
