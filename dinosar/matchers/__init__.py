"""Built-in matchers, one per file, named after the algorithm."""
