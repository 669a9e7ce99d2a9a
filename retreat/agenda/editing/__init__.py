"""The form of one session: its points, its people, and what two editors at once see of each other."""
