"""Lines in the indentation of the document: its unit, and no step that the language does not allow."""

from __future__ import annotations

import re
from math import gcd
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.suggestion.hole import NEAR_CHARACTERS, leaves_open, opens_block
from lsp_server.suggestion.indentation import TAB_COLUMNS, USUAL_STEPS, columns, in_unit, leading, unit_of
from lsp_server.suggestion.lines import split
from lsp_server.suggestion.structure import CLOSING, OPENING, PAIRS, scanned, still_open, unmatched

if TYPE_CHECKING:
    from lsp_server.suggestion.hole import Hole
    from lsp_server.suggestion.structure import Structure

# Behind these a statement goes on, and the next line is aligned by taste.
_GOES_ON = (*OPENING, ",", "\\", "+", "-", "*", "/", "=", "&", "|", "<", ".", "?")
# The same where a line break means something outside of brackets.
_GOES_ON_INDENTED = (*OPENING, "\\")
# What stands in these is often not indented.
_KEEPS_LEFT = re.compile(r"\s*(?:inline\s+)?(?:namespace|extern)\b")


class _Line(NamedTuple):
    """A line of a suggestion: its white space, whether that is layout and not part of a string, and the rest.

    ``is_aligned`` where the line stands in parentheses, or goes on with the one before.
    """

    space: str
    content: str
    is_layout: bool
    is_aligned: bool


def indented(hole: Hole, text: str, structure: Structure) -> str:
    """Return the text with its lines indented as the document is; strings that span lines stay as they are."""
    lines = _taken_apart(hole, text, structure)
    unit = _unit(hole)
    if unit:
        lines = _in_unit(hole, lines, unit)
    lines = _beside_first(hole, lines, _closing_line(hole, text, structure), unit)
    lines = _shifted(hole, lines, unit or " " * TAB_COLUMNS)
    if hole.language.is_indented:
        lines = _on_levels(hole, lines, unit)
    return "\n".join(line.space + line.content for line in lines)


def _unit(hole: Hole) -> str:
    """Return one level of indentation at a cursor, empty where nothing shows it."""
    unit = unit_of(hole.place.before, hole.place.after)
    if hole.language.unit and (not unit or f"\n{hole.language.unit}" in hole.place.before + hole.place.after):
        return hole.language.unit
    if not hole.header:
        return unit
    # What is typed, or stands in the block already, shows it best.
    inner = columns(hole.place.line) if hole.is_on_blank_line else 0
    if unit == "\t" or (inner and hole.place.line.startswith("\t")):
        return "\t"
    step = (inner or hole.width_below) - hole.header_width
    return " " * step if step in USUAL_STEPS else unit


def _taken_apart(hole: Hole, text: str, structure: Structure) -> list[_Line]:
    lines, start = [], 0
    before = hole.place.line if not hole.is_on_blank_line else hole.above[-1] if hole.above else ""
    inner = "([{" if hole.language.is_indented else "(["
    depth = len(_open_above(hole)) if hole.language.is_indented else 0
    brackets = iter([*structure.brackets, (len(text), "")])
    place, bracket = next(brackets)
    for number, part in enumerate(text.split("\n")):
        while place < start:
            if bracket in inner or PAIRS.get(bracket, "-") in inner:
                depth = max(0, depth + (1 if bracket in OPENING else -1))
            place, bracket = next(brackets)
        is_first = number == 0
        is_layout = (hole.is_on_blank_line if is_first else not structure.is_opaque(start)) and bool(part.strip())
        is_layout = is_layout and not hole.language.is_label(part)
        space = leading(part) if is_layout else ""
        marks = _GOES_ON_INDENTED if hole.language.is_indented else _GOES_ON
        goes_on = before.rstrip().endswith(marks) and not opens_block(before, hole.language)
        lines.append(_Line(space, part[len(space) :], is_layout, depth > 0 or goes_on))
        if part.strip() and not hole.language.is_comment(part):
            before = hole.place.line + part if is_first else part
        start += len(part) + 1
    return lines


def _open_above(hole: Hole) -> list[int]:
    """Return where the brackets are that are open at the cursor, as far as the text near it shows."""
    near = hole.place.before[-NEAR_CHARACTERS:]
    return still_open(scanned(near), len(near))


def _width(hole: Hole, lines: list[_Line], number: int) -> int:
    """Return where a line begins; the first stands behind what is typed."""
    typed = hole.place.line if number == 0 else ""
    return columns(typed + lines[number].space) if number or hole.is_on_blank_line else columns(leading(typed))


def _respaced(hole: Hole, lines: list[_Line], widths: dict[int, int], unit: str) -> list[_Line]:
    """Return the lines with some of them beginning at other columns; none can begin before what is typed."""
    changed = list(lines)
    for number, width in widths.items():
        typed = columns(hole.place.line) if number == 0 else 0
        space = in_unit(max(0, width), unit)
        if number == 0:
            # The white space that is typed counts, in whatever characters.
            space = in_unit(width, unit)[len(in_unit(typed, unit)) :] if width > typed else ""
        changed[number] = lines[number]._replace(space=space)
    return changed


# --- the unit ----------------------------------------------------------------------------------------


def _in_unit(hole: Hole, lines: list[_Line], unit: str) -> list[_Line]:
    """Return the lines in the document's unit."""
    own = {number: line.space for number, line in enumerate(lines) if line.is_layout and line.space}
    if not own:
        return lines
    if unit == "\t":
        spaces = {number: len(space) for number, space in own.items() if "\t" not in space}
        if not spaces:
            return lines
        step = _step_of_spaces(hole, list(spaces.values()))
        return _respaced(
            hole,
            lines,
            {n: _typed_width(hole, n) + w // step * TAB_COLUMNS + w % step for n, w in spaces.items()},
            unit,
        )
    tabs = {number: space for number, space in own.items() if "\t" in space}
    step = len(unit)
    widths = {n: _typed_width(hole, n) + s.count("\t") * step + s.count(" ") for n, s in tabs.items()}
    lines = _respaced(hole, lines, widths, unit)
    return _rescaled(hole, lines, step, unit)


def _typed_width(hole: Hole, number: int) -> int:
    return columns(hole.place.line) if number == 0 else 0


def _step_of_spaces(hole: Hole, widths: list[int]) -> int:
    """Return how many spaces stand for a tab in lines that should have tabs."""
    common = gcd(*widths)
    level = (hole.header_width if hole.header else columns(leading(hole.place.line))) // TAB_COLUMNS
    fitting = [step for step in (4, 2, 8, 3) if common % step == 0]
    near = [step for step in fitting if 0 <= min(widths) // step - level <= 1]
    return (near or fitting or [TAB_COLUMNS])[0]


def _rescaled(hole: Hole, lines: list[_Line], step: int, unit: str) -> list[_Line]:
    """Return lines that step in by another number of spaces than the document, stepping as it does."""
    widths = {n: _width(hole, lines, n) for n, line in enumerate(lines) if line.is_layout and not line.is_aligned}
    if not widths:
        return lines
    is_below = not hole.is_on_blank_line
    base = (
        (hole.header_width if hole.header else columns(leading(hole.place.line)))
        if is_below
        else next(iter(widths.values()))
    )
    own = _own_step(hole, lines, widths, base if is_below else None)
    deeper = [width - base for width in widths.values() if width > base]
    if own == step or own not in USUAL_STEPS or any(width % own for width in deeper):
        return lines
    moved = {n: base + (width - base) // own * step for n, width in widths.items() if width > base}
    shifts = {n: moved[n] - widths[n] for n in moved}
    # What is aligned with a line moves along with it.
    shift, all_moved = 0, {}
    for number, line in enumerate(lines):
        if number in widths:
            shift = shifts.get(number, 0)
            all_moved[number] = moved.get(number, widths[number])
        elif line.is_layout:
            all_moved[number] = _width(hole, lines, number) + shift
    return _respaced(hole, lines, all_moved, unit)


def _own_step(hole: Hole, lines: list[_Line], widths: dict[int, int], header: int | None) -> int:
    """Return by how much the first of some lines steps in that stands behind one that opens a block, 0 for none.

    ``widths`` are where the lines begin; ``header`` is where the line before the first of them does, if that opens a
    block.
    """
    opened = header
    for number, width in widths.items():
        if opened is not None:
            return width - opened
        opened = width if opens_block(lines[number].content, hole.language) else None
    return 0


# --- how far in --------------------------------------------------------------------------------------


def _beside_first(hole: Hole, lines: list[_Line], outer: int, unit: str) -> list[_Line]:
    """Return the lines with none to the left of where the cursor's begins: some models count from the cursor.

    What leaves the cursor's block is cut off by now, so that all of them belong to the first, but for what closes that
    block; ``outer`` is the number of the line that does.
    """
    others = [number for number, line in enumerate(lines) if 0 < number < outer and line.is_layout]
    code = [number for number in others if not hole.language.is_comment(lines[number].content)]
    if not lines[0].content.strip() or lines[0].is_aligned or not code:
        return lines
    by = _width(hole, lines, 0) - min(_width(hole, lines, number) for number in code)
    return _respaced(hole, lines, {n: _width(hole, lines, n) + by for n in others}, unit) if by > 0 else lines


def _closing_line(hole: Hole, text: str, structure: Structure) -> int:
    """Return the number of the line that closes the cursor's block, the number of all lines where none does."""
    count = text.count("\n") + 1
    last = split(text)[-1]
    if hole.header and hole.language.closing_word(last.text) and hole.width(last) == hole.header_width:
        return count - 1
    closing = unmatched(structure)
    return text.count("\n", 0, closing[0][0]) if closing else count


def _shifted(hole: Hole, lines: list[_Line], unit: str) -> list[_Line]:
    """Return the lines moved to where the first has to stand, all by as much."""
    first = next((n for n, line in enumerate(lines) if line.content.strip()), None)
    if first is None or not hole.is_on_blank_line or not lines[first].is_layout:
        return lines
    width = _width(hole, lines, first)
    by = _wanted(hole, lines[first], width, unit) - width
    if not by:
        return lines
    widths = {}
    for number, line in enumerate(lines):
        if line.is_layout:
            own = _width(hole, lines, number)
            widths[number] = own + by if own >= width or by > 0 else own
    return _respaced(hole, lines, widths, unit)


def _wanted(hole: Hole, first: _Line, width: int, unit: str) -> int:
    """Return where the first line of a suggestion on a blank line has to begin; ``width`` where nothing says so."""
    word = first.content.split(maxsplit=1)[0].rstrip(":;,(") if first.content.strip() else ""
    closes = first.content[:1] in CLOSING or word in hole.language.closing | hole.language.continuing
    closes = closes or hole.is_case(word)
    if hole.header and not closes and not _KEEPS_LEFT.match(hole.header):
        header = hole.header_width
        inner = hole.width_below if hole.width_below > header else header + columns(unit)
        return inner if width <= header or width > inner else width
    if not hole.above or closes or first.is_aligned or leaves_open(hole.above[-1]):
        return width
    typed = columns(hole.place.line)
    most = max(columns(leading(hole.above[-1])), typed)
    is_doubled = bool(typed) and width == 2 * typed
    return most if width > most and (hole.language.is_indented or is_doubled) else width


def _on_levels(hole: Hole, lines: list[_Line], unit: str) -> list[_Line]:
    """Return the lines of a language whose indentation is its syntax, each on a level that is open there."""
    levels = _levels(hole)
    widths = {}
    opened = opens_block(hole.place.line, hole.language) and not hole.is_on_blank_line
    inner = columns(unit) or TAB_COLUMNS
    if hole.is_on_blank_line:
        opened = bool(hole.header)
    for number, line in enumerate(lines):
        if not line.content.strip() or (number == 0 and not hole.is_on_blank_line):
            continue
        if hole.language.is_comment(line.content):
            continue
        if line.is_layout and not line.is_aligned:
            width = _width(hole, lines, number)
            if opened:
                width = width if width > levels[-1] else levels[-1] + inner
                levels.append(width)
            else:
                while len(levels) > 1 and levels[-1] > width:
                    levels.pop()
                width = levels[-1]
            widths[number] = width
        opened = opens_block(line.content, hole.language)
    changed = {n: w for n, w in widths.items() if w != _width(hole, lines, n)}
    return _respaced(hole, lines, changed, unit or " ") if changed else lines


def _levels(hole: Hole) -> list[int]:
    """Return the columns at which a line may begin at the cursor, ascending."""
    lines = hole.above if hole.is_on_blank_line else [*hole.above, hole.place.line]
    levels: list[int] = []
    for line in reversed(lines):
        width = columns(leading(line))
        if not levels or width < levels[0]:
            levels.insert(0, width)
    return levels if levels and levels[0] == 0 else [0, *levels]
