"""Records to plotly figures."""
