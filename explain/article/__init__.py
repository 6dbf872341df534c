"""What the article and the paper claim, and what is right: figures, claims, corrections."""
