"""Stage 6: the library of past solutions, its index, search and the decision what fits."""
