"""The claims, one a file; the file's name is the claim's."""
