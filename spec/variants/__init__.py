"""Known bugs of this heap as small named changes, one a file."""
