"""Reductions of the search: states that differ in nothing that matters get one form.

A spec declares what may be forgotten, renamed, exchanged or reordered; here each of these becomes a map on flat states.
Every map leads to a state that behaves as the first one does, so leaving one out, or doing less, costs states and
nothing else. `quotient` checks that: it searches without reductions and compares.
"""

REDUCTIONS = ("forget", "naming", "threads", "unordered")
"""All reductions, as they are listed and named on the command line."""
