"""Small named configurations of the heap, one a file."""
