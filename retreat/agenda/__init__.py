"""The week: a draft that organisers edit, and revisions that everyone else reads."""
