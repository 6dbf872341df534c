"""A student distilled before a visitor's eyes: text, start, training by the clock, download."""
