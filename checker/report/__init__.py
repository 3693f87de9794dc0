"""Results for people and for scripts: the text is a view of the JSON."""
