"""From the module that an import names to files, as each language does it."""
