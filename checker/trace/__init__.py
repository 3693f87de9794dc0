"""The record of a run: what every report, the minimiser and a replay are about."""
