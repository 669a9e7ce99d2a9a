"""Awards and the running order of a ceremony."""
