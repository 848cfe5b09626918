"""DVC status

Data, models and pipelines under DVC: read from git alone, without DVC, a work tree or a network.
"""

position = 3
short = "DVC"
