"""The geometry of configurations of landmarks: fits, Procrustes consensus, thin-plate splines. Plain NumPy."""
