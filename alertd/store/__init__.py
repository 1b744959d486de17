"""What is kept over a crash, and how? Everything that knows SQL is in this room."""
