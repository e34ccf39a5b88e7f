"""Where the editors are installed, where pictures go, and what happens where an editor is not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[2]
# The scripts beside this file install the editors here.
EDITORS = Path(os.environ.get("MIDFILL_EDITORS") or ROOT / ".editors")
# CI keeps this folder, and the pictures of the READMEs are copied from it.
PICTURES = ROOT / "build" / "pictures"


def missing(reason: str) -> NoReturn:
    """Skip a test for want of an editor; in CI, where the editors are installed first, that is a failure."""
    if "CI" in os.environ:
        pytest.fail(reason)
    pytest.skip(reason)
