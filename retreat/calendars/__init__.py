"""Feeds: a calendar that is simply right."""
