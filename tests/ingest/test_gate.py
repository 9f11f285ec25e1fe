"""The gate on bad data, and the schema it rests on."""

import json

import pytest

from components.ingest.gate import BadDataError, judge, require, write_verdict
from components.ingest.options import GateOptions
from components.ingest.report import Letter, Report
from components.ingest.schema import request_schema
from components.records.features import REQUEST_FEATURES, F

LETTER = Letter(
    file="a.jsonl", line=7, reason="nul", field="utterance", rule="must not hold NUL", value="'x'"
)


def report(dead: int = 0, train: int = 10) -> Report:
    return Report(
        records_in=100,
        records_out=100 - dead,
        dead=dead,
        bad_share=dead / 100,
        reasons={"nul": dead},
        splits={"train": train, "rank": 0, "dev": 5, "test": 3},
        first_letters=(LETTER,),
    )


def test_good_data_passes_and_says_why(tmp_path):
    verdict = judge(report(dead=5), {"train": {}}, GateOptions(max_bad_share=0.05))
    require(verdict, report(), tmp_path)
    write_verdict(tmp_path, verdict)
    written = json.loads((tmp_path / "verdict.json").read_text())
    assert written["blessed"] is True
    assert [check["name"] for check in written["checks"]] == [
        "max_bad_share",
        "min_train",
        "min_dev",
        "min_test",
        "max_anomalies",
    ]
    assert all(check["reason"] for check in written["checks"])


@pytest.mark.parametrize(
    ("found", "anomalies", "options", "failed"),
    [
        (report(dead=6), {}, GateOptions(max_bad_share=0.05), "max_bad_share"),
        (report(train=2), {}, GateOptions(min_train=3), "min_train"),
        (report(), {}, GateOptions(min_dev=7), "min_dev"),
        (report(), {}, GateOptions(min_test=4), "min_test"),
        (report(), {"dev": {"outcome": "unexpected value"}}, GateOptions(), "max_anomalies"),
    ],
)
def test_bad_data_is_stopped_with_the_report(tmp_path, found, anomalies, options, failed):
    verdict = judge(found, anomalies, options)
    assert [check.name for check in verdict.checks if not check.passed] == [failed]
    with pytest.raises(BadDataError) as raised:
        require(verdict, found, tmp_path)
    for part in (
        "100 records read",
        "6 × nul" if found.dead else "",
        "a.jsonl line 7: utterance",
        str(tmp_path),
    ):
        assert part in str(raised.value)


def test_the_schema_has_every_request_feature_once():
    features = {feature.name: feature for feature in request_schema().feature}
    assert list(features) == list(REQUEST_FEATURES)
    assert features[F.UTTERANCE].presence.min_fraction == features[F.SPLIT].presence.min_fraction == 1.0
    assert features[F.ENABLED_SKILLS].value_count.max == 0  # any number
    assert list(features[F.OUTCOME].string_domain.value) == ["handled", "rejected", "out_of_scope", "unknown"]
    assert (features[F.NEW_INTENT].int_domain.min, features[F.NEW_INTENT].int_domain.max) == (0, 1)
