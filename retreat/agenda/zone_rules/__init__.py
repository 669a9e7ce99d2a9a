"""What a new release of the time zone rules does to sessions that were planned with an older one."""
