import pytest

from components.shortlister.learning_loop.options import LearningLoopOptions
from components.shortlister.learning_loop.schedule import first_phase, second_phase, with_attention
from components.shortlister.options import ShortlisterOptions
from components.shortlister.phase import Phase
from components.shortlister.targets import LossWeights


def test_nothing_counts_that_is_off():
    off = LearningLoopOptions(gamma_first=1.0, gamma_max=0.5, negative_feedback=False)
    assert first_phase(off)(3) == second_phase(off)(3) == LossWeights(negative=0.0)


@pytest.mark.parametrize("epoch", [1, 2, 25])
def test_weights_are_those_of_the_article(epoch):
    """γ_t = γ_max (1 - 0.95^t), β_t = 1 - 0.95^t; nothing of it in the first phase."""
    chosen = LearningLoopOptions(
        negative_feedback=True, gamma_first=0.0, gamma_max=0.5, self_distillation=True
    )
    assert first_phase(chosen)(epoch) == LossWeights(negative=0.0)
    expected = LossWeights(negative=0.5 * (1 - 0.95**epoch), distillation=1 - 0.95**epoch)
    assert second_phase(chosen)(epoch) == pytest.approx(expected)


def test_failures_may_count_from_the_start():
    chosen = LearningLoopOptions(negative_feedback=True, gamma_first=1.0, gamma_max=0.5)
    assert first_phase(chosen)(1).negative == 1.0
    assert second_phase(chosen)(1).negative == pytest.approx(1.0 + 0.5 * 0.05)


def test_supervised_attention_goes_on_through_both_phases():
    options = ShortlisterOptions(epochs=3, attention_supervision=0.01, attention_distillation=True)
    attention = Phase.first(options).schedule
    both = with_attention(lambda epoch: LossWeights(negative=0.25), attention, done=3)
    beta = 1 - 0.95**4
    expected = LossWeights(negative=0.25, attention=0.01 * (1 - beta), attention_distillation=0.01 * beta)
    assert both(2) == pytest.approx(expected)
    assert with_attention(lambda epoch: LossWeights(), attention)(1).attention == 0.01
