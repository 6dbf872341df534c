"""Why?: the words each model relies on, below the answer of every head."""
