"""Litmus specs of liveness, reachability and deadlock, one subject a module."""

from __future__ import annotations

from spec.language import Parameters, parameter


class Sys(Parameters):
    """The bounds."""

    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    nodes = parameter(3, hi=4, doc="nodes that only their names tell apart")
    top = parameter(2, lo=1, hi=2, doc="how far the counter goes")


sys = Sys()
