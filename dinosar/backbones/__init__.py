"""Built-in backbones, one per file, named after the algorithm."""
