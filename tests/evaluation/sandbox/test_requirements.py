"""A machine that cannot confine programs runs none."""

from __future__ import annotations

import platform
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lsp_server.errors import InputError
from lsp_server.evaluation.sandbox import filters, programs, requirements
from lsp_server.evaluation.sandbox.verdicts import passes
from lsp_server.evaluation.task import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

ALLOW_ALL = filters._step(filters.RETURN, filters.ALLOW)
PASSING = Check("python", "", "", seconds=20.0)


@pytest.fixture(autouse=True)
def _tried_anew() -> Iterator[None]:
    requirements._lacking.cache_clear()
    yield
    requirements._lacking.cache_clear()


@pytest.mark.usefixtures("programs")
def test_this_machine_confines_programs() -> None:
    requirements.requirements()
    assert passes(PASSING, "").passed


@pytest.mark.usefixtures("programs")
def test_what_the_kernel_lets_through_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "for_programs", lambda _: ALLOW_ALL)
    with pytest.raises(InputError) as caught:
        passes(PASSING, "")
    named = {name for name in requirements.FORBIDDEN if name in str(caught.value)}
    # The limit of memory is none of the filter's.
    assert named == set(requirements.FORBIDDEN) - {"taking more memory than they may"}


@pytest.mark.usefixtures("programs")
def test_a_limit_that_does_not_hold_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(requirements.FORBIDDEN, "taking more memory than they may", "bytearray(1)")
    with pytest.raises(InputError, match="nothing keeps them from taking more memory than they may on this machine"):
        passes(PASSING, "")


@pytest.mark.usefixtures("programs")
def test_a_filter_that_stops_everything_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "for_programs", lambda _: filters._step(filters.RETURN, filters.KILL))
    with pytest.raises(InputError, match="even a harmless one fails"):
        passes(PASSING, "")


@pytest.mark.usefixtures("programs")
def test_a_launcher_that_cannot_confine_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "for_programs", lambda _: b"")
    with pytest.raises(InputError, match=r"even a harmless one fails .*Invalid argument\)"):
        passes(PASSING, "")


@pytest.mark.parametrize(("system", "machine"), [("darwin", "arm64"), ("win32", "AMD64"), ("linux", "riscv64")])
def test_other_machines_are_told_what_will_do(system: str, machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(programs, "run", None)
    with pytest.raises(InputError, match=rf"nothing confines them on .*{machine}.*a container"):
        passes(PASSING, "")


def test_the_sandbox_is_imported_where_it_cannot_run() -> None:
    code = "import sys; sys.modules['resource'] = None; import lsp_server.evaluation.sandbox.verdicts"
    subprocess.run([sys.executable, "-c", code], check=True)
