"""A model on a server: the interface of an engine over HTTP, for llama-server and OpenAI-compatible completions."""
