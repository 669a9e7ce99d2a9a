"""Personal data: what is kept, the export and the erasure of a person, retention, the participants' page."""
