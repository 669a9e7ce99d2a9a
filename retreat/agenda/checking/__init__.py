"""Clashes looked at: accepted ones, and where a session would be free."""
