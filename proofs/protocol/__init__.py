"""The sweep protocol among any number of threads and spans, by rely and guarantee.

`now` is the state in the words of the protocol, `invariant` what holds between any two steps, `interference` what a
step of one thread may do and what it may rely on, `stacks` all this of the spans of stacks, `thread` executes a function
of the spec step by step among the others, `tasks` says what each function requires and ensures, `problems` makes the
conditions.
"""
