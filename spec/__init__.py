"""The executable specification of Go's page heap as of 2016-08-19; README.md gives the reading order."""
