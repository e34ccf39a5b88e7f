"""The editors' pages of settings, and the README's, say what the server's settings are."""

from __future__ import annotations

import json

import pytest

from editors.generate import FILES, PACKAGE_JSON, vscode_properties
from lsp_server.config import FIELDS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_is_generated_is_up_to_date(path: object) -> None:
    (file,) = (known for known in FILES if known == path)
    text = file.read_text(encoding="utf-8")
    assert FILES[file](text) == text, "run `python -m editors.generate`"


def test_every_setting_is_there_with_what_it_may_be() -> None:
    properties = vscode_properties()
    assert [name.removeprefix("midfill.") for name in properties] == list(FIELDS)
    assert properties["midfill.confidence"] == {
        "type": "integer",
        "default": 20,
        "order": list(FIELDS).index("confidence"),
        "markdownDescription": FIELDS["confidence"].metadata["help"],
        "minimum": 0,
        "maximum": 100,
    }
    assert properties["midfill.index"]["enum"] == ["disk", "memory", "off"]


def test_the_extension_s_own_settings_are_no_settings_of_the_server() -> None:
    sections = json.loads(PACKAGE_JSON.read_text(encoding="utf-8"))["contributes"]["configuration"]
    (own,) = (section["properties"] for section in sections if section["title"] == "Editor")
    assert not {name.removeprefix("midfill.") for name in own} & set(FIELDS)
