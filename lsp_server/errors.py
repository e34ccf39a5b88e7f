"""Everything that midfill raises on purpose.

MidfillError                  one clear sentence with its remedy, fit to be shown to the user
├── ModelError                the model cannot be used
│   ├── ModelNotFound         no such name and no such file
│   ├── ModelDamaged          the file is there, and llama.cpp cannot load it
│   └── ModelUnsuitable       it loads, and has no fill-in-the-middle tokens that midfill knows
├── EngineError               llama.cpp failed while evaluating
└── InputError                a file, position or argument that the user gave is not usable
"""

from __future__ import annotations


class MidfillError(Exception):
    """The base of all others; ``str()`` of it is shown to the user as it is."""


class ModelError(MidfillError):
    """The model cannot be used."""


class ModelNotFound(ModelError):
    """Neither a known name nor an existing file."""


class ModelDamaged(ModelError):
    """A file that is not a GGUF, is cut short, or is of an architecture that llama.cpp does not know."""


class ModelUnsuitable(ModelError):
    """A model without the special tokens of any known fill-in-the-middle format."""


class EngineError(MidfillError):
    """llama.cpp reported a failure while it evaluated tokens."""


class InputError(MidfillError):
    """A file, a position or an argument that cannot be used."""
