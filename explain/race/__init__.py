"""The race: two models on the same words, timed in turns, and what may be said of the result."""
