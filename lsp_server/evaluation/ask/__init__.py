"""How a model is asked about a hole: as the server does, bare as reports do, or with one part of midfill left out."""
