"""What is true without a browser: models, heads, attribution, anatomy and the drawings."""
