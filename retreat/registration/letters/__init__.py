"""Visa invitation letters: passports sealed and purged, letters numbered, signed and verifiable."""
