"""Writes single settings into the user's file, and leaves everything else in it as it is."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from lsp_server import config
from lsp_server.errors import InputError


def remember(key: str, value: object) -> Path:
    """Set a setting in the user's file, which is made if there is none, and return its path.

    Comments and the other settings stay. The file is the old or the new one, whatever happens meanwhile.

    Raises:
        InputError: the file is no TOML, or it cannot be read or written.
    """
    path = config.user_file()
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        document = tomlkit.parse(text)
        document[key] = value
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(tomlkit.dumps(document))
        Path(partial).replace(path)
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not readable TOML ({error}): mend it, or delete it.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): set `{key}` there by hand.") from error
    return path
