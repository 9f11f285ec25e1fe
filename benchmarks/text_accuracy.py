"""Accuracy from the text alone on two public sets, beside the peers.

    python -m benchmarks.text_accuracy [--sets hwu64 clinc150] [--seeds 1 2 3] [--kept FOLDER]

HWU64: the published KFold_1 train file; test = rows with sha256(answerid) mod 10 = 0, dev = 1, train = the
rest; a skill is scenario_intent. CLINC150: its own splits, scored on the in-scope test rows; of its
out-of-scope rows only oos_train and oos_val are seen before the test. All systems see the same rows;
everything is chosen on dev (the peers' cost, the Shortlister's epoch and defaults), and test is looked at
once per seed. With a teacher the Shortlister also reads texts without labels: the train texts of the other
set and train turns of SGD's users.
"""

import argparse
import os
import pickle
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import tensorflow as tf

from benchmarks.shortlister_runs import Bools, corpora, interval
from benchmarks.text_answers import Figures, Split, figures
from benchmarks.text_peers import minilm, svm, texts_of
from components.importers.clinc150 import Clinc150
from components.importers.hwu64 import Hwu64, answerid_of, hwu64_fold
from components.importers.sgd import Sgd
from components.importers.source import Source
from components.records.request import Request
from components.records.text import normalise
from components.shortlister.corpus import Corpus
from components.shortlister.dev_figures import dev_figures
from components.shortlister.distil.lessons import Lessons
from components.shortlister.distil.pretrain import ask_teacher, finishing, pretrained
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.reject import reject_score
from components.shortlister.train import text_encoder, train

SETS = ("hwu64", "clinc150")
SYSTEMS = ("svm", "minilm", "scratch", "taught")
_FOLDS = {0: "test", 1: "dev"}
_SGD_TURNS = 10_000
_COLUMNS = ("set (skills, train / dev / test)", "system", "top-1", "min", "95 % interval", "new text",
            "macro-F1", "ECE", "OOS AUROC", "dev", "s")  # fmt: skip

_TAUGHT = {
    "teacher": "minilm",
    "word_buckets": 1 << 15,
    "gram_buckets": 1 << 15,
    "gram_size": 256,
    "utterance_size": 256,
    "lstm_size": 100,
    "word_size": 100,
    "dropout": 0.1,
    "gram_dropout": 0.05,
    "word_dropout": 0.02,
    "learning_rate": 4e-3,
    "distil_epochs": 5,
}
"""What is changed of the options where a teacher comes first."""

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


def unseen(splits: Splits) -> Bools:
    """Which in-scope test requests have an utterance that train lacks."""
    known = {normalise(request.utterance) for request in splits["train"]}
    scored = [request for request in splits["test"] if request.skill_id is not None]
    return np.array([normalise(request.utterance) not in known for request in scored])


def further_texts(name: str, data: Path) -> list[str]:
    """Texts without a label for a teacher to read beside the set's own: none of them is of the set."""
    others = [load(other, data)[0]["train"] for other in SETS if other != name]
    texts = [request.utterance for requests in others for request in requests]
    turns = [
        one.utterance
        for one in Sgd(data / "sgd").requests()
        if isinstance(one, Request) and one.split == "train"
    ]
    distinct = sorted(set(turns))
    chosen = np.random.default_rng(0).permutation(len(distinct))[:_SGD_TURNS]
    return texts + [distinct[place] for place in chosen]


def taught(
    name: str,
    data: Path,
    splits: Splits,
    encoded: Mapping[str, Corpus],
    skills: int,
    options: ShortlisterOptions,
    kept: Path | None,
) -> Lessons:
    """What the teacher says, or said: it is kept in the folder `kept`, if there is one, for another call."""
    path = None if kept is None else kept / f"lessons-{name}.pickle"
    if path is not None and path.exists():
        lessons: Lessons = pickle.loads(path.read_bytes())
        return lessons
    lessons = ask_teacher(
        [request.utterance for request in splits["train"]],
        encoded["train"],
        skills=skills,
        options=options,
        further=further_texts(name, data),
        encode=tf.function(text_encoder(options), input_signature=[tf.TensorSpec([None], tf.string)]),
        report=lambda line: print(f"  {name} {line}", flush=True),
    )
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(lessons))
    return lessons


def shortlister(
    encoded: Mapping[str, Corpus], skills: int, options: ShortlisterOptions, lessons: Lessons | None
) -> tuple[Figures, float]:
    """One training, its figures, and its seconds (without the teacher's)."""
    started = time.perf_counter()
    start = None if lessons is None else pretrained(lessons, skills=skills, options=options)
    phase = None if lessons is None else finishing(options)
    training = train(
        encoded["train"], encoded["dev"], skills=skills, options=options, start=start, phase=phase
    )
    seconds = time.perf_counter() - started
    scorer = Scorer(training.network, skills=skills)
    fitted = dev_figures(scorer, encoded["dev"])

    def answers(corpus: Corpus) -> Split:
        numbers, best = scorer.top(corpus, corpus.scored, k=1)
        rejects = [
            -scorer.reject_features(corpus, rows)[:, 2]
            if fitted.refusal is None
            else np.asarray(reject_score(scorer.reject_features(corpus, rows), fitted.refusal))
            for rows in (corpus.scored, np.flatnonzero(corpus.out_of_scope))
        ]
        return Split(numbers[:, 0].astype(np.int64), best[:, 0].astype(np.float64), *rejects)

    dev, test = encoded["dev"], encoded["test"]
    gold = [corpus.skill[corpus.scored].astype(np.int64) for corpus in (dev, test)]
    return figures(answers(dev), answers(test), *gold), seconds


def report(
    name: str,
    data: Path,
    *,
    systems: Sequence[str],
    seeds: Sequence[int],
    options: ShortlisterOptions,
    kept: Path | None,
) -> list[str]:
    """Trains and tests on one set; the rows of a Markdown table."""
    splits, skill_ids = load(name, data)
    new, texts = unseen(splits), texts_of(splits, skill_ids)
    sizes = " / ".join(f"{len(texts[split][0]):,}" for split in ("train", "dev", "test"))
    lines: list[str] = []

    def line(system: str, found: Sequence[Figures], seconds: float | None) -> None:
        label = f"{name} ({len(skill_ids)} skills, {sizes})" if not lines else name
        lines.append(row(label, system, found, new, seconds))
        print(lines[-1], flush=True)

    peers = {"svm": svm, "minilm": minilm}
    for peer in (peers[system] for system in systems if system in peers):
        started = time.perf_counter()
        system, found = peer(texts)
        line(system, [found], time.perf_counter() - started)
    skills = len(skill_ids)
    for teacher in (system == "taught" for system in systems if system not in peers):
        chosen = msgspec.structs.replace(options, **_TAUGHT) if teacher else options
        chosen = chosen.sized(len(splits["train"]))
        encoded = corpora(splits, skill_ids, chosen)
        lessons = taught(name, data, splits, encoded, skills, chosen, kept) if teacher else None
        results = []
        for seed in seeds:
            results.append(shortlister(encoded, skills, msgspec.structs.replace(chosen, seed=seed), lessons))
            one, seconds = results[-1]
            print(
                f"  {name} {'taught' if teacher else 'from scratch'}, seed {seed}: test "
                f"{one.right.mean():.4f}, dev {one.dev_top1:.4f}, ECE {one.ece:.4f}, {seconds:.0f} s",
                flush=True,
            )
        system = f"Shortlister, {'taught by MiniLM' if teacher else 'from scratch'}, {len(seeds)} seeds"
        line(system, [one for one, _ in results], float(np.mean([seconds for _, seconds in results])))
    return lines


def row(name: str, system: str, found: Sequence[Figures], new: Bools, seconds: float | None) -> str:
    """One line of the table: means over seeds, the worst seed's top-1."""
    right = np.mean([one.right for one in found], axis=0)  # [N], share of seeds
    low, high = interval(right)
    aurocs = [one.auroc for one in found if one.auroc is not None]
    cells = [
        name,
        system,
        f"{right.mean():.4f}",
        f"{min(one.right.mean() for one in found):.4f}" if len(found) > 1 else "-",
        f"{low:.4f} … {high:.4f}",
        f"{right[new].mean():.4f}",
        f"{np.mean([one.macro_f1 for one in found]):.4f}",
        f"{np.mean([one.ece for one in found]):.4f}",
        f"{np.mean(aurocs):.4f}" if aurocs else "-",
        f"{np.mean([one.dev_top1 for one in found]):.4f}",
        "-" if seconds is None else f"{seconds:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints one table over the sets."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=SYSTEMS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--options", default="{}", help="JSON of ShortlisterOptions")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--kept", type=Path, help="folder that keeps what the teacher says between calls")
    chosen = parser.parse_args(arguments)
    options = msgspec.json.decode(chosen.options, type=ShortlisterOptions)
    options = msgspec.structs.replace(options, personalisation="none")
    rows = [
        line
        for name in chosen.sets
        for line in report(
            name,
            chosen.data,
            systems=chosen.systems,
            seeds=chosen.seeds,
            options=options,
            kept=chosen.kept,
        )
    ]
    print("\n".join(["", f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|", *rows]))


if __name__ == "__main__":
    main()
