"""The example project, and the story teller that writes it, and the tests' stories, to real repositories."""
