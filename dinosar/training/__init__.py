"""How the head that votes learns: pairs, labels, loss, and a loop that goes on where it was stopped."""
