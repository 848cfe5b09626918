"""Reproducibility checklist

Can another person, on another machine, next year, train the same model? Seeds, environment, data, model, training and
evaluation, item by item.
"""

position = 4
short = "Repro"
