"""Claims about the heap's arithmetic, one a file, and the kernel that proves them."""
