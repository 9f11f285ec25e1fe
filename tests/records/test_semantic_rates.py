import pytest

from components.records.semantic_errors import Frame
from components.records.semantic_rates import error_rates

BOOK = Frame(skill_id="reader", domain="Books", intent="PlayBook", slots=(("title", "moana"), ("by", "me")))
SONG = Frame(skill_id="player", domain="Music", intent="PlayMusic", slots=(("title", "moana"),))
HUSH = Frame(skill_id="player", domain="Music")


def test_rates_by_hand():
    shorter = Frame(skill_id="reader", domain="Books", intent="PlayBook", slots=(("title", "moana"),))
    pairs = [
        (BOOK, BOOK),  # 0 of 3
        (BOOK, shorter),  # one deletion of 3; from the other side one insertion of 2
        (SONG, BOOK),  # intent and an insertion of 2; from the other side intent and a deletion of 3
        (HUSH, SONG),  # intent and an insertion of 1; from the other side intent and a deletion of 2
        (SONG, None),  # intent and a deletion of 2; from the other side intent and an insertion of 1
    ]
    rates = error_rates(pairs, without_frame=7)
    semer, mirrored = (0 + 1 + 2 + 2 + 2) / (3 + 3 + 2 + 1 + 2), (0 + 1 + 2 + 2 + 2) / (3 + 2 + 3 + 2 + 1)
    assert (rates.requests, rates.without_frame) == (5, 7)
    assert rates.semer == pytest.approx(semer)
    assert rates.f_semer == pytest.approx(2 * semer * mirrored / (semer + mirrored))
    assert rates.irer == pytest.approx(4 / 5)
    assert rates.icer == pytest.approx(3 / 5)
    assert rates.dcer == pytest.approx(2 / 5)
    assert rates.dcer_by_domain == {"Books": 0.0, "Music": pytest.approx(2 / 3)}
    assert rates.icer_by_intent == {"Books": {"PlayBook": 0.0}, "Music": {"PlayMusic": 1.0, "": 1.0}}


def test_another_skill_of_the_domain_is_an_interpretation_error_alone():
    other = Frame(skill_id="shop", domain="Books", intent="PlayBook", slots=BOOK.slots)
    rates = error_rates([(BOOK, other)])
    assert (rates.irer, rates.icer, rates.dcer) == (1.0, 0.0, 0.0)


def test_no_requests_no_rates():
    rates = error_rates([], without_frame=3)
    assert (rates.requests, rates.without_frame, rates.semer, rates.f_semer, rates.irer) == (0, 3, 0, 0, 0)


def test_no_errors_leave_no_harmonic_mean_of_nothing():
    assert error_rates([(BOOK, BOOK)]).f_semer == 0.0
