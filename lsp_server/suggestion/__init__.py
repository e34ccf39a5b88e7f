"""From the model's raw text to what is shown, or the reason why nothing is."""
