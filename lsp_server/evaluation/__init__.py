"""How good the completions are: holes whose text is known, completed by a model and compared."""
