"""The verb for CI: the scopes of a profile, one after the other, with one verdict."""
