"""What the model should see of the rest of the workspace."""
