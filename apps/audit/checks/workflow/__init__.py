"""Git workflow

How changes reach the default branch: branches, messages, experiments on record, and a second pair of eyes.
"""

position = 6
short = "Flow"
