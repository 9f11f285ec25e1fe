import numpy as np

from benchmarks import text_accuracy
from benchmarks.text_accuracy import main, row
from benchmarks.text_answers import Figures

NEW = np.array([True, True, False, False])


def figures(right, auroc=None):
    return Figures(np.array(right, bool), dev_top1=0.5, macro_f1=0.25, ece=0.125, auroc=auroc)


def test_a_row_has_the_mean_and_the_worst_seed():
    seeds = [figures([1, 1, 1, 0], 0.9), figures([1, 0, 0, 0], 0.8)]
    name, system, top1, least, interval, new, f1, ece, auroc, dev = row("hwu64", "mine", seeds, NEW)
    assert (name, system, top1, least, new) == ("hwu64", "mine", "0.5000", "0.2500", "0.7500")
    assert (f1, ece, auroc, dev) == ("0.2500", "0.1250", "0.8500", "0.5000")
    low, high = map(float, interval.split(" … "))
    assert low <= 0.5 <= high


def test_one_seed_has_no_worst_and_a_set_without_out_of_scope_requests_no_auroc():
    cells = row("hwu64", "mine", [figures([1, 0, 0, 0])], NEW)
    assert (cells[3], cells[8]) == ("-", "-")


def test_the_page_names_the_command_that_made_it(tmp_path, monkeypatch):
    asked = []

    def report(name, data, *, systems, seeds, changed, kept):
        asked.append((name, seeds, changed))
        return [row(name, "mine", [figures([1, 0, 0, 0])], NEW)]

    monkeypatch.setattr(text_accuracy, "report", report)
    (tmp_path / "text_accuracy.md").write_text("# Old\n\n## What it says\n\nA remark.\n")
    command = ["--sets", "hwu64", "--seeds", "4", "5", "--taught-seeds", "6"]
    main([*command, "--options", '{"gram_buckets":64}', "--output", str(tmp_path)])
    changed = {"gram_buckets": 64, "personalisation": "none"}
    assert asked == [("hwu64", {"scratch": [4, 5], "taught": [6]}, changed)]
    page = (tmp_path / "text_accuracy.md").read_text()
    assert "--sets hwu64 --systems svm minilm scratch taught --seeds 4 5 --taught-seeds 6 " in page
    assert "--options '{\"gram_buckets\":64}' --output" in page
    assert page.endswith("## What it says\n\nA remark.\n")
