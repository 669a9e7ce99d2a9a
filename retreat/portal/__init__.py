"""Pages that compose several rooms: the edition's home, the delegate's own page, the dashboard."""
