"""Accuracy from the text alone on two public sets, beside the peers.

    python -m benchmarks.text_accuracy [--sets hwu64 clinc150] [--systems ...] [--seeds 1 2 3]
        [--taught-seeds 1 2] [--kept FOLDER] [--output docs/results]

HWU64: the published KFold_1 train file; test = rows with sha256(answerid) mod 10 = 0, dev = 1, train = the
rest; a skill is scenario_intent. CLINC150: its own splits, scored on the in-scope test rows; of its
out-of-scope rows only oos_train and oos_val are seen before the test. All systems see the same rows;
everything is chosen on dev (the peers' cost, the Shortlister's epoch and options), and only the table that is
printed last is of test. With a teacher the Shortlister also reads texts without labels: the train texts of
the other set and train turns of SGD's users.

With `--kept` what is done once (peers, lessons, trained weights) is not done again by another call with the
same options, so that a table can be made in parts and printed whole in the end. With `--output` the table
becomes text_accuracy.md there; a person's remarks at its end stay.
"""

import argparse
import shlex
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmarks.ablations.table import Grid, Table
from benchmarks.kept import once
from benchmarks.shortlister_runs import Bools, interval
from benchmarks.text_answers import Figures
from benchmarks.text_peers import minilm, svm, texts_of
from benchmarks.text_sets import SETS, data_folder, load, unseen
from benchmarks.text_shortlister import TAUGHT, shortlisters

SYSTEMS = ("svm", "minilm", "scratch", "taught")
_COLUMNS = ("set (skills, train / dev / test)", "system", "top-1", "min", "95 % interval", "new text",
            "macro-F1", "ECE", "OOS AUROC", "dev")  # fmt: skip
_METHOD = """No enabled lists. HWU64: the published KFold_1 train file, test = rows with sha256(answerid) mod
10 = 0, dev = 1; a skill is scenario_intent. CLINC150: its own splits, scored on in-scope test rows; of its
out-of-scope rows only oos_train and oos_val are seen before the test. All systems see the same rows; the
peers' cost and the Shortlister's epoch and options are chosen on dev.

Means over seeds; "min" is the worst seed's top-1, the interval a bootstrap over test requests of the mean
over seeds, "new text" the top-1 on test texts that train lacks. ECE: of the best answer, by a logistic map of
its score and its lead over the runner-up, fitted on dev; 15 bins. OOS AUROC: the reject score (peers: the
best score). The Shortlister's tables are rounded to the 8 bits that they are served in.

"Taught": [a pretrained teacher](../teacher.md) comes first, with the options `{taught}`
and those of the command; it also reads, without labels, the train texts of the other set and 10,000 train
turns of SGD's users."""


def report(
    name: str,
    data: Path,
    *,
    systems: Sequence[str],
    seeds: dict[str, Sequence[int]],
    changed: Mapping[str, Any],
    kept: Path | None,
) -> list[Sequence[str]]:
    """Trains and tests on one set; the table's rows. `seeds` are by system, `changed` options by name."""
    splits, skill_ids = load(name, data)
    new, texts = unseen(splits), texts_of(splits, skill_ids)
    sizes = " / ".join(f"{len(texts[split][0]):,}" for split in ("train", "dev", "test"))
    peers = {"svm": svm, "minilm": minilm}
    rows: list[Sequence[str]] = []
    for system in systems:
        if system in peers:
            label, figures = once(kept, f"{name}-{system}", partial(peers[system], texts))
            found = [figures]
        else:
            label = f"Shortlister, {'taught by MiniLM' if system == 'taught' else 'from scratch'}"
            label = f"{label}, seeds {', '.join(map(str, seeds[system]))}"
            found = shortlisters(
                name,
                splits,
                skill_ids,
                teacher=system == "taught",
                seeds=seeds[system],
                changed=changed,
                data=data,
                kept=kept,
            )
        place = name if rows else f"{name} ({len(skill_ids)} skills, {sizes})"
        rows.append(row(place, label, found, new))
    return rows


def row(name: str, system: str, found: Sequence[Figures], new: Bools) -> Sequence[str]:
    """One line of the table: means over seeds, the worst seed's top-1."""
    right = np.mean([one.right for one in found], axis=0)  # [N], share of seeds
    low, high = interval(right)
    aurocs = [one.auroc for one in found if one.auroc is not None]
    return (
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
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints one table over the sets, and writes it as a page where that is asked for."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench text_accuracy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=SYSTEMS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--taught-seeds", nargs="+", type=int, help="of the taught ones, if not the same")
    parser.add_argument("--options", default="{}", help="JSON of ShortlisterOptions that are changed")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--kept", type=Path, help="folder that keeps what is done between calls")
    parser.add_argument("--output", type=Path, help="folder of the page; none is written without")
    chosen = parser.parse_args(arguments)
    changed = msgspec.json.decode(chosen.options, type=dict[str, Any]) | {"personalisation": "none"}
    seeds = {"scratch": chosen.seeds, "taught": chosen.taught_seeds or chosen.seeds}
    rows = [
        line
        for name in chosen.sets
        for line in report(
            name, chosen.data, systems=chosen.systems, seeds=seeds, changed=changed, kept=chosen.kept
        )
    ]
    method = _METHOD.format(taught=msgspec.json.encode(TAUGHT).decode())
    table = Table(
        "Accuracy from the text alone", method, [Grid("On test; the last column is dev.", _COLUMNS, rows)]
    )
    print(table.markdown())
    if chosen.output:
        table.write(chosen.output / "text_accuracy.md", _command(chosen, seeds))


def _command(chosen: argparse.Namespace, seeds: dict[str, Sequence[int]]) -> str:
    """The command that makes this page again."""
    parts = [f"--sets {' '.join(chosen.sets)} --systems {' '.join(chosen.systems)}"]
    parts += [f"--seeds {' '.join(map(str, seeds['scratch']))}"]
    parts += [f"--taught-seeds {' '.join(map(str, seeds['taught']))}"]
    if chosen.options != "{}":
        parts += [f"--options {shlex.quote(chosen.options)}"]
    return f"python -m benchmarks.text_accuracy {' '.join(parts)} --output docs/results"


if __name__ == "__main__":
    main()
