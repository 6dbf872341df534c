"""Other programs that the benchmarks are measured against."""
