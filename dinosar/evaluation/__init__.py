"""What was found against what is true, for data on which somebody knows it."""
