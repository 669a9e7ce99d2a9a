"""What an edition asks beyond the built-in answers, and what people answered."""
