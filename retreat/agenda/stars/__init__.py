"""Stars: sessions that somebody means to go to, said without asking for anything."""
