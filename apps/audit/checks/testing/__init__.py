"""Test-layer coverage

Tests of the code, of the data and of the model, each in its layer, and run on every change.
"""

position = 5
short = "Tests"
