"""Pre-commit coverage

What is stopped before it reaches the history? Hooks are read from pre-commit, prek, lefthook, husky and overcommit,
and followed into the task runner that they call.
"""

position = 2
short = "Hooks"
