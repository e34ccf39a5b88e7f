"""Settings from several sources, and what is said of bad ones."""

from __future__ import annotations

import attrs
import pytest

from lsp_server import config
from lsp_server.config import Settings, Source


def test_the_defaults_are_valid() -> None:
    assert config.load([]) == (Settings(), ())


def test_every_setting_explains_itself() -> None:
    for field in attrs.fields(Settings):
        assert field.metadata["help"].endswith("."), field.name


def test_the_stronger_source_wins_key_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    config.user_file().parent.mkdir(parents=True)
    config.user_file().write_text("maxTokens = 20\ncontextTokens = 20\nthreads = 2\n")
    for variable in ("MIDFILL_MAX_TOKENS", "MIDFILL_CONTEXT_TOKENS", "MIDFILL_THREADS", "MIDFILL_GPU_LAYERS"):
        monkeypatch.setenv(variable, "3")
    editor = [Source("the editor's settings", {"maxTokens": 10}), Source("initializationOptions", {"maxTokens": 11})]
    settings, warnings = config.load([*editor, Source("initializationOptions", {"contextTokens": 15})])
    assert warnings == ()
    assert (settings.max_tokens, settings.context_tokens, settings.threads, settings.gpu_layers) == (10, 15, 2, 3)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("maxTokens", -1),
        ("promptTokens", 100),
        ("ahead", "sometimes"),
        ("maxTokens", "64"),
        ("maxTokens", True),
        ("maxTokens", 1.5),
        ("maxTokens", None),
        ("enabled", 1),
        ("model", ["a"]),
        ("logLevel", "loud"),
        ("max_tokens", 10),
        ("nonsense", 1),
        ("", 1),
    ],
)
def test_what_does_not_fit_gives_one_warning_and_changes_nothing(key: str, value: object) -> None:
    settings, warnings = config.merge([Source("here", {key: value, "threads": 5})])
    assert settings == Settings(threads=5)
    (warning,) = warnings
    assert "here" in warning
    assert f"`{key}`" in warning


def test_a_bad_value_leaves_the_weaker_source_in_force() -> None:
    settings, warnings = config.merge([Source("editor", {"maxTokens": -5}), Source("file", {"maxTokens": 7})])
    assert settings.max_tokens == 7
    assert len(warnings) == 1


@pytest.mark.parametrize("content", [b"maxTokens = ", b"\xff", b"[[["])
def test_an_unreadable_file_gives_one_warning(content: bytes) -> None:
    config.user_file().parent.mkdir(parents=True)
    config.user_file().write_bytes(content)
    settings, warnings = config.load([])
    assert settings == Settings()
    assert len(warnings) == 1
    assert str(config.user_file()) in warnings[0]


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("MIDFILL_ENABLED", "false", Settings(enabled=False)),
        ("MIDFILL_ENABLED", "1", Settings()),
        ("MIDFILL_MODEL", "/a.gguf", Settings(model="/a.gguf")),
        ("MIDFILL_GPU_LAYERS", "-1", Settings(gpu_layers=-1)),
        ("MIDFILL_LATENCY_MS", "900", Settings(latency_ms=900)),
    ],
)
def test_the_environment(variable: str, text: str, expected: Settings) -> None:
    assert config.merge([config.from_environment({variable: text, "PATH": "x"})]) == (expected, ())


@pytest.mark.parametrize(("variable", "text"), [("MIDFILL_MAX_TOKENS", "many"), ("MIDFILL_TYPO", "1")])
def test_a_bad_variable_is_named(variable: str, text: str) -> None:
    settings, (warning,) = config.merge([config.from_environment({variable: text})])
    assert settings == Settings()
    assert "environment" in warning
