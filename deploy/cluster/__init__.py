"""Past one process and one machine: heads in a Ray cluster, pages behind a proxy."""
