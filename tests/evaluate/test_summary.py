"""Summary, comparison and Markdown on evaluations made by hand."""

import msgspec
import pytest

from components.evaluate.evaluation import Evaluation, write_evaluation
from components.evaluate.markdown import markdown
from components.evaluate.summary import Change, Compared, compared, summary
from components.evaluate.table import table_of, write_table
from components.records.verdict import Check, ModelVerdict, Verdict, write_verdict
from tests.evaluate.world import HOSTILE

OVERALL = {"requests": 9.0, "top1": 0.75, "top3": 0.8, "ece": 0.05, "brier": 0.1}


def write(folder, overall=OVERALL, verdict=None):
    folder.mkdir()
    intervals = {"all": {"top1": (0.7, 0.8)}}
    write_evaluation(folder, Evaluation(split="test", slices={"all": overall}, intervals=intervals))
    write_verdict(folder, verdict or Verdict(blessed=True, words="Blessed: all 2 checks passed.", checks=()))
    return folder


@pytest.fixture
def refused():
    check = Check(
        name="max_ece",
        slice="all",
        metric="ece",
        value=0.5,
        threshold=0.1,
        passed=False,
        reason=f"ECE | is\n{HOSTILE}",
    )
    model = ModelVerdict(model="domain-music", blessed=False, words="Refused: top-1 fell.")
    return Verdict(
        blessed=False,
        words="Not blessed: 1 of 2 checks failed. Pushed by force: @all",
        checks=(check,),
        models=(model,),
        forced="@all",
    )


def test_the_ten_are_those_that_were_measured(tmp_path):
    found = summary(write(tmp_path / "w"), tmp_path / "w")
    assert [row.metric for row in found.ten] == ["top1", "ece", "brier"]
    assert [row.metric for row in found.rows] == ["top1", "top3", "ece", "brier"]
    assert (found.ten[0].low, found.ten[0].high, found.ten[1].low) == (0.7, 0.8, None)
    assert msgspec.json.decode(msgspec.json.encode(found))["metrics"] == OVERALL


def test_runs_on_other_requests_are_compared_figure_by_figure(tmp_path):
    for name, top1 in (("a", 0.5), ("b", 0.75)):
        write(tmp_path / name, {"top1": top1, "ece": 0.05})
        write_table(tmp_path / name, table_of([]))
    found = compared(tmp_path / "a", tmp_path / "b")
    assert found.paired == 0
    assert found.changes[0] == Change(metric="top1", before=0.5, after=0.75)


def test_a_run_without_judgements_cannot_be_compared(tmp_path):
    with pytest.raises(FileNotFoundError):
        compared(write(tmp_path / "a"), write(tmp_path / "b"))


def test_markdown_has_everything_and_escapes_it(tmp_path, refused):
    found = summary(write(tmp_path / "w", verdict=refused), tmp_path / "w")
    change = Change(metric="top1", before=0.5, after=0.75, low=0.2, high=0.3, kind="better")
    said = markdown(
        found, Compared(paired=7, changes=(change,)), ["top1 is 0.7500; at least 0.9 is asked for"]
    )
    assert said.startswith("### ❌ Not blessed\n\n1 of 2 checks failed. ")
    assert HOSTILE not in said
    assert "- ECE \\| is &lt;script&gt;" in said
    assert "- domain-music: Refused: top-1 fell." in said
    assert "Pushed by force: @\u200ball" in said
    assert "- top1 is 0.7500; at least 0.9 is asked for" in said
    assert "| top1 | 0.7500 | 0.7000 to 0.8000 |" in said
    assert "| top1 | 0.5000 | 0.7500 | +0.2500 (+0.2000 to +0.3000) | ▲ better |" in said
    tables = [line for line in said.splitlines() if line.startswith("|")]
    assert {line.count("|") - line.count("\\|") for line in tables} == {4, 6}


def test_markdown_of_other_requests_gives_no_interval(tmp_path):
    found = summary(write(tmp_path / "w"), tmp_path / "w")
    said = markdown(found, Compared(paired=0, changes=(Change(metric="ece", before=0.1, after=0.05),)))
    assert said.startswith("### ✅ Blessed")
    assert "| ece | 0.1000 | 0.0500 | -0.0500 |  |" in said
    assert "no interval can be given" in said
