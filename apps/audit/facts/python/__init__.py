"""Python code, parsed and never executed."""
