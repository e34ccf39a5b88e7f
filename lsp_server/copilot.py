"""What clients say of the suggestions that they show, in the form that the Copilot language server made common.

LSP has no messages for it; clients written for that server send these two as they are, and midfill's own do too.
Source of the form: the README of the npm package @github/copilot-language-server. Some clients send of the item no more
than its command, which is enough to know it by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from cattrs.gen import make_dict_structure_fn, override
from lsprotocol import types  # noqa: TC002  cattrs resolves the annotations when it runs

if TYPE_CHECKING:
    from cattrs import Converter

DID_SHOW = "textDocument/didShowCompletion"
DID_PARTIALLY_ACCEPT = "textDocument/didPartiallyAcceptCompletion"


@attrs.frozen
class Item:
    """An item of an answer. ``insert_text`` is empty where the client leaves it out."""

    command: types.Command
    insert_text: str = ""


@attrs.frozen
class DidShowParams:
    """The item that is on the screen now."""

    item: Item


@attrs.frozen
class DidPartiallyAcceptParams:
    """The item a part of which was accepted: all in all the first ``accepted_length`` UTF-16 units of its text."""

    item: Item
    accepted_length: int


@attrs.frozen
class DidShow:
    """The notification :data:`DID_SHOW`."""

    params: DidShowParams
    method: str = DID_SHOW
    jsonrpc: str = "2.0"


@attrs.frozen
class DidPartiallyAccept:
    """The notification :data:`DID_PARTIALLY_ACCEPT`."""

    params: DidPartiallyAcceptParams
    method: str = DID_PARTIALLY_ACCEPT
    jsonrpc: str = "2.0"


MESSAGES: dict[str, type] = {DID_SHOW: DidShow, DID_PARTIALLY_ACCEPT: DidPartiallyAccept}


def teach(converter: Converter) -> None:
    """Teach a converter of LSP's messages to read these."""
    text, length = override(rename="insertText"), override(rename="acceptedLength")
    converter.register_structure_hook(Item, make_dict_structure_fn(Item, converter, insert_text=text))
    kind = DidPartiallyAcceptParams
    converter.register_structure_hook(kind, make_dict_structure_fn(kind, converter, accepted_length=length))
