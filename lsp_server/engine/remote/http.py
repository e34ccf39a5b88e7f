"""HTTP to one server: JSON and event streams, limits of time, second tries, and errors in one sentence.

The only importer of httpx2. Lives in one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import ssl
import time
from typing import TYPE_CHECKING, Any

import httpx2

from lsp_server import __version__
from lsp_server.engine.remote.sse import Events
from lsp_server.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from lsp_server.engine.remote.options import RemoteOptions

log = logging.getLogger(__name__)
# One line for each key from the one, dozens from the other.
for name in ("httpx2", "httpcore2"):
    logging.getLogger(name).setLevel(logging.WARNING)

# Too many requests, and what a proxy says when the server behind it is away or starting.
BUSY = frozenset({429, 502, 503, 504})
# Seconds before the second try and the third.
PAUSES = (0.25, 1.0)
# A server may ask for a longer pause; nobody waits longer than this for a suggestion.
LONGEST_PAUSE = 3.0
UNAUTHORIZED = frozenset({401, 403})
NOT_FOUND = 404


class Refused(EngineError):
    """The server answered with another status than 200."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Unexpected(EngineError):
    """The server answered with something that no completions server sends."""


class Http:
    """One server's connections. Requests may run side by side."""

    def __init__(self, options: RemoteOptions) -> None:
        """Prepare to connect.

        Raises:
            EngineError: address or key are of no use.
        """
        self.address = options.address
        self._has_key = bool(options.key or options.login)
        self._piece_seconds = options.piece_seconds
        # Pieces shall come as they are written; a proxy that compresses them would gather some first.
        headers = {"User-Agent": f"midfill/{__version__}", "Accept-Encoding": "identity"}
        if options.key:
            if not (options.key.isascii() and options.key.isprintable()):
                raise EngineError(f"The key for {self.address} has characters that no key has: copy it anew.")
            headers["Authorization"] = f"Bearer {options.key}"
        if self._has_key and not options.is_loopback and self.address.startswith("http:"):
            log.warning("What is sent to %s can be read on the way, the key too: use https.", self.address)
        try:
            self._client = httpx2.AsyncClient(
                base_url=self.address,
                headers=headers,
                auth=None if options.key else options.login,
                timeout=httpx2.Timeout(options.piece_seconds, connect=options.connect_seconds),
                # A proxy does not know what this machine's own addresses are.
                trust_env=not options.is_loopback,
                verify=httpx2.create_ssl_context(),
            )
        except (httpx2.InvalidURL, OSError) as error:
            raise EngineError(f"Nothing can be sent to {self.address}: {error}.") from error

    async def get(self, path: str) -> Any:  # noqa: ANN401  any JSON
        """Return what the server has at a path.

        Raises:
            Refused: it answered with another status than 200.
            EngineError: it did not answer, or not with JSON.
        """
        return await self._json(self._client.build_request("GET", path))

    async def post(self, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401  any JSON
        """Return the answer to a request.

        Raises:
            Refused: the server answered with another status than 200.
            EngineError: it did not answer, or not with JSON.
        """
        return await self._json(self._client.build_request("POST", path, json=body))

    async def events(self, path: str, body: Mapping[str, object]) -> AsyncGenerator[str, None]:
        """Yield the data of each event of an answer as it comes. Closing this closes the connection.

        Raises:
            Refused: the server answered with another status than 200.
            EngineError: it did not answer, or broke off. That it was complete, only its content can say.
        """
        request = self._client.build_request("POST", path, json=body)
        async with self._answer(request) as response:
            parser, last = Events(), time.monotonic()
            async for received in response.aiter_bytes():
                for event in parser.feed(received):
                    last = time.monotonic()
                    yield event
                # A comment keeps the connection open, and is no piece of an answer.
                if time.monotonic() - last > self._piece_seconds:
                    raise self._silent()

    def unexpected(self, what: str, error: Exception) -> Unexpected:
        """Return the error for an answer that is not as it should be."""
        log.debug("%s sent %s: %r", self.address, what, error)
        return Unexpected(
            f"{self.address} sent {what}: look whether the address is that of a completions server, and not of "
            "something else or a proxy."
        )

    def broken_off(self) -> EngineError:
        """Return the error for an answer that has no end."""
        return EngineError(
            f"{self.address} broke off in the middle of an answer: the next request tries again, and the server's log "
            "may say why."
        )

    async def close(self) -> None:
        """Close the connections; what runs must have ended."""
        await self._client.aclose()

    # --- one request ---------------------------------------------------------------------------------

    async def _json(self, request: httpx2.Request) -> Any:  # noqa: ANN401  any JSON
        async with self._answer(request) as response:
            content = await response.aread()
        try:
            return json.loads(content)
        except ValueError as error:
            raise self.unexpected(f"what is not JSON from {request.url.path}", error) from error

    @contextlib.asynccontextmanager
    async def _answer(self, request: httpx2.Request) -> AsyncIterator[httpx2.Response]:
        """Send a request, give the start of its answer, and close the connection unless all of it was read."""
        response = await self._sent(request)
        try:
            self._check(response)
            yield response
        except httpx2.ReadTimeout as error:
            raise self._silent() from error
        except httpx2.HTTPError as error:
            log.debug("%s broke off", self.address, exc_info=True)
            raise self.broken_off() from error
        except ValueError as error:
            raise self.unexpected("a stream that is damaged", error) from error
        finally:
            await response.aclose()

    async def _sent(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, and once or twice more where nobody has taken it up.

        Nothing has been generated then, so the same is not done twice.
        """
        for pause in PAUSES:
            try:
                response = await self._client.send(request, stream=True)
            except (httpx2.NetworkError, httpx2.ConnectTimeout, httpx2.RemoteProtocolError) as error:
                if _is_untrusted(error):
                    raise self._unreachable(error) from error
                log.debug("%s did not take a request: %r", self.address, error)
                seconds = pause
            except httpx2.HTTPError as error:
                raise self._unreachable(error) from error
            else:
                if response.status_code not in BUSY:
                    return response
                seconds = max(pause, _asked_pause(response))
                await response.aclose()
                log.debug("%s answered %d", self.address, response.status_code)
            await asyncio.sleep(seconds)
        try:
            return await self._client.send(request, stream=True)
        except httpx2.HTTPError as error:
            raise self._unreachable(error) from error

    # --- errors --------------------------------------------------------------------------------------

    def _check(self, response: httpx2.Response) -> None:
        """Raise Refused for all but 200; what the body says may repeat the prompt, so it is not told."""
        status, path = response.status_code, response.url.path
        if status == httpx2.codes.OK:
            return
        if response.has_redirect_location:
            host = response.headers["location"].partition("?")[0].rpartition("@")[2]
            remedy = f"points to {host!r}; if you trust that, make it the server's address"
        elif status in UNAUTHORIZED and self._has_key:
            remedy = f"does not take the key ({status}): set the one that the server was given"
        elif status in UNAUTHORIZED:
            remedy = f"wants a key ({status}): set the one that the server was given"
        elif status == NOT_FOUND:
            remedy = f"has no {path} (404): look whether the address and the model are right"
        elif status in BUSY:
            remedy = f"is busy or still loading its model ({status}): try again in a moment"
        else:
            remedy = f"failed with status {status} at {path}: the server's log says why"
        raise Refused(f"{self.address} {remedy}.", status)

    def _silent(self) -> EngineError:
        return EngineError(
            f"{self.address} was silent for {self._piece_seconds:g} seconds: it has too much to do, or its model is "
            "too large for it."
        )

    def _unreachable(self, error: Exception) -> EngineError:
        log.debug("%s cannot be reached", self.address, exc_info=error)
        if isinstance(error, httpx2.ReadTimeout):
            return self._silent()
        if _is_untrusted(error):
            return EngineError(
                f"The certificate of {self.address} is not trusted: set SSL_CERT_FILE to the certificate of the "
                "authority that signed it."
            )
        if isinstance(error, httpx2.TimeoutException):
            return EngineError(f"{self.address} did not take the connection in time: look whether the server is there.")
        return EngineError(f"{self.address} cannot be reached: start the server, or correct its address.")


def _is_untrusted(error: BaseException | None) -> bool:
    """Return whether TLS refused the server's certificate."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _asked_pause(response: httpx2.Response) -> float:
    """Return the seconds that a busy server asks for, within reason; 0 where it does not."""
    try:
        return min(LONGEST_PAUSE, max(0.0, float(response.headers.get("retry-after", ""))))
    except ValueError:
        return 0.0
