"""Who has arrived: noted at the desk, and taken back when it was somebody else."""
