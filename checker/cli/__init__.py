"""The command line: one file a verb; heavy libraries are imported by the verb that needs them."""
