"""The tool: front end and lowering, engines, traces, reports and the command line."""
