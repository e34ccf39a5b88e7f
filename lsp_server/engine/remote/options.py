"""Which server, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from lsp_server.addresses import is_loopback
from lsp_server.errors import EngineError


@dataclass(frozen=True, slots=True)
class RemoteOptions:
    """A server that completes text.

    ``base_url`` is an ``http`` or ``https`` address, with or without ``/v1``; it may hold ``user:password@``. ``model``
    is one of those that the server has, "" for its first. ``key`` is sent as a bearer token, "" for none.

    ``connect_seconds`` is how long a connection may take, ``piece_seconds`` how long the server may be silent: until
    the first piece of an answer, and between two. ``context_length`` in tokens is for servers that do not tell theirs,
    0 to be cautious; where the server tells one, the smaller holds.
    """

    # Neither a password nor the key may reach a log by way of a repr.
    base_url: str = field(repr=False)
    model: str = ""
    key: str = field(default="", repr=False)
    connect_seconds: float = 2.0
    piece_seconds: float = 20.0
    context_length: int = 0

    @property
    def address(self) -> str:
        """The address without user, password, query and ``/v1``, fit for messages.

        Raises:
            EngineError: ``base_url`` is no address of a server.
        """
        parts = self._parts()
        path = parts.path.rstrip("/").removesuffix("/v1").rstrip("/")
        return urlunsplit((parts.scheme.lower(), parts.netloc.rpartition("@")[2], path, "", ""))

    @property
    def login(self) -> tuple[str, str] | None:
        """User and password, where ``base_url`` holds them."""
        parts = self._parts()
        return (unquote(parts.username), unquote(parts.password or "")) if parts.username else None

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine, as far as the address says so."""
        return is_loopback(self.base_url)

    def _parts(self) -> SplitResult:
        try:
            parts = urlsplit(self.base_url.strip())
            is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_usable = False
        if not is_usable:
            # The text itself may hold a password, so it is not repeated.
            raise EngineError("The server's address is none: write it as http://HOST:PORT or https://HOST.")
        return parts
