"""An organisation's people at an edition: who heads them, how many may come, and the link of whoever coordinates."""
