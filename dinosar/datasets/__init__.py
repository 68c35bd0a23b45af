"""Collections of photographs in the trees they are published in: which there are, and what is known of each."""
