"""The shared pipeline wrappers: one module per head, one public verb per module.

Each verb takes one input and gives one record, or takes a list and gives a tuple of records read
in padded batches. Weights come in as an argument (`explain.models.load`).
"""
