"""What limits halls."""
