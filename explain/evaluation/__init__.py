"""Labelled items: schemas, sets, uploads, scoring, metrics, tables, export."""
