"""Mail to a filter of people: a draft with a preview per language, until somebody sends it."""
