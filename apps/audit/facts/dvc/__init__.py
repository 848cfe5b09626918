"""DVC read from git objects: pipelines, pointers, locks and configuration, without DVC, a work tree or a network."""
