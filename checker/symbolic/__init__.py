"""Execution of typed trees over z3 terms: every value at once, path by path.

Importing this package does not import z3; its modules do.
"""
