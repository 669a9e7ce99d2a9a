"""The secretariat's list of registrations: what it is narrowed by, its columns, its counts, saved lists, files."""
