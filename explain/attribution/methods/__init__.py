"""The attribution methods, one file per method."""
