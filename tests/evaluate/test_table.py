import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from components.evaluate.judgement import ANSWERABLE, UNLABELLED, Judgement
from components.evaluate.slices import cross_name
from components.evaluate.slicing import slices_of
from components.evaluate.table import NONE, read_table, rows_in, table_of, write_table
from tests.evaluate.strategies import judgements

FEATURES = st.fixed_dictionaries(
    {}, optional={"device": st.sampled_from(["tv", "a & b: %26"]), "turn": st.text(min_size=1, max_size=2)}
)


def assert_equal(one, other):
    for name, column in one._asdict().items():
        held = getattr(other, name)
        if name == "features":
            assert column.keys() == held.keys()
            pairs = [(column[feature], held[feature]) for feature in column]
        elif name in ("truth", "predicted"):
            pairs = [(column, held)]
        else:
            assert column.dtype == held.dtype, name
            assert (column == held).all(), name
            continue
        for mine, others in pairs:
            assert mine.names == others.names
            assert (mine.codes == others.codes).all()
            assert mine.codes.dtype == others.codes.dtype


@given(st.data())
def test_a_table_comes_back_from_its_file(tmp_path_factory, data):
    slice_ = data.draw(judgements)
    held = data.draw(st.lists(FEATURES, min_size=len(slice_), max_size=len(slice_)))
    table = table_of(slice_, [f"é{i}" for i in range(len(slice_))], held)
    folder = tmp_path_factory.mktemp("table")
    write_table(folder, table)
    assert_equal(read_table(folder), table)


def test_pandas_reads_the_file(tmp_path):
    judged = [Judgement(ANSWERABLE, 1, 1, "a", "a", 0.5), Judgement(ANSWERABLE, 0, 0, "a", "", 0.0)]
    write_table(tmp_path, table_of(judged, ["x", "y"], [{"domain": "R&B"}, {}]))
    frame = pd.read_parquet(tmp_path / "judgements.parquet")
    assert frame["request_id"].tolist() == ["x", "y"]
    assert frame["slice.domain"].tolist()[0] == "R&B"
    assert frame["slice.domain"].isna().tolist() == [False, True]


@given(st.lists(FEATURES, max_size=23), st.integers(1, 3))
def test_slices_are_what_a_plain_loop_finds(held, least):
    table = table_of([Judgement(UNLABELLED)] * len(held), features=held)
    expected = {"all": list(range(len(held)))}
    for features in (["device"], ["turn"], ["device", "turn"]):
        for row, values in enumerate(held):
            if values.keys() >= set(features):
                name = cross_name({feature: values[feature] for feature in features})
                expected.setdefault(name, []).append(row)
    kept = {name: rows for name, rows in expected.items() if name == "all" or len(rows) >= least}
    found = slices_of(table, crosses=[("turn", "device"), ("turn", "locale")], least=least)
    assert {name: rows.tolist() for name, rows in found.rows.items()} == kept
    assert sum(found.left_out.values()) == len(expected) - len(kept)


def test_rows_are_found_by_request():
    table = table_of([Judgement(UNLABELLED)] * 3, ["a", "b", "c"])
    assert rows_in(table, np.array(["c", "x", "a"], dtype=object)).tolist() == [2, NONE, 0]
