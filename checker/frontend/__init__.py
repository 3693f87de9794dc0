"""The front end: spec source to typed trees, and refusals of what is outside the language."""
