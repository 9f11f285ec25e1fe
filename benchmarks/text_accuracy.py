"""Accuracy from the text alone on two public sets, beside TF-IDF + linear SVM.

    python -m benchmarks.text_accuracy [--sets hwu64 clinc150] [--seeds 1 2 3] [--options '{}']

HWU64: the published KFold_1 train file; test = rows with sha256(answerid) mod 10 = 0, dev = 1, train = the
rest; a skill is scenario_intent. CLINC150: its own splits, scored on the in-scope test rows. Both systems see
the same rows; everything is chosen on dev (the SVM's C, the Shortlister's epoch and defaults), and test is
looked at once per seed.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from benchmarks.shortlister_runs import Bools, corpora, interval, run
from components.importers.clinc150 import Clinc150
from components.importers.hwu64 import Hwu64, answerid_of, hwu64_fold
from components.importers.source import Source
from components.records.request import Request
from components.records.text import normalise
from components.shortlister.options import ShortlisterOptions

SETS = ("hwu64", "clinc150")
_FOLDS = {0: "test", 1: "dev"}
_COSTS = (0.1, 0.3, 1.0, 3.0)

Splits = dict[str, list[Request]]


def data_folder() -> Path:
    """The public sets: ARBITER_DATA, or ../shared/data beside the repository."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("ARBITER_DATA") or default)


def load(name: str, data: Path) -> tuple[Splits, list[str]]:
    """The requests of a set by split, and its skill ids."""
    source: Source = Hwu64(data / name) if name == "hwu64" else Clinc150(data / name)
    splits: Splits = {"train": [], "dev": [], "test": []}
    for request in source.requests():
        if isinstance(request, Request):
            split = request.split or "train"
            if name == "hwu64":
                split = _FOLDS.get(hwu64_fold(answerid_of(request.request_id)), "train")
            splits[split].append(request)
    return splits, [skill.skill_id for skill in source.skills()]


def linear_svm(cost: float) -> Pipeline:
    """TF-IDF of words and word pairs beside character 2- to 5-grams within words, into a linear SVM."""
    features = FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)),
            ("chars", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)),
        ]
    )
    return make_pipeline(features, LinearSVC(C=cost))


def svm_right(splits: Splits) -> tuple[float, Bools]:
    """The best cost on dev, and which in-scope test requests that SVM gets right."""
    texts, skills = {}, {}
    for split, requests in splits.items():
        scored = [request for request in requests if request.skill_id is not None]
        texts[split] = [request.utterance for request in scored]
        skills[split] = np.array([request.skill_id for request in scored])
    models = [linear_svm(cost).fit(texts["train"], skills["train"]) for cost in _COSTS]
    accuracies = [float(np.mean(model.predict(texts["dev"]) == skills["dev"])) for model in models]
    best = int(np.argmax(accuracies))
    return _COSTS[best], models[best].predict(texts["test"]) == skills["test"]


def unseen(splits: Splits) -> Bools:
    """Which in-scope test requests have an utterance that train lacks."""
    known = {normalise(request.utterance) for request in splits["train"]}
    scored = [request for request in splits["test"] if request.skill_id is not None]
    return np.array([normalise(request.utterance) not in known for request in scored])


def report(name: str, data: Path, *, seeds: Sequence[int], options: ShortlisterOptions) -> list[str]:
    """Trains and tests on one set; the rows of a Markdown table."""
    splits, skill_ids = load(name, data)
    new = unseen(splits)
    cost, svm = svm_right(splits)
    sizes = " / ".join(str(sum(r.skill_id is not None for r in splits[s])) for s in ("train", "dev", "test"))
    low, high = interval(svm.astype(float))
    lines = [
        f"| {name} ({len(skill_ids)} skills, {sizes}) | TF-IDF + linear SVM, C={cost} | {svm.mean():.4f} | - "
        f"| {low:.4f} … {high:.4f} | {svm[new].mean():.4f} | - | - |"
    ]
    print(lines[-1], flush=True)
    sized = options.sized(len(splits["train"]))
    encoded = corpora(splits, skill_ids, sized)
    results = []
    for seed in seeds:
        results.append(run(encoded, skill_ids, msgspec.structs.replace(sized, seed=seed)))
        found = results[-1]
        print(
            f"  {name} seed {seed}: test {found.right.mean():.4f}, dev {found.dev_top1:.4f}, "
            f"epoch {found.training.best_epoch} of {len(found.training.epochs)}, {found.seconds:.0f} s",
            flush=True,
        )
    right = np.mean([found.right for found in results], axis=0)  # [N], share of seeds
    low, high = interval(right)
    lines.append(
        f"| {name} | Shortlister, {len(seeds)} seeds | {right.mean():.4f} "
        f"| {min(found.right.mean() for found in results):.4f} | {low:.4f} … {high:.4f} "
        f"| {right[new].mean():.4f} | {np.mean([found.dev_top1 for found in results]):.4f} "
        f"| {np.mean([found.seconds for found in results]):.0f} |"
    )
    print(lines[-1], flush=True)
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints one table over the sets."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--options", default="{}", help="JSON of ShortlisterOptions")
    parser.add_argument("--data", type=Path, default=data_folder())
    chosen = parser.parse_args(arguments)
    options = msgspec.json.decode(chosen.options, type=ShortlisterOptions)
    options = msgspec.structs.replace(options, personalisation="none")
    rows = [
        row for name in chosen.sets for row in report(name, chosen.data, seeds=chosen.seeds, options=options)
    ]
    print(
        "\n| set (skills, train / dev / test) | system | top-1 | min | 95 % interval | new text | dev | s |"
    )
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
