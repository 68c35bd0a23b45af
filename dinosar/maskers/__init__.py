"""Built-in maskers, one per file, named after the algorithm."""
