"""A page heap of one's own: the benchmark model "page heap, coarse", as small as a heap with a collector can be.

It shares nothing with the specification of Go's heap but the language. Read `state` (what the heap is), `operations`
(what changes it), `actions` (who calls them, and when they may) and `properties`, in this order. To explore it::

    checker explore --spec tests/bench/pageheap --set P=6 --set T=2 --set H=1

The names of the parameters and of the arrays are those of the model's definition, which other checkers run too
(``tests/bench/peers``), so that counts of states and transitions can be compared.
"""
