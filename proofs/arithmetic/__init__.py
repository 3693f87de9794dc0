"""What the heap computes, for all words: rounding, growth, table indices, lookups, sizes, ages, generations, bits."""
