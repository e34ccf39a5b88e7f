"""Downloads from a hub on this machine (tests/models/hub.py): the right bytes, whatever happens on the way."""

from __future__ import annotations

import itertools
import random
import time
from typing import TYPE_CHECKING

import pytest

from lsp_server.models import catalogue, download, partial
from lsp_server.models.errors import (
    DamagedDownload,
    DownloadCancelled,
    NoNetwork,
)
from tests.models.conftest import SIZE
from tests.models.hub import COMMIT, Hub, content
from tests.models.pulling import ENTRY, checksum_of, get, has_arrived, in_a_process, interrupt, parts

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.models.progress import Progress


def test_a_model_gets_its_name_and_nothing_else_stays(hub: Hub, user_folder: Path) -> None:
    path = get()
    assert path == catalogue.find("qwen2.5-coder-1.5b")
    assert path.read_bytes() == hub.body
    files = {file.name for file in user_folder.rglob("*") if file.is_file()}
    assert files == {"qwen2.5-coder-1.5b.gguf", ".qwen2.5-coder-1.5b.lock"}
    asked = [(request.method, request.address) for request in hub.requests]
    resolve = f"/{ENTRY.repository}/resolve"
    assert asked == [
        ("HEAD", f"{resolve}/main/{ENTRY.file}"),
        ("GET", f"{resolve}/{COMMIT}/{ENTRY.file}"),
        ("GET", f"/files/{ENTRY.file}"),
    ]


def test_what_is_there_is_not_asked_for(hub: Hub) -> None:
    catalogue.folder().mkdir(parents=True)
    catalogue.path_of(ENTRY).write_bytes(b"GGUF")
    assert get().read_bytes() == b"GGUF"
    assert not hub.requests


@pytest.mark.usefixtures("hub")
def test_progress_grows_to_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsp_server.models.progress.BETWEEN_REPORTS", 0.0)
    told: list[Progress] = []
    get(told.append)
    assert [progress.total for progress in told] == [SIZE] * len(told)
    done = [progress.done for progress in told]
    assert (done[0], done[-1]) == (0, SIZE)
    assert len(done) > 3
    assert done == sorted(done)
    assert done.count(SIZE) == 1


@pytest.mark.parametrize("place", [0, 1, 2, 65_535, 65_536, SIZE // 2, SIZE - 1])
def test_a_download_goes_on_where_it_was_interrupted(hub: Hub, place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.cuts = [place]
    with monkeypatch.context() as patch:
        patch.setattr(download, "PAUSES", ())
        with pytest.raises(NoNetwork, match="try again"):
            get()
    assert [part.read_bytes() for part in parts()] == [hub.body[:place]]
    told: list[Progress] = []
    assert get(told.append).read_bytes() == hub.body
    assert hub.places == [0, place]
    assert told[0].done == place


def test_a_hundred_broken_connections_cost_no_byte_twice(hub: Hub) -> None:
    def never_named(_: Progress) -> None:
        assert not catalogue.path_of(ENTRY).exists()

    dice = random.Random(1)
    hub.cuts = [dice.randrange(1, SIZE // 100) for _ in range(100)]
    expected = [sum(hub.cuts[:number]) for number in range(101)]
    assert get(never_named).read_bytes() == hub.body
    assert hub.places == expected


def test_a_hundred_interrupted_downloads_end_well(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PAUSES", ())
    dice = random.Random(2)
    hub.cuts = [dice.randrange(SIZE // 100) for _ in range(100)]
    for _ in range(100):
        with pytest.raises(NoNetwork):
            get()
        (part,) = parts()
        assert hub.body.startswith(part.read_bytes())
    assert get().read_bytes() == hub.body


def test_a_connection_that_brings_nothing_is_given_up(hub: Hub) -> None:
    hub.cuts = [1000, *[0] * 99]
    with pytest.raises(NoNetwork):
        get()
    assert hub.places == [0, *[1000] * len(download.PAUSES)]


def test_an_error_of_the_server_is_waited_out(hub: Hub) -> None:
    hub.broken_files = 3
    assert get().read_bytes() == hub.body


def test_a_server_without_ranges_sends_all_again(hub: Hub) -> None:
    hub.knows_ranges = False
    hub.cuts = [SIZE // 2, SIZE // 3]
    told: list[Progress] = []
    assert get(told.append).read_bytes() == hub.body
    assert hub.places == [0, SIZE // 2, SIZE // 2]
    done = [progress.done for progress in told]
    assert done == sorted(done)


def test_damaged_bytes_never_get_the_name(hub: Hub) -> None:
    right, hub.body = hub.body, hub.body[:-1] + bytes([hub.body[-1] ^ 1])
    hub.checksum = checksum_of(right)
    with pytest.raises(DamagedDownload, match="download it again"):
        get()
    assert parts() == []
    hub.body = right
    hub.requests.clear()
    assert get().read_bytes() == right
    assert hub.places == [0]


def test_a_damaged_start_on_the_disk_never_gets_the_name(hub: Hub) -> None:
    interrupt(hub, SIZE // 2)
    (part,) = parts()
    part.write_bytes(bytes(SIZE // 2))
    with pytest.raises(DamagedDownload):
        get()
    assert parts() == []
    assert get().read_bytes() == hub.body


def test_another_version_is_not_put_on_top_of_the_start_of_the_first(hub: Hub) -> None:
    interrupt(hub, SIZE // 2)
    hub.body = content(SIZE + 1)
    hub.requests.clear()
    assert get().read_bytes() == hub.body
    assert hub.places == [0]
    assert partial.files(catalogue.folder(), ENTRY.name) == []


@pytest.mark.parametrize("says_lengths", [True, False])
@pytest.mark.parametrize("knows_ranges", [True, False])
@pytest.mark.parametrize("difference", [-10, 10])
def test_a_file_of_another_size_never_gets_the_name(
    hub: Hub, says_lengths: bool, knows_ranges: bool, difference: int
) -> None:
    hub.announced = SIZE + difference
    hub.says_lengths, hub.knows_ranges = says_lengths, knows_ranges
    with pytest.raises((DamagedDownload, NoNetwork), match="again"):
        get()
    parts()


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_a_page_in_place_of_the_file_spoils_nothing(hub: Hub, knows_ranges: bool) -> None:
    interrupt(hub, SIZE // 2)
    hub.announced, hub.checksum, hub.knows_ranges = SIZE, checksum_of(hub.body), knows_ranges
    right, hub.body = hub.body, b"<html>Log in to the network of this hotel</html>"
    with pytest.raises(DamagedDownload, match="log in"):
        get()
    assert [part.read_bytes() for part in parts()] == [right[: SIZE // 2]]


@pytest.mark.parametrize("stall", ["before the first answer", "amid the file"])
def test_a_stalled_download_stops_within_a_second(hub: Hub, stall: str) -> None:
    hub.stalls_at_once = stall == "before the first answer"
    hub.stall_at = 1000
    asked, stalled = [time.monotonic()], list[bool]()

    def should_stop() -> bool:
        asked.append(time.monotonic())
        # From then on the client waits for the server.
        stalled.append(bool(hub.requests) if hub.stalls_at_once else has_arrived(1000))
        return stalled.count(True) > 3

    with pytest.raises(DownloadCancelled, match="goes on from here"):
        get(should_stop=should_stop)
    asked.append(time.monotonic())
    assert max(later - earlier for earlier, later in itertools.pairwise(asked)) < 1
    assert [part.stat().st_size for part in parts()] == ([] if hub.stalls_at_once else [1000])
    hub.stalls_at_once, hub.stall_at = False, None
    assert get().read_bytes() == hub.body


def test_the_check_of_a_whole_file_can_be_stopped(hub: Hub) -> None:
    at_the_end: list[bool] = []
    with pytest.raises(DownloadCancelled):
        get(lambda progress: at_the_end.append(progress.done == SIZE), lambda: at_the_end[-1:] == [True])
    assert [part.stat().st_size for part in parts()] == [SIZE]
    hub.requests.clear()
    assert get().read_bytes() == hub.body
    assert hub.places == []


def test_a_killed_process_leaves_what_it_had(hub: Hub) -> None:
    hub.stall_at = SIZE // 2
    with in_a_process(HF_ENDPOINT=hub.endpoint) as output:
        while int(output.readline()) == 0:
            pass
    (part,) = parts()
    size = part.stat().st_size
    assert 0 < size <= SIZE // 2
    hub.stall_at = None
    assert get().read_bytes() == hub.body
    assert hub.places == [0, size]
