"""Commands, task runners and continuous integration."""
