"""Where holes are."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from bench.problems import Unmeasurable
from bench.shaping import held_out, samples, sources
from bench.tiny_model.corpus import Source
from tests.bench.shaping.made import CODE, GO, SHOP, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.shaping.samples import Sample


def test_holes_are_balanced_and_the_same_for_the_same_dice() -> None:
    found = samples.samples([SHOP], 13, words, Random("a"))
    assert [one.kind for one in found] == [*["token"] * 3, *(k for k in list(KINDS)[1:] for _ in range(2))]
    assert found == samples.samples([SHOP], 13, words, Random("a"))
    assert found != samples.samples([SHOP], 13, words, Random("b"))
    with pytest.raises(Unmeasurable, match="no 900 holes of the kind"):
        samples.samples([SHOP], 900 * len(KINDS), words, Random("a"))


def is_rest(one: Sample) -> bool:
    return "\n" not in one.text and one.place.after.startswith("\n") and bool(one.place.line.strip())


def is_inside(one: Sample) -> bool:
    line = one.place.line + one.text
    return is_rest_of_line(one) and len(one.place.line) not in words(line)


def is_rest_of_line(one: Sample) -> bool:
    return "\n" not in one.text and one.place.after.startswith("\n")


def is_line(one: Sample) -> bool:
    return is_rest_of_line(one) and not one.place.line.strip() and one.text[0] != " "


def is_closed(one: Sample) -> bool:
    return one.place.after[0] in ")]}\"'" and "\n" not in one.text


def is_block(one: Sample) -> bool:
    count = one.text.count("\n") + 1
    return is_cut_from_whole_lines(one) and 2 <= count <= 8 and "\n\n" not in one.text


def is_body(one: Sample) -> bool:
    header = one.place.before.rstrip().rpartition("\n")[2]
    return is_cut_from_whole_lines(one) and header.startswith("def ") and one.text.strip() != ""


def is_cut_from_whole_lines(one: Sample) -> bool:
    stands_at_start = not one.place.line.strip() or one.text.startswith("\n")
    return stands_at_start and one.place.after[:1] in {"\n", ""}


KINDS: dict[str, Callable[[Sample], bool]] = {
    "token": is_rest,
    "inside": is_inside,
    "line": is_line,
    "closed": is_closed,
    "block": is_block,
    "body": is_body,
}


def test_holes_are_what_their_kind_says() -> None:
    for seed in range(12):
        for one in samples.samples([SHOP], 2 * len(KINDS), words, Random(seed)):
            assert one.text.strip()
            assert KINDS[one.kind](one), one
            if one.kind != "closed":
                assert one.place.before + one.text + one.place.after == CODE


def test_an_editor_closes_all_that_is_open_on_the_line() -> None:
    file = samples._File(Source("a", "a.py", 'call(first[second("third")], last)\n'))
    found = samples._of_kind([file], "closed", 11, samples._closed, Random(0))
    after = {one.place.before: one.place.after for one in found}
    assert after['call(first[second("'] in {'")])\n', '")], last)\n'}
    assert after["call("] == ")\n"


def test_holes_in_other_languages_are_told_by_lines_and_brackets(tmp_path: Path) -> None:
    (tmp_path / "shop.go").write_text(GO, encoding="utf-8")
    (tmp_path / "bread.go").write_text(GO.replace("Price", "Pr\u00e4is"), encoding="utf-8")
    found = sources.samples(tmp_path, 12, Random(0))
    assert {one.path for one in found} == {(tmp_path / "shop.go").as_posix()}
    kinds = {kind: [one for one in found if one.kind == f"go {kind}"] for kind in ("line", "closed", "block", "body")}
    assert all(KINDS[kind](one) for kind in ("line", "closed", "block") for one in kinds[kind])
    bodies = {(one.place.before.rstrip()[-1], one.text.rstrip()[-1] == "}") for one in kinds["body"]}
    assert bodies == {("{", True), ("{", False)}
    with pytest.raises(Unmeasurable, match="no source file"):
        sources.samples(tmp_path / "none", 1, Random(0))


def test_cursors_between_tokens_are_at_their_borders() -> None:
    for one in samples.lines_cut([SHOP], 20, words, Random(0), inside=False):
        assert len(one.place.line) in words(one.place.line + one.text)


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\nb", "a"), ("\n    a  \nb", "\n    a"), ("a  ", "a"), ("", ""), ("\n\n a", "\n\n a")],
)
def test_the_first_line_of_a_text(text: str, line: str) -> None:
    assert samples.first_line(text) == line


def test_held_out_files_are_told_by_their_digests(tmp_path: Path) -> None:
    other = Source("inn", "inn/beds.py", "beds = 1\n")
    listed = tmp_path / "listed.txt"
    listed.write_text(
        "".join(f"{one.digest[:16]} {one.package} {one.path}\n" for one in (SHOP, other)), encoding="utf-8"
    )
    for folder, text in (("old", "another version\n"), ("new", CODE.replace("\n", "\r\n"))):
        (tmp_path / folder / "shop").mkdir(parents=True)
        (tmp_path / folder / SHOP.path).write_text(text, encoding="utf-8", newline="")
    assert held_out.installed([tmp_path / "old", tmp_path / "new"], listed) == [SHOP]
    with pytest.raises(Unmeasurable, match=r"None of the 2 held-out files of listed\.txt is in .*old: install some"):
        held_out.installed([tmp_path / "old"], listed)
    with pytest.raises(Unmeasurable, match=r"There is no .*held\.jsonl\.gz"):
        held_out.found(tmp_path, None)
