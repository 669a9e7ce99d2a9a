"""One Retreat: its days, venues, halls and categories of badge."""
