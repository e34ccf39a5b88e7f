"""What the command draws on a terminal."""
