import dataclasses

import numpy as np
import pytest

from components.shortlister.expand.rows import SkillRows
from components.shortlister.expand.start import expected_mean, start_rows
from tests.shortlister.expand.test_features import features

RNG = np.random.default_rng(7)
OLD = dataclasses.replace(features(19), requests=np.full(19, 50), enabled=np.full(19, 50))
ROWS = SkillRows(
    embedding=(OLD.mean @ RNG.normal(size=(4, 4))).astype(np.float32),
    kernel=(OLD.mean @ RNG.normal(size=(4, 8)) + 1).astype(np.float32),
    bias=np.full((19, 1), 0.5, np.float32),
    flag=RNG.normal(size=(19, 1)).astype(np.float32),
)


def newcomers(**changes):
    return dataclasses.replace(features(3, seed=8), **{"requests": np.full(3, 40), **changes})


def test_a_skill_that_lies_where_an_old_one_does_starts_from_its_weights():
    new = newcomers(mean=OLD.mean[[4, 11, 2]], text=np.zeros((3, 4), np.float32))
    start = start_rows(ROWS, OLD, new)
    for found, true in zip(start.kernel, ROWS.kernel[[4, 11, 2]], strict=True):
        assert np.corrcoef(found, true)[0, 1] > 0.95
    np.testing.assert_allclose(start.bias, 0.5, atol=0.01)
    np.testing.assert_allclose(start.flag, np.full((3, 1), ROWS.flag.mean()), rtol=1e-6)
    for found, true in zip(start.embedding, ROWS.embedding[[4, 11, 2]], strict=True):
        assert found @ true / np.linalg.norm(found) / np.linalg.norm(true) > 0.99


def test_an_embedding_is_as_long_as_the_trained_ones():
    start = start_rows(ROWS, OLD, newcomers())
    wanted = np.linalg.norm(ROWS.embedding, axis=1).mean()
    np.testing.assert_allclose(np.linalg.norm(start.embedding, axis=1), wanted, rtol=1e-5)


def test_an_embedding_that_nobody_trained_says_nothing():
    strange = SkillRows(np.array(ROWS.embedding), ROWS.kernel, ROWS.bias, ROWS.flag)
    strange.embedding[0] = 1e6
    seldom = dataclasses.replace(OLD, enabled=np.where(np.arange(19) == 0, 4, 50))
    found = start_rows(strange, seldom, newcomers()).embedding
    others = dataclasses.replace(
        OLD, **{n: getattr(OLD, n)[1:] for n in ("mean", "text", "requests", "enabled")}
    )
    expected = start_rows(ROWS.take(np.arange(1, 19)), others, newcomers()).embedding
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_the_fewer_requests_the_more_its_text_counts():
    new = newcomers(requests=np.array([0, 2, 200]))
    learnt = np.arange(19)
    said = expected_mean(OLD, dataclasses.replace(new, requests=np.zeros(3, np.int32)), learnt)
    found = expected_mean(OLD, new, learnt)
    np.testing.assert_allclose(found[0], said[0])
    np.testing.assert_allclose(found[1], (said[1] + new.mean[1]) / 2, rtol=1e-5)
    np.testing.assert_allclose(found[2], new.mean[2], atol=0.05)


@pytest.mark.parametrize("missing", ["embedding", "bias", "flag"])
def test_what_a_network_lacks_is_not_made(missing):
    start = start_rows(dataclasses.replace(ROWS, **{missing: None}), OLD, newcomers())
    assert getattr(start, missing) is None
    assert np.isfinite(start.kernel).all()


def test_old_skills_without_requests_still_give_a_start():
    start = start_rows(ROWS, dataclasses.replace(OLD, requests=np.zeros(19, np.int32)), newcomers())
    assert all(np.isfinite(v).all() for v in (start.embedding, start.kernel, start.bias, start.flag))
