"""Exhaustive search of a lowered scenario."""
