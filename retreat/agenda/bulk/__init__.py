"""Many sessions at once: shifted, exchanged, copied, set; each of them one step that can be undone."""
