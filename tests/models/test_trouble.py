"""What downloads say when there is nothing to be had, and what of the environment they hold to."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections import namedtuple
from typing import TYPE_CHECKING

import pytest

from lsp_server.models import catalogue, download
from lsp_server.models.errors import (
    DownloadError,
    DownloadRunning,
    NoNetwork,
    NoSpace,
    NoSuchModelFile,
)
from tests.models.conftest import SIZE, point_at
from tests.models.pulling import ENTRY, get, in_a_process, interrupt, parts

if TYPE_CHECKING:
    from tests.models.hub import Hub


@pytest.mark.parametrize(
    ("status", "code", "expected", "words"),
    [
        (404, "EntryNotFound", NoSuchModelFile, "has no qwen2.5-coder-1.5b-q8_0.gguf in ggml-org/"),
        (404, "RepoNotFound", NoSuchModelFile, "has no .* update midfill"),
        (404, "RevisionNotFound", NoSuchModelFile, "has no "),
        (404, "", NoSuchModelFile, "has no "),
        (401, "RepoNotFound", NoSuchModelFile, "has no "),
        (401, "GatedRepo", NoSuchModelFile, "agree at .* HF_TOKEN"),
        (403, "GatedRepo", NoSuchModelFile, "agree at .* HF_TOKEN"),
        (403, "", NoSuchModelFile, "refuses .* HF_TOKEN"),
        (429, "", NoNetwork, "HTTP 429.* later"),
        (503, "", NoNetwork, "HTTP 503.* later"),
    ],
)
def test_refusals_are_told_in_plain_words(
    hub: Hub, status: int, code: str, expected: type[DownloadError], words: str
) -> None:
    hub.refusal = (status, code)
    with pytest.raises(expected, match=words) as told:
        get()
    assert type(told.value) is expected
    assert "\n" not in str(told.value)
    assert parts() == []


def test_what_is_no_hub_is_named(hub: Hub) -> None:
    hub.is_hub = False
    with pytest.raises(NoNetwork, match=r"does not answer as the Hugging Face Hub does.*HF_ENDPOINT"):
        get()


@pytest.mark.usefixtures("hub")
def test_an_unreachable_hub_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    point_at(f"http://127.0.0.1:{port}", monkeypatch)
    with pytest.raises(NoNetwork, match=f"127.0.0.1:{port} cannot be reached: check the network"):
        get()


def test_two_downloads_of_one_model_do_not_run_at_once(hub: Hub) -> None:
    hub.stall_at = 1000
    has_begun = threading.Event()
    first = threading.Thread(target=get, args=(lambda progress: has_begun.set() if progress.done else None,))
    first.start()
    assert has_begun.wait(10)
    with pytest.raises(DownloadRunning, match="is being downloaded already"):
        get()
    with pytest.raises(DownloadRunning):
        catalogue.remove(ENTRY.name)
    hub.go_on.set()
    first.join()
    assert catalogue.path_of(ENTRY).read_bytes() == hub.body


@pytest.mark.parametrize(("begun", "free", "has_room"), [(0, 0, False), (0, SIZE, True), (1000, SIZE - 1000, True)])
def test_room_is_looked_for_before_anything_is_downloaded(
    hub: Hub, begun: int, free: int, has_room: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if begun:
        interrupt(hub, begun)
    usage = namedtuple("usage", "free")  # noqa: PYI024  what shutil returns
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(free + download.RESERVE))
    if has_room:
        assert get().read_bytes() == hub.body
        return
    with pytest.raises(NoSpace, match=r"needs 0.3 GB on the disk of .*, where 0.3 GB are free: make room"):
        get()
    assert hub.places == []


@pytest.mark.usefixtures("hub")
def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(NoSpace, match="is full: make room"):
        get()
    parts()


@pytest.mark.usefixtures("hub")
def test_a_folder_that_cannot_be_made_is_told() -> None:
    catalogue.folder().parent.mkdir(parents=True)
    catalogue.folder().write_text("a file where the folder should be")
    with pytest.raises(DownloadError, match=r"cannot be written to .* make that folder writable"):
        get()


def test_the_token_goes_to_the_hub_alone_and_no_word_about_this_machine(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    get()
    assert [request.token for request in hub.requests] == ["Bearer hf_secret", "Bearer hf_secret", ""]
    for request in hub.requests:
        assert request.agent.startswith("midfill/")
        assert "torch" not in request.agent
        assert "agent/" not in request.agent


def test_offline_mode_is_held_to(hub: Hub) -> None:
    with in_a_process(HF_ENDPOINT=hub.endpoint, HF_HUB_OFFLINE="1") as output:
        said = output.read()
    assert said == "NoNetwork HF_HUB_OFFLINE forbids downloads: unset it and try again.\n"
    assert not hub.requests


def test_a_proxy_is_gone_through(hub: Hub) -> None:
    # Nobody knows these hosts, so what arrives has come through the proxy.
    hub.files_at = "http://files.invalid"
    with in_a_process(HF_ENDPOINT="http://hub.invalid", HTTP_PROXY=hub.endpoint) as output:
        assert output.read().endswith(f"{SIZE}\n")
    assert catalogue.path_of(ENTRY).read_bytes() == hub.body
    assert [request.address.partition(".invalid")[0] for request in hub.requests] == [
        "http://hub",
        "http://hub",
        "http://files",
    ]
