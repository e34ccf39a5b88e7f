"""The prompt: where the document is split, and what the model is given in which order."""
