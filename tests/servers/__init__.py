"""Real servers of git on this machine, for tests: `https` and `ssh`."""
