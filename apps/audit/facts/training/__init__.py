"""How models are trained: randomness, splits, settings and records."""
