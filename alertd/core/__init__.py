"""What a price means to an alert. Pure: no I/O, no clock, no logging."""
