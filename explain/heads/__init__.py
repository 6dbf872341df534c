"""The tasks: one module per head, each with its three steps and one public verb.

Each verb takes one input and gives one record, or takes a list and gives a tuple of records,
computed in padded batches (`explain.heads.steps`). Weights come in as an argument
(`explain.models.load`).
"""
