"""The real server over stdio, driven by a real client library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.client import serving

if TYPE_CHECKING:
    from pathlib import Path

SHAPES = """\
class Circle:
    def __init__(self, radius):
        self.radius = radius

    def area(self):
        return 3.14159 * self.radius ** 2
"""


async def test_suggests_and_explains(tmp_path: Path) -> None:
    (tmp_path / "shapes.py").write_text(SHAPES)
    uri = (tmp_path / "main.py").as_uri()
    async with serving(tmp_path) as client:
        items = await client.complete_marked(uri, "from shapes import Circle\n\n\ndef main():\n    circle = ‸\n")
        told = await client.explain(uri)
    assert told["suggestion"] == (items[0].insert_text if items else None)
    assert [chunk["path"] for chunk in told["chunks"]] == ["shapes.py"]
    print(told)
