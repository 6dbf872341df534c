"""How each head is trained: its rows as examples and batches, and the logits of its loss."""
