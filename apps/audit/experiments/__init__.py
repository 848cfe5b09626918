"""Experiments: the metrics and params of every revision, and the runs among them. Read from git objects alone."""
