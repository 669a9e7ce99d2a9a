"""The board: the week moved about by hand, every move with its inverse, several organisers at once."""
