"""The demo edition: UCLG Retreat & Campus, Tangier 2020."""
