"""What does a price mean to an alert? Nothing here does I/O, reads a clock or logs."""
