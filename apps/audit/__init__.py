"""The engine, and not a Django app: pure Python without network, clock or randomness.

It is given a snapshot of one commit and a policy, and answers with an audit. Nothing of the repository is executed.
"""
