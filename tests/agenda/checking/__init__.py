"""Clashes looked at."""
