"""Finding out what runs at an address: kinds of servers, and everything that is none."""

from __future__ import annotations

import logging
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.engine.remote import http
from lsp_server.engine.remote.engine import RemoteEngine, connect
from lsp_server.engine.remote.options import RemoteOptions
from lsp_server.engine.remote.pace import GUESS
from lsp_server.errors import EngineError
from tests.engine.remote_script import Script, Wire, free_port, models, not_found, one_token, scripted
from tests.engine.remote_servers import connected

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.engine.remote_script import Answer

KEY = "sk-very-secret"
UNEXPECTED = ": look whether the address is that of a completions server, and not of something else or a proxy."


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr(http, "PAUSES", (0.0, 0.0))


def refusal(options: RemoteOptions) -> str:
    with pytest.raises(EngineError) as caught:
        connect(options)
    return str(caught.value)


def says(status: int, **headers: str) -> Answer:
    return lambda wire: wire.json({"detail": "no"}, status, **headers)


def tokens(*ids: int, **more: int) -> Answer:
    return lambda wire: wire.json({"tokens": list(ids), **more})


def props(context: int) -> Answer:
    value: dict[str, Any] = {"default_generation_settings": {"n_ctx": context}, "model_path": "/models/coder-7b.gguf"}
    return lambda wire: wire.json(value)


def of_models(*values: dict[str, object]) -> Answer:
    return lambda wire: wire.json({"data": list(values)})


@pytest.mark.parametrize(
    ("paths", "kind", "name", "context"),
    [
        ({"/props": props(8192)}, "llama-server", "coder-7b", 8192),
        # A router does not know a context before it has loaded something.
        ({"/props": props(0)}, "llama-server", "coder-7b", 2048),
        ({"/v1/models": models, "/tokenize": tokens(64, max_model_len=3000)}, "vLLM or SGLang", "coder", 3000),
        ({"/v1/models": models, "/extras/tokenize": tokens(64)}, "llama_cpp.server", "coder", 4096),
        ({"/v1/models": models}, "a completions server", "coder", 4096),
        ({"/v1/models": of_models({"id": "x"})}, "a completions server", "x", 2048),
        # SGLang's tokenizer may know no limit.
        (
            {"/v1/models": of_models({"id": "x"}), "/tokenize": tokens(1, max_model_len=10**30)},
            "vLLM or SGLang",
            "x",
            2048,
        ),
        # A page for whatever is asked, as some proxies have it.
        ({"/props": lambda wire: wire.body(b"<html>"), "/v1/models": models}, "a completions server", "coder", 4096),
        ({"/props": lambda wire: wire.json([]), "/v1/models": models}, "a completions server", "coder", 4096),
        ({"/props": says(401), "/v1/models": models}, "a completions server", "coder", 4096),
    ],
)
def test_kinds_of_servers(paths: dict[str, Answer], kind: str, name: str, context: int) -> None:
    with scripted(Script(paths=paths)) as script, connected(RemoteOptions(script.url)) as engine:
        assert (engine.kind, engine.info.name, engine.info.context_length) == (kind, name, context)
        assert engine.speed == GUESS
        assert engine.evaluated_tokens == 0


def test_the_users_limit_on_the_context_holds() -> None:
    with scripted() as script, connected(RemoteOptions(script.url, context_length=1000)) as engine:
        assert engine.info.context_length == 1000


def test_the_address_may_have_a_path_and_v1() -> None:
    paths: dict[str, Answer] = {"/team/v1/models": models, "/team/v1/completions": one_token}
    with scripted(Script(paths=paths)) as script, connected(RemoteOptions(f"{script.url}/team/v1/")) as engine:
        assert engine.info.name == "coder"


@pytest.mark.parametrize(
    ("paths", "sentence"),
    [
        ({"/v1/models": says(401)}, "{url} wants a key (401): set the one that the server was given."),
        ({"/v1/models": says(403)}, "{url} wants a key (403): set the one that the server was given."),
        ({}, "{url} has no /v1/models (404): look whether the address and the model are right."),
        ({"/v1/models": says(500)}, "{url} failed with status 500 at /v1/models: the server's log says why."),
        ({"/v1/models": says(429)}, "{url} is busy or still loading its model (429): try again in a moment."),
        ({"/props": says(503)}, "{url} is busy or still loading its model (503): try again in a moment."),
        ({"/v1/models": of_models()}, "{url} has no model: start it with one."),
        (
            {"/v1/models": lambda wire: wire.body(b"{")},
            "{url} sent what is not JSON from /v1/models" + UNEXPECTED,
        ),
        (
            {"/v1/models": lambda wire: wire.json({"data": 1})},
            "{url} sent something else than a list of models" + UNEXPECTED,
        ),
        (
            {"/v1/models": models, "/v1/completions": not_found},
            "{url} has no /v1/completions (404): look whether the address and the model are right.",
        ),
        (
            {"/props": lambda wire: wire.json({"default_generation_settings": {"n_ctx": "many"}})},
            "{url} sent properties that are not those of llama-server" + UNEXPECTED,
        ),
    ],
)
def test_what_is_none(paths: dict[str, Answer], sentence: str) -> None:
    with scripted(Script(paths=paths)) as script:
        assert refusal(RemoteOptions(script.url)) == sentence.format(url=script.url)


def test_a_model_that_the_server_has_not() -> None:
    with scripted(Script(paths={"/v1/models": of_models({"id": "b"}, {"id": "a"})})) as script:
        expected = f"{script.url} has no model 'c': choose one of a, b."
        assert refusal(RemoteOptions(script.url, model="c")) == expected


def test_nobody_is_there() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    expected = f"{url} cannot be reached: start the server, or correct its address."
    assert refusal(RemoteOptions(url)) == expected


def test_a_redirect_is_not_followed() -> None:
    with scripted() as elsewhere, scripted() as script:
        script.paths["/v1/models"] = says(307, Location=f"{elsewhere.url}/v1/models?token=1")
        expected = (
            f"{script.url} points to '{elsewhere.url}/v1/models'; if you trust that, make it the server's address."
        )
        assert refusal(RemoteOptions(script.url, key=KEY)) == expected
        assert elsewhere.asked == []


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(status: int) -> None:
    tries = []

    def twice_busy(wire: Wire) -> None:
        tries.append(wire)
        (says(status, Retry_After="0") if len(tries) < 3 else models)(wire)

    with scripted(Script(paths={"/v1/models": twice_busy})) as script, connected(RemoteOptions(script.url)):
        assert len(tries) == 3


def test_a_busy_server_is_asked_three_times() -> None:
    with scripted(Script(paths={"/v1/models": says(503)})) as script:
        refusal(RemoteOptions(script.url))
        assert [asked.path for asked in script.asked].count("/v1/models") == 3


@pytest.mark.parametrize("retry_after", ["5000", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", ""])
def test_nobody_waits_for_longer_than_makes_sense(retry_after: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LONGEST_PAUSE", 0.01)
    with scripted(Script(paths={"/v1/models": says(429, Retry_After=retry_after)})) as script:
        assert "(429)" in refusal(RemoteOptions(script.url))


# --- key and password --------------------------------------------------------------------------------


def test_the_key_is_sent_as_a_bearer_token() -> None:
    with scripted() as script, connected(RemoteOptions(script.url, key=KEY)):
        assert {asked.headers["authorization"] for asked in script.asked} == {f"Bearer {KEY}"}


def test_user_and_password_of_the_address_are_sent() -> None:
    with scripted() as script, connected(RemoteOptions(script.url.replace("//", "//me:s%40fe@"))):
        assert {asked.headers["authorization"] for asked in script.asked} == {"Basic bWU6c0BmZQ=="}


def test_without_a_key_none_is_sent() -> None:
    with scripted() as script, connected(RemoteOptions(script.url)):
        assert not any("authorization" in asked.headers for asked in script.asked)


@pytest.mark.parametrize("path", ["/props", "/v1/models", "/v1/completions", "/tokenize"])
@pytest.mark.parametrize("how", [says(401), says(500), says(503), says(307, Location="/x"), lambda wire: wire.drop()])
def test_key_and_password_reach_neither_log_nor_message(
    path: str, how: Callable[[Wire], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with scripted() as script:
        script.paths[path] = how
        options = RemoteOptions(script.url.replace("//", "//me:pass-word@"), key=KEY)
        messages = [repr(options), str(options)]
        try:
            engine = connect(options)
        except EngineError as error:
            messages.append(str(error))
        else:
            engine.close()
    for text in (*messages, caplog.text):
        assert KEY not in text
        assert "pass-word" not in text


def test_a_wrong_key_is_said_to_be_one() -> None:
    with scripted(Script(paths={"/v1/models": says(401)})) as script:
        expected = f"{script.url} does not take the key (401): set the one that the server was given."
        assert refusal(RemoteOptions(script.url, key=KEY)) == expected


@pytest.mark.parametrize("key", ["a\nb", "schlüssel", "a\r\nHost: x"])
def test_a_key_that_is_none(key: str) -> None:
    message = refusal(RemoteOptions("http://127.0.0.1:9", key=key))
    assert message == "The key for http://127.0.0.1:9 has characters that no key has: copy it anew."


def test_a_key_that_can_be_read_on_the_way_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    http.Http(RemoteOptions("http://192.0.2.1:8000", key=KEY))
    assert caplog.messages == ["What is sent to http://192.0.2.1:8000 can be read on the way, the key too: use https."]
    caplog.clear()
    for base_url, key in (("https://192.0.2.1", KEY), ("http://192.0.2.1", ""), ("http://[::1]", KEY)):
        http.Http(RemoteOptions(base_url, key=key))
    assert not caplog.messages


@pytest.mark.parametrize("call", ["tokenize", "special", "submit"])
def test_a_closed_engine_says_so(call: str) -> None:
    with scripted() as script:
        engine: RemoteEngine = connect(RemoteOptions(script.url))
        engine.close()
        engine.close()
        with pytest.raises(EngineError, match="has been closed"):
            getattr(engine, call)("a")


# --- TLS ---------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that no authority has signed, and its key, in one file."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("There is no openssl to make a certificate with.")
    file = tmp_path / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(file), "-out", str(tmp_path / "public.pem")]
    subprocess.run(command, check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + (tmp_path / "public.pem").read_bytes())
    return file


def test_a_certificate_that_nobody_trusts(certificate: Path) -> None:
    with scripted(certificate=certificate) as script:
        told = "is not trusted: set SSL_CERT_FILE to the certificate of the authority that signed it."
        assert refusal(RemoteOptions(script.url, key=KEY)) == f"The certificate of {script.url} {told}"
        assert script.asked == []


def test_a_certificate_that_the_user_trusts(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_name("public.pem")))
    with scripted(certificate=certificate) as script, connected(RemoteOptions(script.url)) as engine:
        assert engine.info.name == "coder"
