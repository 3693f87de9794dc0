"""Known violations on the unmodified heap, one a file."""
