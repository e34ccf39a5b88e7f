"""A client for the shop's services."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen


class ServiceUnavailable(Exception):
    """A service did not answer in time."""


class HttpClient:
    """Talks JSON to one service."""

    def __init__(self, base_url: str, timeout_seconds: float = 10.0) -> None:
        self.base_url = base_url
        self.timeout_seconds = timeout_seconds

    def fetch_json(self, path: str, query: dict[str, str]) -> Any:
        """Return what a GET request answers."""
        with urlopen(f"{self.base_url}{path}?{urlencode(query)}", timeout=self.timeout_seconds) as reply:
            return json.load(reply)

    def post_json(self, path: str, body: dict[str, Any]) -> Any:
        """Return what a POST request answers."""
        request = Request(self.base_url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urlopen(request, timeout=self.timeout_seconds) as reply:
            return json.load(reply)
