"""Badges, programmes, diplomas: what goes on paper."""
