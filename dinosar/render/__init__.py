"""Pictures of a comparison, each a function from a comparison to a figure; every one has a table or array twin."""
