"""The engine: tokens in, tokens out. Knows nothing of documents, prompts or formats."""
