"""Whether the machine has power to spare for work that nobody waits for."""

from __future__ import annotations

import psutil

# When to work ahead of the user's next key; the setting `ahead`.
AUTOMATIC, ALWAYS, NEVER = CHOICES = ("auto", "always", "never")


def may_work_ahead(choice: str) -> bool:
    """Return what one of ``CHOICES`` means now: ``auto`` is not to while the machine runs on its battery."""
    if choice == AUTOMATIC:
        return not is_on_battery()
    return choice == ALWAYS


def is_on_battery() -> bool:
    """Return whether the machine runs on its battery; one that has none, or does not tell, does not."""
    # psutil has no such function on systems where it knows no way to ask.
    sensors = getattr(psutil, "sensors_battery", None)
    battery = sensors() if sensors else None
    return battery is not None and battery.power_plugged is False
