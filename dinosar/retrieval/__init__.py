"""Photographs ranked by how much of a scene they share with another: patches that vote."""
