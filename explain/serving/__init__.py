"""How a request reaches a model."""
