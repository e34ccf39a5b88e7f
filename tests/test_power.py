"""When there is power to spare."""

from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from lsp_server.power import is_on_battery, may_work_ahead

PLUGGED, UNPLUGGED, UNTOLD = (SimpleNamespace(power_plugged=value) for value in (True, False, None))


@pytest.mark.parametrize(
    ("battery", "choice", "expected"),
    [
        (None, "auto", True),
        (PLUGGED, "auto", True),
        (UNTOLD, "auto", True),
        (UNPLUGGED, "auto", False),
        (UNPLUGGED, "always", True),
        (PLUGGED, "never", False),
    ],
)
def test_on_battery_nothing_is_done_ahead_unless_the_user_says_so(
    monkeypatch: pytest.MonkeyPatch, battery: SimpleNamespace | None, choice: str, *, expected: bool
) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    assert may_work_ahead(choice) is expected


def test_a_system_that_cannot_tell_has_no_battery(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    assert not is_on_battery()
