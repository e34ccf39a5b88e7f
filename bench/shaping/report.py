"""What people see of `bench.shape`: tables from its JSON object, and what is said in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bench.shaping.figures import OVERALL
from bench.shaping.rule_figures import MEASURES as OF_RULES
from bench.tables import UNKNOWN, WIDTH, number, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_HEADS = {
    "exact": "exact",
    "line": "first\nline",
    "similarity": "similar",
    "errors": "added\nerrors",
    "torn": "torn",
    "broken": "Python\nbroken",
    "repeated": "repeats\nsuffix",
    "unprintable": "unprint-\nable",
}
_OUTCOMES = {"fewer": "first lines", "cut": "cut within\na line", "altered": "another\ntext", "dropped": "nothing"}


def show(result: Mapping[str, Any]) -> None:
    """Print the tables, and what was measured on what."""
    console = Console(width=WIDTH)
    overall = result["texts"][OVERALL]
    about = f"{overall['holes']} holes in {result['files']} held-out files of {result['packages']} packages"
    for title, table in (
        (f"{about}, {result['model']['name']}, %", texts_table(result["texts"])),
        ("Shaped less raw, points and below their 95 % interval", differences_table(result["texts"])),
        ("Tokens written", tokens_table(result["tokens"])),
        (
            "Rule by rule: texts that the stop rules had ended, % before it and below behind it",
            rules_table(result["rules"]["shaped"]),
        ),
        (
            "Rule by rule: texts that the limit had ended, % before it and below behind it",
            rules_table(result["rules"]["cut"]),
        ),
        ("Right texts by kind, and what is left of them", truth_table(result["truth"]["byKind"])),
        ("Right texts by the first rule that changed them", culprits_table(result["truth"]["byRule"])),
        *_elsewhere(result["truthElsewhere"]),
        ("By threshold of confidence, %", thresholds_table(result["thresholds"])),
        ("Rests of lines with healing and without, %", healing_table(result["healing"])),
    ):
        # A title of the table's own would be wrapped to the table's width.
        console.print(title, table, "", sep="\n", highlight=False)
    for line in notes(result):
        console.print(line, highlight=False)


def texts_table(texts: Mapping[str, Any]) -> Table:
    """Return the table of all texts, overall and by kind."""
    table = _table(("text", "shown", *_HEADS.values()))
    for kind, one in texts.items():
        for name in ("raw", "stopped", "shaped", "plain") if kind == OVERALL else ("raw", "shaped"):
            cells = (_share(one[name][measure]) for measure in ("shown", *_HEADS))
            table.add_row(f"{kind} ({one['holes']})" if name == "raw" else "", name, *cells)
    return table


def differences_table(texts: Mapping[str, Any]) -> Table:
    """Return the table of paired differences, in points with 95 % intervals."""
    heads = {name: head for name, head in _HEADS.items() if name not in {"torn", "unprintable"}}
    table = _table(heads.values())
    for kind, one in texts.items():
        table.add_row(kind, *(_interval(one["shapedLessRaw"][name]) for name in heads))
    return table


def tokens_table(tokens: Mapping[str, Any]) -> Table:
    """Return the table of tokens by kind."""
    table = _table(("with the limit", "with the stop rules", "saved"))
    for kind, one in {**tokens["byKind"], "where the limit was met": tokens["whereLimitWasMet"]}.items():
        table.add_row(kind, number(one["raw"]), number(one["stopped"]), percent(one["saved"]))
    return table


def rules_table(rules: Mapping[str, Any]) -> Table:
    """Return the table of rules: the texts that each has changed, before and after it."""
    table = _table(("changed", "emptied", "exact,\nwon:lost", *(_HEADS[name] for name in OF_RULES), "harms"))
    for name, one in rules.items():
        steps = (f"{_share(one[measure]['before'])}\n{_share(one[measure]['after'])}" for measure in OF_RULES)
        counts = (str(one["changed"]), str(one["emptied"]), f"{one['won']}:{one['lost']}")
        table.add_row(name, *counts, *steps, "yes" if one["harms"] else "")
    return table


def truth_table(kinds: Mapping[str, Any]) -> Table:
    """Return the table of what is left of right texts."""
    table = _table(("holes", "as it is", "%", *_OUTCOMES.values(), "stopped\nshort"))
    for kind, one in kinds.items():
        others = (str(one[outcome]) for outcome in (*_OUTCOMES, "stoppedShort"))
        table.add_row(kind, str(one["holes"]), str(one["same"]), _share(one["sameShare"]), *others)
    return table


def culprits_table(rules: Mapping[str, Any]) -> Table:
    """Return the table of the rules that changed right texts."""
    table = _table((*_OUTCOMES.values(), "kinds"))
    for rule, one in rules.items():
        kinds = ", ".join(f"{kind} {count}" for kind, count in one["kinds"].items())
        table.add_row(rule, *(str(one[outcome]) for outcome in _OUTCOMES), kinds)
    return table


def _elsewhere(languages: Mapping[str, Any]) -> Iterator[tuple[str, Table]]:
    if not languages:
        return
    overall = {language: one["byKind"][OVERALL] for language, one in languages.items()}
    blamed = {f"{language}, {rule}": of for language, one in languages.items() for rule, of in one["byRule"].items()}
    yield "Right texts of other languages, and what is left of them", truth_table(overall)
    yield "Right texts of other languages by the first rule that changed them", culprits_table(blamed)


def thresholds_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Return the table of what is shown by threshold."""
    table = _table(("shown", "silent", "exact", "of exact ones\nlost", "first line", "of first lines\nlost", "similar"))
    for row in rows:
        shares = (_share(row[name]) for name in ("silent", "exact", "exactLost", "line", "lineLost", "similarity"))
        table.add_row(f"{row['threshold']} %", str(row["shown"]), *shares)
    return table


def healing_table(healing: Mapping[str, Any]) -> Table:
    """Return the table of rests of lines from cursors inside tokens and between them."""
    table = _table(
        ("cursors", "taken\nback", "exact\nwith", "exact\nwithout", "points", "similar,\npoints", "only\none")
    )
    for name in ("inside", "border"):
        for where, one in healing[name].items():
            shares = (_share(one["healed"]), _share(one["kept"]), _interval(one["exact"]), _interval(one["similarity"]))
            only = f"{one['onlyHealed']}:{one['onlyKept']}"
            table.add_row(f"{name}, {where}", str(one["holes"]), str(one["takenBack"]), *shares, only)
    return table


def notes(result: Mapping[str, Any]) -> Iterator[str]:
    """Give what is said in sentences."""
    tokens, times = result["tokens"], result["milliseconds"]
    yield (
        f"What the stop rules ended and what the limit ended are shown alike in {tokens['shownAlike']} of "
        f"{result['texts'][OVERALL]['holes']} holes; exact only with the stop rules {tokens['exactOnlyStopped']}, "
        f"only with the limit {tokens['exactOnlyCut']}."
    )
    yield "Milliseconds, p50 / p95 / max:"
    yield f"  shaping with the grammar {_times(times['withGrammar'])}, without {_times(times['withoutGrammar'])}"
    yield f"  the stop rules, a token {_times(times['stopRulesAToken'])}"
    if cost := result["healing"]["cost"]:
        yield f"  with a vocabulary of {cost['size']:,} to say what is taken back {_times(cost['heal'])},"
        yield f"  to choose a forced token {_times(cost['forced'])}, a free one {_times(cost['free'])}"
    yield f"Similarity is the {result['similarity']}; the limit is {result['maxTokens']} tokens."


def _times(spread: Mapping[str, float | None]) -> str:
    values = (spread[name] for name in ("p50", "p95", "max"))
    return " / ".join(UNKNOWN if value is None else f"{value:.2f}" for value in values)


def _interval(difference: Mapping[str, float] | None) -> str:
    if difference is None:
        return UNKNOWN
    mean, low, high = (f"{100 * difference[end]:+.1f}" for end in ("mean", "low", "high"))
    return f"{mean}\n{low} to {high}"


def _table(heads: Iterable[str]) -> Table:
    table = Table()
    table.add_column("", no_wrap=True)
    for head in heads:
        table.add_column(head, justify="right")
    return table


def _share(share: float | None) -> str:
    return UNKNOWN if share is None else f"{100 * share:.1f}"
