"""Settings: their names, defaults and ranges, and how several sources become one.

Sources, the stronger first: the editor (``workspace/configuration``, section ``midfill``, and then
``initializationOptions``), the user's file, the environment. A key that is unknown or a value that
does not fit gives one warning that names it, and the next source's value stays in force.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs
from cattrs import BaseValidationError, Converter
from cattrs.gen import make_dict_structure_fn, override
from platformdirs import user_config_path, user_state_path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from lsp_server import power
from lsp_server.addresses import is_loopback

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT_PREFIX = "MIDFILL_"
# Variables that begin alike: a key is no setting, which a log could show.
NO_SETTINGS = {"MIDFILL_SERVER_KEY"}
INDEXES = ("disk", "memory", "off")
MULTILINE = ("auto", "never", "always")
FLASH_ATTENTION = ("auto", "on", "off")
KV_CACHES = ("f16", "q8_0")
LOG_LEVELS = ("debug", "info", "warning", "error")


# What a number may be, both ends included.
Range = tuple[int, int]


def _within(range_: Range) -> Any:  # noqa: ANN401  attrs' own type for validators
    return attrs.validators.and_(attrs.validators.ge(range_[0]), attrs.validators.le(range_[1]))


def _on(about: str) -> Any:  # noqa: ANN401  attrs' own type for fields
    return attrs.field(default=True, metadata={"help": about})


def _text(default: str, about: str) -> Any:  # noqa: ANN401  as above
    return attrs.field(default=default, metadata={"help": about})


def _choice(choices: tuple[str, ...], default: str, about: str) -> Any:  # noqa: ANN401  as above
    validator = attrs.validators.in_(choices)
    return attrs.field(default=default, validator=validator, metadata={"help": about, "choices": choices})


def _number(default: int, range_: Range, about: str) -> Any:  # noqa: ANN401  as above
    return attrs.field(default=default, validator=_within(range_), metadata={"help": about, "range": range_})


def _number_or_zero(range_: Range, about: str) -> Any:  # noqa: ANN401  as above
    validator = attrs.validators.or_(attrs.validators.in_([0]), _within(range_))
    return attrs.field(default=0, validator=validator, metadata={"help": about, "range": (0, range_[1])})


def _patterns(about: str) -> Any:  # noqa: ANN401  as above
    return attrs.field(default=(), metadata={"help": about})


def _choices_by_name(choices: tuple[str, ...], about: str) -> Any:  # noqa: ANN401  as above
    validator = attrs.validators.deep_mapping(
        attrs.validators.instance_of(str), attrs.validators.in_(choices), attrs.validators.instance_of(dict)
    )
    return attrs.field(factory=dict, validator=validator, metadata={"help": about, "choices": choices})


@attrs.frozen
class Settings:
    """All settings; in files and editors each bears its name in camel case, ``maxTokens``.

    What the editors' own pages of settings say is generated from these fields: `python -m editors.generate`.
    """

    enabled: bool = _on("Whether to suggest anything.")
    model: str = _text("tiny", "A name from `midfill models`, or the path of a GGUF.")
    latency_ms: int = _number(
        1000,
        (50, 60000),
        "How long a suggestion may take, in milliseconds; sizes that are left open follow from it.",
    )
    prompt_tokens: int = _number_or_zero((128, 32768), "The most tokens of a prompt; 0 lets midfill choose.")
    context_tokens: int = _number(
        -1, (-1, 32768), "How many of them may come from other files; -1 lets midfill choose."
    )
    max_tokens: int = _number(0, (0, 1024), "The most tokens of a suggestion; 0 lets midfill choose.")
    ahead: str = _choice(power.CHOICES, "auto", "Work ahead in typing pauses: auto (not on battery), always or never.")
    state_megabytes: int = _number(
        1000, (0, 1_000_000), "Disk space for evaluated prompts, so that the next start is warm; 0 for none."
    )
    exclude: tuple[str, ...] = _patterns(
        "Files that no suggestion learns from, as in a .gitignore: a list of patterns."
    )
    secrets: tuple[str, ...] = _patterns(
        "Names of files that are never read, besides the usual ones: a list of patterns."
    )
    largest_file: int = _number(
        256, (1, 100_000), "Larger files are not read for other files' suggestions, in kilobytes."
    )
    index: str = _choice(
        INDEXES, "disk", "Where the index of the workspace is kept between runs: disk, memory (nowhere), or off."
    )
    multiline: str = _choice(
        MULTILINE,
        "auto",
        "Several lines at once: auto (where a block begins or the line is blank), never or always.",
    )
    multiline_by_language: Mapping[str, str] = _choices_by_name(
        MULTILINE, 'The same for single languages: {"python": "never"}.'
    )
    confidence: int = _number(
        20, (0, 100), "How sure the model has to be, in per cent; 0 shows all, more shows fewer and better."
    )
    disabled_languages: tuple[str, ...] = _patterns(
        "Languages without suggestions, as editors call them: a list such as markdown, plaintext."
    )
    disabled_files: tuple[str, ...] = _patterns("Files without suggestions, as in a .gitignore: a list of patterns.")
    count_usage: bool = _on("Whether to count on this machine what is shown and accepted, for `midfill stats`.")
    threads: int = _number(0, (0, 1024), "Threads of llama.cpp; 0 lets midfill choose.")
    gpu_layers: int = _number(-1, (-1, 1024), "Layers kept on the GPU; -1 for all that it takes.")
    flash_attention: str = _choice(
        FLASH_ATTENTION, "auto", "llama.cpp's flash attention: auto (on graphics cards), on or off."
    )
    kv_cache: str = _choice(
        KV_CACHES,
        "f16",
        "How llama.cpp keeps what it has read: f16, or q8_0 in half the memory (with flash attention).",
    )
    server_url: str = _text(
        "",
        "A llama-server or an OpenAI-compatible server that writes instead of the local model: its address. "
        "Another machine's counts only in config.toml and the environment.",
    )
    server_model: str = _text("", "Which of the server's models writes; empty for its first.")
    server_key_file: str = _text("", "A file with the server's key; or put the key into MIDFILL_SERVER_KEY.")
    log_level: str = _choice(
        LOG_LEVELS, "info", "What the log holds: debug, info, warning or error. Only debug shows code."
    )


class Source(NamedTuple):
    """Settings from one place; ``name`` says which, for warnings.

    ``is_of_user`` where nobody but the user can have written them: an editor may have taken its from a workspace.
    """

    name: str
    values: Mapping[str, object]
    is_of_user: bool = False


class Loaded(NamedTuple):
    """The settings in force, and a sentence for each thing that was not usable."""

    settings: Settings
    warnings: tuple[str, ...]


def camel_case(name: str) -> str:
    """Return the name of a field as files and editors spell it."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


FIELDS = {camel_case(field.name): field for field in attrs.fields(Settings)}


def _strict_converter() -> Converter:
    # An editor's "64" is a mistake for 64 that should be named, and True is no number: nothing is coerced.
    converter = Converter()

    def exactly(kind: type) -> None:
        def structure(value: object, _type: type) -> object:
            if type(value) is not kind:
                raise TypeError(f"expected {kind.__name__}, not {type(value).__name__}")
            return value

        converter.register_structure_hook(kind, structure)

    for kind in (bool, int, str):
        exactly(kind)

    def patterns(values: object, _type: type) -> tuple[str, ...]:
        if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
            raise TypeError("expected a list of strings")
        return tuple(values)

    def table(values: object, _type: type) -> dict[str, str]:
        if not isinstance(values, dict):
            raise TypeError("expected a table of strings")
        return values

    converter.register_structure_hook_func(lambda kind: kind == tuple[str, ...], patterns)
    converter.register_structure_hook_func(lambda kind: kind == Mapping[str, str], table)
    renamed: dict[str, Any] = {field.name: override(rename=key) for key, field in FIELDS.items()}
    converter.register_structure_hook(Settings, make_dict_structure_fn(Settings, converter, **renamed))
    return converter


_CONVERTER = _strict_converter()


def merge(sources: list[Source]) -> Loaded:
    """Return the settings of several sources, the strongest first. Never raises."""
    warnings = []
    usable: dict[str, object] = {}
    for source in reversed(sources):
        for key, value in source.values.items():
            if problem := _problem(key, value) or _risk(source, key, value):
                warnings.append(f"midfill: {source.name}: {problem}")
            else:
                usable[key] = value
    return Loaded(_CONVERTER.structure(usable, Settings), tuple(warnings))


def _problem(key: str, value: object) -> str:
    if key not in FIELDS:
        return f"there is no setting `{key}`; it is ignored."
    try:
        _CONVERTER.structure({key: value}, Settings)
    except (BaseValidationError, TypeError, ValueError):
        return f"`{key}` cannot be {value!r}; it is ignored. {FIELDS[key].metadata['help']}"
    return ""


def _risk(source: Source, key: str, value: object) -> str:
    """Return why a value that fits is not for this source to set, empty where it is."""
    if key != "serverUrl" or source.is_of_user or not value or is_loopback(str(value)):
        return ""
    return (
        f"`{key}` names another machine, which counts only in {user_file()}: no workspace shall send your code there."
    )


def user_file() -> Path:
    """Return the path of the user's file; it need not exist."""
    return user_config_path("midfill", appauthor=False) / "config.toml"


def usage_file() -> Path:
    """Return the path of the counts that `countUsage` asks for; it need not exist."""
    return user_state_path("midfill", appauthor=False) / "usage.sqlite3"


def from_user_file() -> tuple[Source, tuple[str, ...]]:
    """Return what the user's TOML file says, and a warning where it cannot be read."""
    path = user_file()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        values = {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Source(str(path), {}), (f"midfill: {path} is not readable TOML ({error}); it is ignored.",)
    return Source(str(path), values, is_of_user=True), ()


def from_environment(environment: Mapping[str, str] = os.environ) -> Source:
    """Return the settings in variables such as ``MIDFILL_MAX_TOKENS``; numbers and true/false are read as such."""
    values: dict[str, object] = {}
    for variable, text in environment.items():
        if variable.startswith(ENVIRONMENT_PREFIX) and variable not in NO_SETTINGS:
            key = camel_case(variable.removeprefix(ENVIRONMENT_PREFIX).lower())
            values[key] = _read(text, FIELDS[key].type if key in FIELDS else str)
    return Source("the environment", values, is_of_user=True)


def _read(text: str, kind: object) -> object:
    if kind in (bool, "bool"):
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    if kind in (tuple[str, ...], "tuple[str, ...]"):
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind in (Mapping[str, str], "Mapping[str, str]"):
        parts = (part.partition("=") for part in text.split(",") if part.strip())
        return {name.strip(): value.strip() for name, _, value in parts}
    if kind in (int, "int"):
        return int(text) if text.removeprefix("-").isdecimal() else text
    return text


def load(editor: list[Source]) -> Loaded:
    """Return the settings in force: the editor's sources, strongest first, then the file, then the environment."""
    file, unreadable = from_user_file()
    loaded = merge([*editor, file, from_environment()])
    return Loaded(loaded.settings, (*unreadable, *loaded.warnings))
