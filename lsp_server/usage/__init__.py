"""What becomes of suggestions, in numbers that stay on this machine."""
