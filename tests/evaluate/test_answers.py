"""From requests with several right answers and lists of any length to metrics, against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, log_loss, roc_auc_score, top_k_accuracy_score

from components.evaluate.judgement import judge
from components.records.request import Request
from tests.evaluate.measured import metrics_of
from tests.evaluate.world import labelled, prediction

SKILLS = "abcde"


@st.composite
def answered(draw):
    """A request with its right skills, or out of scope, and a list of some of the skills."""
    right = draw(st.lists(st.sampled_from(SKILLS), unique=True, max_size=3))
    request = Request(
        request_id="r",
        utterance="u",
        skill_id=right[0] if right else None,
        also_correct=tuple(sorted(right[1:])),
        outcome="handled" if right else "out_of_scope",
    )
    ranked = draw(st.lists(st.sampled_from(SKILLS), unique=True, max_size=5))
    first = draw(st.sampled_from([0.25, 0.5, 1.0]) | st.floats(0.0, 1.0))
    scored = [(skill, first / (place + 1)) for place, skill in enumerate(ranked)]
    return labelled(request), prediction("r", *scored, accepted=draw(st.booleans()))


@given(st.lists(answered(), max_size=31))
def test_metrics_of_answers_with_several_right_skills(pairs):
    found = metrics_of([judge(known, answer) for known, answer in pairs])
    known = [pair for pair in pairs if pair[0].request.skill_id]
    scope = [pair for pair in pairs if not pair[0].request.skill_id]
    assert (found["answerable"], found["out_of_scope"]) == (len(known), len(scope))
    if scope:
        accepted = np.mean([answer.accepted for _, answer in scope])
        assert found["false_accepts"] == pytest.approx(accepted, abs=1e-9)
    if not known:
        return
    hits = np.zeros((len(known), len(SKILLS)))  # whether the skill at each place is right
    scores = np.zeros((len(known), len(SKILLS)))  # of each skill, higher for an earlier place
    truth, predicted, confidence = [], [], []
    for row, (asked, answer) in enumerate(known):
        right = asked.request.correct_skills
        ranked = [each.skill_id for each in answer.hypotheses]
        hits[row, : len(ranked)] = [skill in right for skill in ranked]
        scores[row, [SKILLS.index(skill) for skill in ranked]] = 5 - np.arange(len(ranked))
        predicted.append(ranked[0] if ranked else "")
        truth.append(ranked[0] if ranked and ranked[0] in right else asked.request.skill_id)
        confidence.append(answer.hypotheses[0].confidence if ranked else 0.0)
    expected = {f"top{k}": hits[:, :k].any(axis=1).mean() for k in (1, 3, 5)}
    places = np.where(hits.any(axis=1), hits.argmax(axis=1) + 1.0, np.inf)
    expected["mrr"] = (1.0 / places).mean()
    if all(len(answer.hypotheses) == len(SKILLS) for _, answer in known):
        own = [SKILLS.index(asked.request.skill_id) for asked, _ in known]
        for k in (1, 3):
            expected[f"skill_top{k}"] = top_k_accuracy_score(own, scores, k=k, labels=range(5))
    classes = sorted({*truth, *predicted} - {""})
    expected["macro_f1"] = f1_score(truth, predicted, average="macro", labels=classes, zero_division=0)
    expected["nll"] = log_loss(hits[:, 0] > 0, confidence, labels=[False, True])
    if scope:
        outside = [answer.best.confidence if answer.best else 0.0 for _, answer in scope]
        inside = [True] * len(known) + [False] * len(scope)
        expected["oos_auroc"] = roc_auc_score(inside, confidence + outside)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-9), name
