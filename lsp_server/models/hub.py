"""What is asked of the Hugging Face Hub: which file it has, and the bytes of it. The only importer of huggingface_hub.

The library finds the endpoint (``HF_ENDPOINT``), the token (``HF_TOKEN`` or the one of a login), the proxies and the
certificates, holds to ``HF_HUB_OFFLINE`` and the timeouts of its variables, and asks for the file's metadata. The bytes
are read here, over its HTTP client: its own ``hf_hub_download`` (2.4) deletes what it has begun whenever it ends early,
compares no checksum, and cannot be stopped while it waits for the network. Nor is Xet used, the hub's other way to the
same bytes: it is a client of its own, in Rust, which speaks to servers that no test here can stand in for, and goes on
with nothing that an earlier process has begun. The largest file here is far below the 50 GB from which the hub insists
on it.

What goes wrong is told in plain words here; what the library said goes along as the cause.
"""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import (
    constants,
    get_hf_file_metadata,
    get_session,
    hf_hub_download,
    hf_hub_url,
    hf_raise_for_status,
)
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # exported, but not by name

from lsp_server import __version__
from lsp_server.models.errors import DamagedDownload, DownloadError, NoNetwork, NoSuchModelFile

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

# No word to the hub on what else is installed here.
constants.HF_HUB_DISABLE_TELEMETRY = True
# Both log each request, with addresses that are keys to the file for an hour, and the library to stderr by itself.
for _library in ("huggingface_hub", "httpx2"):
    logging.getLogger(_library).setLevel(logging.ERROR)

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _RANGE_NOT_SATISFIABLE = 401, 403, 404, 416


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One version of a file on the hub; ``size`` is in bytes, ``sha256`` in hexadecimal digits."""

    repository: str
    file: str
    commit: str
    size: int
    sha256: str


class Piece(NamedTuple):
    """Bytes of a file, the first of them at ``start``."""

    start: int
    data: bytes


def describe(repository: str, file: str) -> RemoteFile:
    """Ask the hub for the newest version of a file.

    Raises:
        NoNetwork: the hub cannot be reached, or does not answer as a hub does.
        NoSuchModelFile: it does not have the file, or does not give it to this user.
    """
    with _plain_words(repository, file):
        found = get_hf_file_metadata(
            hf_hub_url(repository, file),
            timeout=constants.HF_HUB_ETAG_TIMEOUT,
            library_name="midfill",
            library_version=__version__,
        )
    if not (found.commit_hash and found.size and found.etag and _SHA256.fullmatch(found.etag)):
        raise NoNetwork(
            f"{_host()} does not answer as the Hugging Face Hub does: log in to your network if it asks for that, and "
            "check HF_ENDPOINT if you have set it."
        )
    return RemoteFile(repository, file, found.commit_hash, found.size, found.etag)


def read(remote: RemoteFile, start: int) -> Generator[Piece]:
    """Yield the bytes of a file as they come, up to its end; from its front where the server knows no ranges.

    Args:
        remote: What :func:`describe` has found.
        start: How many of its bytes are not needed, less than all of them.

    Raises:
        NoNetwork: the connection has failed, or ended before the file did.
        NoSuchModelFile: the hub does not have this version any more, or does not give it to this user.
        DamagedDownload: the file has another size than the hub had announced.
    """
    # The hub sends on to another host, at an address that is good for a while: each attempt asks the hub for a new one.
    address = hf_hub_url(remote.repository, remote.file, revision=remote.commit)
    headers = build_hf_headers(library_name="midfill", library_version=__version__)
    # Compressed bytes have other positions.
    headers["accept-encoding"] = "identity"
    if start:
        headers["range"] = f"bytes={start}-"
    with (
        _plain_words(remote.repository, remote.file),
        get_session().stream("GET", address, headers=headers, timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT) as response,
    ):
        if response.status_code == _RANGE_NOT_SATISFIABLE:
            raise _other_size(remote)
        hf_raise_for_status(response)
        position, size = _extent(response)
        if position not in {0, start} or size not in {None, remote.size}:
            raise _other_size(remote)
        for data in response.iter_bytes():
            if position + len(data) > remote.size:
                raise _other_size(remote)
            yield Piece(position, data)
            position += len(data)
    if position < remote.size:
        raise NoNetwork(f"{_host()} has ended the download too early: try again, and it goes on where it has ended.")


def dataset(repository: str, file: str, revision: str, folder: Path) -> Path:
    """Return a file of a data set, from ``folder`` where it has been downloaded before.

    Data sets are small enough for the library's own download.

    Raises:
        NoNetwork: the hub cannot be reached.
        NoSuchModelFile: the hub does not have the file, or does not give it to this user.
    """
    with _plain_words(f"datasets/{repository}", file):
        try:
            found = hf_hub_download(
                repository,
                file,
                repo_type="dataset",
                revision=revision,
                library_name="midfill",
                library_version=__version__,
                cache_dir=folder,
            )
        except LocalEntryNotFoundError as error:
            # The library says so whatever has kept it from the hub; that is the cause.
            raise (error.__cause__ or OSError(str(error))) from error
    return Path(found)


def _extent(response: httpx2.Response) -> tuple[int, int | None]:
    """Return where in the file the response's body begins, and the size of the file if the response says it."""
    if match := _CONTENT_RANGE.fullmatch(response.headers.get("content-range", "")):
        return int(match[1]), None if match[2] == "*" else int(match[2])
    length = response.headers.get("content-length", "")
    return 0, int(length) if length.isdigit() else None


def _other_size(remote: RemoteFile) -> DamagedDownload:
    return DamagedDownload(
        f"{remote.file} comes in another size than the hub has announced: log in to your network if it asks for that, "
        "and try again later."
    )


def _host() -> str:
    return urlsplit(constants.ENDPOINT).netloc or constants.ENDPOINT


@contextmanager
def _plain_words(repository: str, file: str) -> Iterator[None]:
    try:
        yield
    except OfflineModeIsEnabled as error:
        raise NoNetwork("HF_HUB_OFFLINE forbids downloads: unset it and try again.") from error
    except HfHubHTTPError as error:
        raise _refusal(error, repository, file) from error
    except httpx2.ProxyError as error:
        raise NoNetwork(
            f"The proxy does not lead to {_host()}: check HTTPS_PROXY and what the proxy allows, and try again."
        ) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        raise NoNetwork(
            f"{_host()} cannot be reached: check the network, and HTTPS_PROXY and HF_ENDPOINT where you need them, and "
            "try again; what has come so far is kept."
        ) from error


def _refusal(error: HfHubHTTPError, repository: str, file: str) -> DownloadError:
    """Return what an answer with a status of 400 or more means to the user."""
    page = f"{constants.ENDPOINT}/{repository}"
    status = error.response.status_code
    if isinstance(error, GatedRepoError):
        return NoSuchModelFile(
            f"{repository} is given only to those who agree to its terms: agree at {page}, set HF_TOKEN to a token of "
            "your account, and try again."
        )
    missing = (RepositoryNotFoundError, RevisionNotFoundError, RemoteEntryNotFoundError, DisabledRepoError)
    if isinstance(error, missing) or status == _NOT_FOUND:
        return NoSuchModelFile(
            f"{_host()} has no {file} in {repository}, or not for everybody: look at {page}, and update midfill or "
            "choose another model."
        )
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        return NoSuchModelFile(
            f"{_host()} refuses {file} of {repository} to your account: correct HF_TOKEN, or unset it, for midfill's "
            "models need none."
        )
    return NoNetwork(f"{_host()} answers with an error (HTTP {status}): try again later; what has come so far is kept.")
