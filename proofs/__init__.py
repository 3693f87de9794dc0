"""Claims about the heap's arithmetic and operations, one a file, and the kernel that proves them.

Importing this package does not import z3; `prove` does.
"""

from proofs.results import Result, identifiers, prove

__all__ = ["Result", "identifiers", "prove"]
