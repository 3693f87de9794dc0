"""The world around the heap: what the seed calls, as small as keeps every property meaningful."""
