"""Hygiene

What the hooks should have stopped: secrets, binaries, data and leftovers in git.
"""

position = 7
short = "Hygiene"
