"""From the settings to how an engine is loaded, or reached."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from lsp_server.engine.interface import LoadOptions
from lsp_server.engine.remote.options import RemoteOptions
from lsp_server.errors import InputError

if TYPE_CHECKING:
    from lsp_server.config import Settings

KEY_VARIABLE = "MIDFILL_SERVER_KEY"


def load_options(settings: Settings) -> LoadOptions:
    """Return how to load the model that the settings name."""
    # Two of the longest prompts: the one in use, and the one that is to take its place.
    cells = 2 * (settings.prompt_tokens + settings.max_tokens) if settings.prompt_tokens else 0
    folder = user_cache_path("midfill", appauthor=False)
    return LoadOptions(
        cells,
        settings.threads,
        settings.gpu_layers,
        settings.flash_attention,
        settings.kv_cache,
        folder,
        settings.state_megabytes * 1_000_000,
    )


def server_options(settings: Settings) -> RemoteOptions | None:
    """Return which server the settings name, ``None`` for none.

    The key comes from the file that they name, or else from the environment (`MIDFILL_SERVER_KEY`).

    Raises:
        InputError: the file of the key cannot be read.
    """
    if not settings.server_url:
        return None
    key = os.environ.get(KEY_VARIABLE, "")
    if settings.server_key_file:
        path = Path(settings.server_key_file).expanduser()
        try:
            key = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"The key in {path} cannot be read: mend `serverKeyFile`, or the file.") from error
    return RemoteOptions(settings.server_url, settings.server_model, key)
