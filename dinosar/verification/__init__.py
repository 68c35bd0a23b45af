"""Ranked pairs of photographs held against geometry: relative poses, homographies, places in a model."""
