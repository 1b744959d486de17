"""What the daemon needs from the system it runs on."""
