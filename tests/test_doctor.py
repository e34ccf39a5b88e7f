"""What the doctor finds out, with machines that are made up and nothing measured."""

from __future__ import annotations

import json
import sys
from collections import namedtuple
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lsp_server import config
from lsp_server.config import Settings
from lsp_server.context import process
from lsp_server.doctor import checks, predict
from lsp_server.doctor.advise import recommend
from lsp_server.doctor.examine import Instruments, examine
from lsp_server.doctor.findings import Check, Machine, Measured, Prediction, State, Where, to_json
from lsp_server.doctor.machine import features, look
from lsp_server.doctor.predict import ENDS, Paces
from lsp_server.engine.devices import Device, Kind
from lsp_server.engine.interface import LoadOptions, Speed
from lsp_server.engine.probe import Cost, Costs
from lsp_server.errors import EngineError, ModelDamaged
from lsp_server.models import catalogue
from lsp_server.models.catalogue import EMBEDDED_FILE, ENTRIES, get
from tests.engine.remote_script import scripted

if TYPE_CHECKING:
    from collections.abc import Callable

GB = 10**9
CELLS = 8192
CPU = Device("CPU", "A processor", Kind.CPU, 32 * GB, 32 * GB)
# Two cores: 20 GB of weights a second for a token by itself, and 60 billion multiply-adds for 32 together.
TWO_CORES = Costs({n: Cost(1e-4, n**0.5 * 5e-11) for n in (1, 2, 8, 32)}, 32)
FAST_CARD = Costs({n: Cost(1e-5, 1e-12 + n * 1e-14) for n in (1, 2, 8, 32, 128, 512)}, 512)
SLOW = Costs({n: Cost(1e-2, n * 1e-8) for n in (1, 2, 8, 32)}, 32)


def card(free: int) -> Device:
    return Device("CUDA0", "A card", Kind.GPU, free, 24 * GB)


def machine(available: int = 16 * GB, *cards: Device) -> Machine:
    return Machine("A processor", 2, 32 * GB, available, "Linux 6, x86_64", (CPU, *cards), ("AVX2",))


def predicted(found: Machine, paces: Paces | None = Paces(TWO_CORES)) -> list[Prediction]:  # noqa: B008  frozen
    return [predict.predict(entry, found, CELLS, paces) for entry in ENTRIES]


# --- the machine -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CPU : SSE3 = 1 | AVX = 1 | AVX512 = 0 | REPACK = 1 | ", ("SSE3", "AVX", "REPACK")),
        ("CUDA : ARCHS = 750,800 | USE_GRAPHS = 1 | CPU : AVX2 = 1 | ", ("ARCHS 750,800", "USE_GRAPHS", "AVX2")),
        ("", ()),
        ("something else", ()),
    ],
)
def test_the_features_of_a_build(text: str, expected: tuple[str, ...]) -> None:
    assert features(text) == expected


def test_this_machine() -> None:
    found = look([CPU], "CPU : AVX2 = 1 | ")
    assert found.processor == "A processor"
    assert found.cores > 0
    assert 0 < found.available <= found.memory
    assert found.system
    assert look([], "").processor


# --- predictions -------------------------------------------------------------------------------------


def test_the_ends_of_each_model_of_the_catalogue_are_known() -> None:
    assert set(ENDS) == {entry.size for entry in ENTRIES}
    for entry in ENTRIES:
        ends = ENDS[entry.size]
        # Two thirds of the smallest model, nearly all of the largest: what is left has whole layers.
        assert 0.6 < (entry.parameters - ends.copies * ends.values) / entry.parameters < 1
        assert ends.hidden % entry.head_dimension == 0


def test_a_token_costs_all_weights_once() -> None:
    entry = get("1.5b")
    # 1.54 billion numbers at 5e-11 s each, and 28 layers of 0.1 ms.
    token = 1.54e9 * 5e-11 + 28e-4
    typing = predict.seconds(entry, TWO_CORES, predict.KEY)
    assert typing == pytest.approx(16.4 * token, rel=0.02)


def test_the_matrix_of_the_logits_counts_once_in_reading() -> None:
    entry = get("0.5b")
    layers = entry.parameters - ENDS["0.5B"].values
    costs = Costs({n: Cost(0.0, n * 1e-12) for n in (1, 2, 8, 32)}, 32)
    reading = predict.seconds(entry, costs, 300) - 15 * entry.parameters * 1e-12
    assert reading == pytest.approx(300 * layers * 1e-12 + ENDS["0.5B"].values * 1e-12, rel=0.02)


@pytest.mark.parametrize(("costs", "size"), [(TWO_CORES, 8), (FAST_CARD, 512), (SLOW, 8)])
def test_prompts_are_read_in_the_slices_that_the_engine_takes(costs: Costs, size: int) -> None:
    assert predict._slice(get("1.5b"), costs) == size


def test_weights_that_are_packed_tighter_are_written_faster() -> None:
    large = get("32b")
    as_large = replace(large, size_bytes=large.parameters * 34 // 32)
    assert predict.seconds(large, TWO_CORES, 2) < 0.7 * predict.seconds(as_large, TWO_CORES, 2)


@pytest.mark.parametrize(
    ("found", "size", "where"),
    [
        (machine(), "7B", Where.PROCESSOR),
        (machine(), "14B", Where.NOWHERE),
        (machine(1 * GB), "1.5B", Where.NOWHERE),
        (machine(16 * GB, card(24 * GB)), "14B", Where.CARD),
        (machine(1 * GB, card(24 * GB)), "14B", Where.CARD),
        (machine(16 * GB, card(6 * GB)), "7B", Where.BOTH),
        (machine(1 * GB, card(6 * GB)), "7B", Where.NOWHERE),
    ],
)
def test_where_a_model_would_run(found: Machine, size: str, where: Where) -> None:
    has_card = len(found.devices) > 1
    paces = Paces(TWO_CORES, FAST_CARD if has_card else None)
    prediction = predict.predict(get(size), found, CELLS, paces)
    assert prediction.where is where
    assert (prediction.typing is None) == (where is Where.NOWHERE)
    assert (prediction.new_place is None) == (where is Where.NOWHERE)
    assert prediction.memory == catalogue.memory_bytes(get(size), CELLS)


def test_a_part_on_a_card_helps_as_far_as_it_goes() -> None:
    times = []
    for room in (0, 4 * GB, 6 * GB, 24 * GB):
        prediction = predict.predict(get("7b"), machine(16 * GB, card(room)), CELLS, Paces(TWO_CORES, FAST_CARD))
        assert prediction.typing is not None
        times.append(prediction.typing)
    assert times == sorted(times, reverse=True)
    assert len(set(times)) == len(times)


def test_a_card_that_the_settings_leave_out_does_not_count() -> None:
    prediction = predict.predict(get("7b"), machine(16 * GB, card(24 * GB)), CELLS, Paces(TWO_CORES))
    assert (prediction.where, prediction.layers_on_card) == (Where.PROCESSOR, 0)


def test_without_a_measurement_there_is_memory_and_no_time() -> None:
    for prediction in predicted(machine(), None):
        assert prediction.memory > prediction.entry.size_bytes
        assert prediction.typing is None


# --- the recommendation ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "paces", "latency_ms", "model", "command"),
    [
        (machine(), Paces(TWO_CORES), 1000, "qwen2.5-coder-0.5b", "midfill models use 0.5b"),
        (machine(), Paces(TWO_CORES), 2000, "qwen2.5-coder-1.5b", "midfill models use 1.5b"),
        # The 3B model would keep up; its licence is for research.
        (machine(), Paces(TWO_CORES), 3500, "qwen2.5-coder-1.5b", "midfill models use 1.5b"),
        (machine(), Paces(TWO_CORES), 60000, "qwen2.5-coder-7b", "midfill models use 7b"),
        (machine(2 * GB), Paces(TWO_CORES), 60000, "qwen2.5-coder-0.5b", "midfill models use 0.5b"),
        (machine(16 * GB, card(24 * GB)), Paces(TWO_CORES, FAST_CARD), 1000, "qwen2.5-coder-32b", ""),
        (machine(), Paces(SLOW), 1000, "qwen2.5-coder-0.5b", "midfill models use 0.5b"),
        (machine(GB // 2), Paces(TWO_CORES), 1000, "tiny", "midfill models use tiny"),
        (machine(), None, 1000, "tiny", "midfill models use tiny"),
    ],
)
def test_the_largest_model_that_keeps_up(
    found: Machine, paces: Paces | None, latency_ms: int, model: str, command: str
) -> None:
    advice = recommend(predicted(found, paces), latency_ms, {"tiny"}, chosen="qwen2.5-coder-32b")
    assert (advice.model, advice.command) == (model, command)
    assert advice.reason.endswith(".")


@pytest.mark.parametrize(
    ("installed", "chosen", "command"),
    [
        ({"tiny"}, "tiny", "midfill models use 0.5b"),
        ({"tiny", "qwen2.5-coder-0.5b"}, "tiny", "midfill models use qwen2.5-coder-0.5b"),
        ({"tiny", "qwen2.5-coder-0.5b"}, "qwen2.5-coder-0.5b", ""),
    ],
)
def test_the_command_that_brings_it_into_use(installed: set[str], chosen: str, command: str) -> None:
    assert recommend(predicted(machine()), 1000, installed, chosen).command == command


def test_the_reason_has_the_times() -> None:
    reason = recommend(predicted(machine()), 1000, {"tiny"}, "tiny").reason
    assert "under an open licence" in reason
    assert "about 445 ms, and `latencyMs` allows 1.0 s" in reason
    assert "the fastest" in recommend(predicted(machine(), Paces(SLOW)), 1000, {"tiny"}, "tiny").reason
    assert "close other programs" in recommend(predicted(machine(GB // 2)), 1000, {"tiny"}, "tiny").reason
    assert "could not be measured" in recommend(predicted(machine(), None), 1000, {"tiny"}, "tiny").reason


# --- checks ------------------------------------------------------------------------------------------


def states(found: tuple[Check, ...]) -> list[State]:
    return [check.state for check in found]


def test_settings_that_are_not_usable_are_named() -> None:
    found = config.merge([config.Source("a file", {"maxTokens": "many", "colour": 1})])
    assert states(checks.settings(found)) == [State.PROBLEM, State.PROBLEM]
    assert "a file: `maxTokens` cannot be 'many'" in checks.settings(found)[0].finding
    assert states(checks.settings(config.merge([]))) == [State.GOOD]


def measured(path: Path, problem: str = "") -> Measured:
    return Measured("own", path, GB, None if problem else Speed(100, 10), problem)


def test_the_chosen_model(tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    path.write_bytes(b"GGUF")
    assert checks.model(str(path), [measured(path)]).state is State.GOOD
    broken = checks.model(str(path), [measured(path, "llama.cpp cannot load it: get it again.")])
    assert (broken.state, broken.finding, broken.remedy) == (
        State.PROBLEM,
        "llama.cpp cannot load it.",
        "Get it again.",
    )
    gone = checks.model("1.5b", [])
    assert (gone.state, gone.remedy) == (State.PROBLEM, "Get it with `midfill models pull qwen2.5-coder-1.5b`.")
    assert checks.model("tiny", [measured(EMBEDDED_FILE)]).state is State.NOTE


def test_a_folder_is_looked_at_where_it_would_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "not" / "yet"
    assert checks.folder("cache", path, 1000).state is State.GOOD
    assert not list(tmp_path.iterdir())
    usage = namedtuple("usage", "total used free")  # noqa: PYI024  what shutil returns
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage(GB, 0, GB))
    assert checks.folder("cache", path, GB).state is State.GOOD
    full = checks.folder("cache", path, 2 * GB)
    assert (full.state, "1.0 GB of room, and 2.0 GB" in full.finding) == (State.PROBLEM, True)


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    found = checks.folder("state", tmp_path, 0)
    assert (found.key, found.state) == ("state", State.PROBLEM)
    assert "(Permission denied)" in found.finding


async def test_the_process_that_reads_other_files_answers(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f() -> None: ...\n")
    assert (await checks.index(Settings(), tmp_path)).state is State.GOOD


async def test_a_process_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "COMMAND", ("-c", "import sys; sys.stdin.read()"))
    found = await checks.index(Settings(), tmp_path, seconds=0.01)
    assert (found.state, "lsp_server.context" in found.remedy) == (State.PROBLEM, True)


async def test_an_index_that_is_off_is_only_noted(tmp_path: Path) -> None:
    assert (await checks.index(Settings(index="off"), tmp_path)).state is State.NOTE


@pytest.mark.parametrize(("busy", "state"), [(3.0, State.GOOD), (80.0, State.NOTE)])
def test_other_programs(busy: float, state: State) -> None:
    assert checks.load(busy).state is state


def test_the_command_is_found_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert checks.command().state is State.PROBLEM
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    assert checks.command().finding == "Editors find /bin/midfill."


@pytest.mark.parametrize(
    ("folder", "state"),
    [
        ("", State.NOTE),
        (".vscode/extensions", State.PROBLEM),
        (".vscode/extensions/midfill.midfill-0.4.0", State.GOOD),
        (".vscode-insiders/extensions/midfill.midfill-0.4.0", State.GOOD),
        (".local/share/code-server/extensions/midfill.midfill-0.4.0-linux-x64", State.GOOD),
        (".vscode/extensions/other.midfill-0.4.0", State.PROBLEM),
    ],
)
def test_the_extension_for_vs_code(tmp_path: Path, folder: str, state: State) -> None:
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    assert checks.vscode(tmp_path).state is state


@pytest.mark.parametrize(
    ("says", "state"),
    [
        ("NVIM v0.12.0-dev-1+g1\nBuild type: Release", State.GOOD),
        ("NVIM v0.10.4", State.GOOD),
        ("NVIM v0.9.5", State.PROBLEM),
        ("what?", State.PROBLEM),
        ("NVIM vx.y", State.PROBLEM),
    ],
)
def test_neovim(says: str, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    result = namedtuple("result", "stdout")  # noqa: PYI024  as much of subprocess' as is read
    monkeypatch.setattr("shutil.which", lambda _name: "nvim")
    monkeypatch.setattr("subprocess.run", lambda *_arguments, **_options: result(says))
    assert checks.neovim().state is state


def test_a_neovim_that_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: str(tmp_path / "nvim"))
    assert checks.neovim().state is State.PROBLEM
    monkeypatch.setattr("shutil.which", lambda _name: None)
    assert checks.neovim().state is State.NOTE


# --- all of it ---------------------------------------------------------------------------------------


def speed_of_all(_path: Path, _options: LoadOptions) -> Speed:
    return Speed(100, 10)


def instruments(
    speed: Callable[[Path, LoadOptions], Speed] = speed_of_all,
    costs: Callable[[LoadOptions], Costs] = lambda _options: TWO_CORES,
    devices: tuple[Device, ...] = (CPU,),
) -> Instruments:
    return Instruments(lambda: devices, speed, costs, lambda: 5.0)


@pytest.fixture(autouse=True)
def _without_editors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)


def test_the_server_elsewhere_is_asked_where_one_is_named() -> None:
    assert checks.server(Settings()) == ()
    with scripted() as script:
        (found,) = checks.server(Settings(server_url=script.url))
        assert found == Check("server", State.GOOD, f"{script.url} answers, and has coder.")
    (found,) = checks.server(Settings(server_url=script.url))
    assert found.state is State.PROBLEM
    assert script.url in found.finding
    assert found.remedy


def test_an_examination(tmp_path: Path) -> None:
    steps: list[str] = []
    found = examine(
        config.merge([]),
        tmp_path,
        "CPU : AVX2 = 1 | ",
        instruments=instruments(),
        on_step=steps.append,
    )
    assert [model.name for model in found.measured] == ["tiny"]
    assert [prediction.entry for prediction in found.predictions] == list(ENTRIES)
    assert (found.chosen, found.latency_ms) == ("tiny", 1000)
    keys = ["settings", "model", "speed", "load", "cache", "state", "index", "command", "vscode", "neovim"]
    assert [check.key for check in found.checks] == keys
    assert found.has_problems, "midfill is not on PATH"
    assert "measuring tiny" in steps
    assert json.loads(json.dumps(to_json(found)))["recommendation"]["command"]


def test_a_chosen_file_outside_of_the_folder_is_measured_too(tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    path.write_bytes(b"GGUF")
    loaded = config.merge([config.Source("test", {"model": str(path), "index": "off"})])
    found = examine(loaded, tmp_path, "", instruments=instruments())
    assert [(model.name, model.speed) for model in found.measured] == [
        ("tiny", Speed(100, 10)),
        ("own", Speed(100, 10)),
    ]
    assert found.chosen == "own"


def test_each_model_is_loaded_as_the_settings_say_and_nothing_is_kept(tmp_path: Path) -> None:
    seen: list[LoadOptions] = []

    def remember(_path: Path, options: LoadOptions) -> Speed:
        seen.append(options)
        return Speed(1, 1)

    loaded = config.merge([config.Source("test", {"threads": 3, "kvCache": "q8_0", "index": "off"})])
    examine(loaded, tmp_path, "", instruments=instruments(remember))
    assert [(options.threads, options.cache_type, options.folder) for options in seen] == [(3, "q8_0", None)]


def test_cards_are_measured_besides_the_processor_unless_the_settings_leave_them_out(tmp_path: Path) -> None:
    asked: list[int] = []

    def costs(options: LoadOptions) -> Costs:
        asked.append(options.gpu_layers)
        return FAST_CARD if options.gpu_layers else TWO_CORES

    made = instruments(costs=costs, devices=(CPU, card(24 * GB)))
    for layers in (-1, 0):
        loaded = config.merge([config.Source("test", {"gpuLayers": layers, "index": "off"})])
        found = examine(loaded, tmp_path, "", instruments=made)
        assert (found.predictions[3].where is Where.CARD) == (layers == -1)
    assert asked == [0, -1, 0]


def test_what_goes_wrong_is_a_finding(tmp_path: Path) -> None:
    def no_speed(_path: Path, _options: LoadOptions) -> Speed:
        raise ModelDamaged("llama.cpp cannot load it: get it again.")

    def no_costs(_options: LoadOptions) -> Costs:
        raise EngineError("The disk is full: make room.")

    loaded = config.merge([config.Source("test", {"model": "7b", "index": "off"})])
    found = examine(loaded, tmp_path, "", instruments=instruments(no_speed, no_costs))
    problems = {check.key: check for check in found.checks if check.state is State.PROBLEM}
    assert found.measured[0].problem == "llama.cpp cannot load it: get it again."
    assert problems["speed"].finding == "The disk is full."
    assert problems["speed"].remedy == "Make room."
    assert "models pull qwen2.5-coder-7b" in problems["model"].remedy
    assert all(prediction.typing is None for prediction in found.predictions)


def test_a_model_that_needs_more_memory_than_is_free_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "OVERHEAD_BYTES", 10**18)
    loaded = config.merge([config.Source("test", {"index": "off"})])
    found = examine(loaded, tmp_path, "", instruments=instruments(lambda *_: sys.exit("it was loaded")))
    assert found.measured[0].speed is None
    assert "needs more than the" in found.measured[0].problem
