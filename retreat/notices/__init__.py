"""What people are told by mail when the published agenda changes."""
