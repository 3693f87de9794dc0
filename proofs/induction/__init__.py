"""Induction over heaps of every size: each operation, from any heap that satisfies the invariant, leaves one that does.

`heap` is the heap in the words of the invariant, `invariant` its clauses, `instances` what is assumed of the heap
before, `operation` runs an operation and makes the conditions, `contracts` is what is taken instead of a loop over
unbounded data.
"""
