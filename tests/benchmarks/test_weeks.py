"""The weeks of the benchmark without its trainings: what is asked when, and what the page makes of it."""

from pathlib import Path

import pytest

from benchmarks import weeks
from benchmarks.weekly import regimes, world
from benchmarks.weekly.plot import plot
from components.records.examples import decode, labelled_from
from components.records.prediction import Hypothesis, Prediction
from components.records.tfrecord import read_records
from components.shortlister.expand.run import Folders


class Answers:
    """Stands for a model that knows some skills, and for those is right."""

    def __init__(self, folder):
        self.known = frozenset((folder / "skills").read_text().split())


def answers(models, requests, *, top):
    for request in requests:
        right = request.skill_id in models.known
        skill_id = request.skill_id if right else "nobody"
        best = Hypothesis(skill_id=skill_id, domain="D", confidence=0.9 if right else 0.2)
        yield Prediction(request_id=request.request_id, accepted=right, hypotheses=(best,))


def folders(read, skill_ids, folder: Path):
    folder.mkdir(parents=True)
    (folder / "skills").write_text(" ".join(sorted(skill_ids)))
    return Folders(folder, folder, read.catalogue, read.labelled, read.popularity)


@pytest.fixture
def small(monkeypatch):
    """Trainings and changes of skills that are only remembered."""
    added = []

    def trained(read, folder, options, parent=None):
        return folders(read, read.skills().skill_ids, folder)

    def change_skills(change, before, after):
        new = world.read_catalogue(Path(change.folder) / "catalogue.jsonl").skill_ids
        files = sorted(Path(change.folder).glob("Split-train/*.gz"))
        requests = [labelled_from(decode(record)).request for path in files for record in read_records(path)]
        assert {request.skill_id for request in requests} <= {*new}
        added.append((new, requests))
        after.version.mkdir(parents=True)
        (after.version / "skills").write_text((before.version / "skills").read_text() + " " + " ".join(new))

    monkeypatch.setattr(regimes, "trained", trained)
    monkeypatch.setattr(weeks, "trained", trained)
    monkeypatch.setattr(regimes, "change_skills", change_skills)
    monkeypatch.setattr(regimes, "compose", answers)
    monkeypatch.setattr(regimes, "FolderModels", lambda given: Answers(given["shortlister"]))
    return added


def test_the_weeks_are_asked_before_they_are_learnt_from(small, capsys):
    table, picture = weeks.measure(
        skills=41, customers=97, requests=300, base=2, weeks=3, drift=1.5, seed=1, warm=True
    )
    by_week, total = table.grids
    names = [rule.name for rule in regimes.REGIMES]
    assert [row[0] for row in by_week.rows] == ["3", "4", "5"]
    assert [row[0] for row in total.rows] == names == ["retrain", "retrain, warm", "skill add", "nothing"]
    at = by_week.columns.index("top-1, retrain")
    tops = {name: [float(row[at + i].split()[0]) for row in by_week.rows] for i, name in enumerate(names)}
    assert tops["retrain"] == tops["retrain, warm"] == tops["skill add"]  # these models know the same skills
    assert tops["nothing"][0] == tops["retrain"][0]  # all begin as one
    assert tops["nothing"][-1] < tops["retrain"][-1]
    assert sum(len(new) for new, _ in small) > 3
    assert any(requests for _, requests in small)
    assert "nan" not in picture
    assert picture.count("<polyline") == 3 * len(names)
    assert "week 5: retrain" in capsys.readouterr().out


def test_a_plot_of_one_flat_week_is_drawn():
    assert "nan" not in plot([1], {"top-1": {"nothing": [0.5]}})
