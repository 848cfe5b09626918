"""What a project declares, locks and imports, and the environment that it runs in."""
