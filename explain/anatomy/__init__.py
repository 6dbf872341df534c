"""What is inside both models: configuration, word pieces, hidden states, parameters."""
