"""What runs before a commit, and on which files."""
