"""Data and models: where they come from, where they lie, where they are written."""
