"""Other solvers, each in a process of its own: they confirm what z3 proves. Nothing here imports z3."""
