"""The search's inner loops, written in a small subset of Python over raw memory and compiled with the spec's steps."""
