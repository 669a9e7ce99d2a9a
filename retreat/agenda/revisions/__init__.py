"""What has been published: shown before it is, compared, restored to the draft, and told to everyone."""
