"""Learn what makes a definition likely to be needed, from holes in public repositories.

    python -m bench.retrieval.fit --repos FOLDER [--count 120] [--seed 0] [--out rank_weights.py] OWNER+NAME ...

Of each repository, holes are sampled as `python -m bench.context --sample` does. Every definition that
`lsp_server/context/rank.py` looks at for one is an example, positive where the hole needs its name. Prints how far down
the ranking the first needed name stands, in repositories that took no part (three folds), and writes the weights.

Repositories on which a result is to be claimed must not be among those named.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bench.retrieval import own, run, sampling
from bench.retrieval.cases import case_of
from bench.retrieval.definitions import definitions_of
from lsp_server.context import rank
from lsp_server.context.surroundings import survey
from lsp_server.context.words import keys
from lsp_server.core import Place
from lsp_server.evaluation.provenance import commit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.retrieval.cases import Case

# Of the definitions that a hole does not need, so many are kept, each for as many as it stands for.
NEGATIVES = 150
FOLDS = 3
RIDGE = 1.0
ITERATIONS = 12
DEPTHS = (10, 30, 100)


class Examples(NamedTuple):
    """Definitions of one hole: their figures (a row each), whether it needs them, and how many each stands for."""

    figures: NDArray[np.float64]
    needed: NDArray[np.float64]
    weights: NDArray[np.float64]


class Model(NamedTuple):
    """A logistic regression over figures that are brought to mean 0 and scale 1; the bias comes last."""

    means: NDArray[np.float64]
    scales: NDArray[np.float64]
    weights: NDArray[np.float64]


def examples_of(case: Case, chooser: own.Own, dice: np.random.Generator) -> tuple[list[str], Examples]:
    """Return the figures' names, and the examples of one hole."""
    chooser.open(case.query)
    index, relations = chooser.library.asked(chooser.path(case.query), case.query.before, case.query.after)
    around = survey(Place(case.query.before, case.query.after))
    rows, figures = rank.figures(index, around, relations)
    needed = np.isin(index.definitions["name"][rows], keys(case.names))
    share = min(1.0, NEGATIVES / max(1, len(rows)))
    kept = needed | (dice.random(len(rows)) < share)
    table = np.stack(list(figures.values()), axis=1)[kept]
    weights = np.where(needed[kept], 1.0, 1 / share)
    return list(figures), Examples(table, needed[kept].astype(float), weights)


def fitted(examples: list[Examples]) -> Model:
    """Return the regression of some examples, by Newton's method."""
    table = np.concatenate([one.figures for one in examples])
    needed = np.concatenate([one.needed for one in examples])
    weights = np.concatenate([one.weights for one in examples])
    means = np.average(table, axis=0, weights=weights)
    scales = np.sqrt(np.average((table - means) ** 2, axis=0, weights=weights)) + 1e-6
    table = np.hstack([(table - means) / scales, np.ones((len(table), 1))])
    ridge = np.diag([*np.full(len(means), RIDGE), 1e-6])
    found = np.zeros(len(means) + 1)
    for _ in range(ITERATIONS):
        chances = 1 / (1 + np.exp(-np.clip(table @ found, -30, 30)))
        slope = table.T @ (weights * (chances - needed)) + ridge @ found
        curvature = (table * (weights * np.maximum(chances * (1 - chances), 1e-6))[:, None]).T @ table + ridge
        found -= np.linalg.solve(curvature, slope)
    return Model(means, scales, found)


def depths(model: Model, examples: list[Examples]) -> list[float]:
    """Return the shares of holes whose first needed definition is among the best 10, 30 and 100."""
    places = []
    for one in examples:
        if one.needed.any():
            scores = (one.figures - model.means) / model.scales @ model.weights[:-1]
            order = np.argsort(-scores)
            # Each stands for several, so its place is a sum of weights.
            places.append(np.cumsum(one.weights[order])[np.argmax(one.needed[order])])
    return [float(np.mean(np.array(places) <= depth)) for depth in DEPTHS]


def written(model: Model, names: list[str], comment: str) -> str:
    """Return the module of weights."""

    def table(title: str, values: dict[str, float]) -> str:
        rows = "".join(f'    "{name}": {value:.5g},\n' for name, value in values.items())
        return f"{title} = {{\n{rows}}}\n"

    parts = [
        f'"""The weights of `rank.py`, written by `python -m bench.retrieval.fit`.\n\n{comment}\n"""\n\n',
        table("WEIGHTS", {**dict(zip(names, model.weights, strict=False)), "bias": model.weights[-1]}),
        table("MEANS", dict(zip(names, model.means, strict=True))),
        table("SCALES", dict(zip(names, model.scales, strict=True))),
    ]
    return "".join(parts)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", metavar="OWNER+NAME")
    parser.add_argument("--repos", type=Path, required=True, help="the folder of clones")
    parser.add_argument("--count", type=int, default=120, help="holes of each repository")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("lsp_server/context/rank_weights.py"))
    options = parser.parse_args()
    dice = np.random.default_rng(options.seed)
    names: list[str] = []
    learned: list[list[Examples]] = []
    for repository in options.repositories:
        with run.checked_out(options.repos, repository.replace("+", "/", 1), "HEAD") as sources:
            definitions = definitions_of(sources.files)
            holes = sampling.sample(sources, definitions, options.seed, options.count)
            chooser = own.prepare(sources)
            found = [examples_of(case_of(hole, sources, definitions), chooser, dice) for hole in holes]
        names = found[0][0]
        learned.append([examples for _, examples in found])
        print(f"{repository}: {len(holes)} holes", file=sys.stderr, flush=True)
    for fold in range(FOLDS):
        others = [one for number, part in enumerate(learned) if number % FOLDS != fold for one in part]
        apart = [one for number, part in enumerate(learned) if number % FOLDS == fold for one in part]
        print(f"apart, fold {fold}: {[f'{share:.3f}' for share in depths(fitted(others), apart)]}")
    model = fitted([one for part in learned for one in part])
    for name, weight in sorted(zip(names, model.weights, strict=False), key=lambda row: -abs(row[1])):
        print(f"{name:24} {weight:+.3f}")
    total = sum(map(len, learned))
    comment = f"{total} holes of {len(learned)} repositories, seed {options.seed}, commit {commit()}."
    options.out.write_text(written(model, names, comment), encoding="utf-8")


if __name__ == "__main__":
    main()
