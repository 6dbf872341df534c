"""The race: models timed on the same texts in counterbalanced order, with intervals and tests."""
