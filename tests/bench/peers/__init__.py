"""The benchmark model in other model checkers, built and run side by side: SPIN (`spin`) and Rumur (`rumur`).

``pageheap.pml`` and ``pageheap.m`` are the model, written from its definition and not from each other; each says in its
head where the tool's counting differs. ``python -m tests.bench.peers --sizes 4,2,1 6,2,1`` prints a table.
"""

from .measure import Measured, MissingTool, PeerError, missing
from .murphi import rumur
from .promela import spin

__all__ = ["Measured", "MissingTool", "PeerError", "missing", "rumur", "spin"]
