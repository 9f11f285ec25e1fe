"""The parts that the tables of `arbiter bench ablation` share."""

import doctest

import numpy as np
import pytest
from scipy.stats import binomtest

from benchmarks import ablation
from benchmarks.ablations import personalisation, statistics, table
from benchmarks.ablations.options import AblationOptions
from benchmarks.ablations.table import REMARKS, Grid, Table
from benchmarks.ablations.worlds import sgd, world
from benchmarks.text_sets import data_folder
from components.records.splits import Shares, hashed_split, split_key


@pytest.mark.parametrize("module", [statistics, table])
def test_examples(module):
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed


def test_every_table_measures():
    assert "personalisation" in ablation.tables()
    assert not {"options", "statistics", "table", "worlds"} & set(ablation.tables())


def test_a_new_measurement_keeps_the_remarks(tmp_path):
    page = tmp_path / "sub" / "page.md"
    page.parent.mkdir()
    Table("Old", "How.", []).write(page, "arbiter bench old")
    page.write_text(page.read_text() + f"\n{REMARKS}\n\n- Mine.\n")
    Table("New", "How.", [Grid("One.", ("a", "b"), [("x", 0.25)])]).write(page, "arbiter bench new")
    assert page.read_text() == (
        "# New\n\n    arbiter bench new\n\nHow.\n\nOne.\n\n| a | b |\n|---|---|\n| x | 0.2500 |\n"
        f"\n{REMARKS}\n\n- Mine.\n"
    )


def test_an_estimate_has_the_worst_seed_and_an_interval_over_customers():
    rng = np.random.default_rng(0)
    customers = [str(n // 4) for n in range(400)]
    same = np.repeat(rng.random(100) < 0.7, 4)  # a customer's requests go right or wrong together
    found = statistics.estimate([same, np.zeros(400, bool)], customers)
    assert found.mean == pytest.approx(same.mean() / 2)
    assert found.minimum == 0.0
    spread = np.std(same / 2) / 100**0.5  # of 100 customers, not of 400 requests
    assert (found.high - found.low) == pytest.approx(2 * 1.96 * spread, rel=0.15)


def test_a_difference_is_paired():
    worse = np.arange(300) % 3 == 0
    better = worse | (np.arange(300) < 40)
    found = statistics.difference([better, better], [worse, worse], [str(n) for n in range(300)])
    gained = (better & ~worse).sum()
    assert found.mean == pytest.approx(gained / 300)
    assert found.of_the_errors == pytest.approx(gained / (~worse).sum())
    assert 0 < found.low < found.mean < found.high
    none = statistics.difference([np.ones(3, bool)], [np.ones(3, bool)], ["a", "b", "c"])
    assert (none.mean, none.of_the_errors) == (0.0, 0.0)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 0), (7, 19), (40, 40), (3, 300)])
def test_mcnemar_is_the_exact_binomial(first, second):
    one = np.array([True] * first + [False] * second + [True, False])
    other = np.array([False] * first + [True] * second + [True, False])
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert statistics.mcnemar(one, other) == pytest.approx(expected, abs=1e-9)


def test_a_world_is_made_once_split_by_customer_and_labelled(tmp_path):
    data = world(tmp_path, skills=20, requests=400, inclusion=0.7)
    made = [path.stat().st_mtime_ns for path in tmp_path.iterdir()]
    again = world(tmp_path, skills=20, requests=400, inclusion=0.7)
    assert again.splits == data.splits
    assert [path.stat().st_mtime_ns for path in tmp_path.iterdir()] == made
    for split, labelled in data.splits.items():
        assert labelled
        assert {hashed_split(split_key(one.request), Shares()) for one in labelled} == {split}
    train = data.splits["train"]
    assert all(one.label.skill_id is None for one in train if one.request.outcome != "handled")
    assert any(one.label.negative_skill for one in train)
    scored = [one for one in data.splits["test"] if one.label.skill_id]
    assert data.customers() == [one.request.customer_id for one in scored]


@pytest.mark.parametrize(
    ("field", "value"), [("skills", 1), ("requests", -1), ("sgd", -1), ("seeds", ()), ("inclusions", ())]
)
def test_a_wrong_option_is_named(field, value):
    with pytest.raises(ValueError, match=f"`{field}`"):
        AblationOptions(**{field: value})


def test_a_row_that_there_is_not_is_named():
    with pytest.raises(ValueError, match="'nobody'"):
        personalisation.measure(AblationOptions(rows=("nobody",)))


@pytest.mark.skipif(not (data_folder() / "sgd").exists(), reason="SGD is not here")
def test_sgd_has_the_stated_sizes_and_no_dialogue_in_two_splits(tmp_path):
    some = tmp_path / "sgd" / "train"
    some.mkdir(parents=True)
    for file in ("schema.json", "dialogues_001.json", "dialogues_002.json", "dialogues_003.json"):
        (some / file).symlink_to((data_folder() / "sgd" / "train" / file).absolute())
    data = sgd(tmp_path, inclusion=0.9, sizes={"train": 300, "dev": 60, "test": 90})
    assert {split: len(labelled) for split, labelled in data.splits.items()} == {
        "train": 300,
        "dev": 60,
        "test": 90,
    }
    dialogues = [{split_key(one.request) for one in labelled} for labelled in data.splits.values()]
    assert len(set.union(*dialogues)) == sum(map(len, dialogues))
