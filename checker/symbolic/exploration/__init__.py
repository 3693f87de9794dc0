"""Symbolic exploration: sequences of operations, for all values of their arguments at once.

A run has concrete inputs and follows them; on the way it notes each condition on the inputs that it took. One question to
z3 then asks for inputs that would have gone another way, and the next run follows those, until there are none (known as
concolic testing, here to the end). So a path costs one question, however many conditions it meets, and each path
comes with a heap of real numbers that takes it.

`affine` and `space` have the numbers and conditions, `trail` a run, `tree` all runs from one state, `heap` the state,
`arithmetic`, `executor` and `statements` run the typed tree, `pages` says what a loop over any number of pages does, `search`
goes from operation to operation, `explore` in several processes, `concrete` replays on the plain heap, `report` shows it.
"""
