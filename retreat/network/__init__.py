"""The network that outlives an edition: Sections, organisations, people, bodies and seats."""
