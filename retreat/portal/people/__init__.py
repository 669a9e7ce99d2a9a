"""The address book: who stands in it, what belongs to whom, and two rows that are one person."""
