"""Records to escaped HTML."""
