"""The store, by the same tests on SQLite and on Postgres."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from components.records.examples import micros
from components.records.request import Request, Usage
from components.records.usage import MOST_USES
from components.router.service.store import Routed, StoreError
from components.router.service.store.open import open_store
from tests.postgres import postgres

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.system)])
def store(request, tmp_path):
    if request.param == "sqlite":
        opened = open_store(tmp_path / "new" / "store.sqlite")
        yield opened
        opened.close()
        return
    with postgres() as url:
        opened = open_store(url)
        yield opened
        opened.close()


def handled(request_id, skill, minutes, outcome="handled", customer="c"):
    return Request(
        request_id=request_id,
        utterance="play",
        customer_id=customer,
        skill_id=skill,
        outcome=outcome,
        timestamp=NOON + timedelta(minutes=minutes),
    )


def test_enabled_skills(store):
    assert store.enabled("c") == ()
    store.enable("c", ("b", "a", "émile 😀"))
    store.enable("d", ())
    assert store.enabled("c") == ("b", "a", "émile 😀")
    store.enable("c", ("a",))
    assert store.enabled("c") == ("a",)


def test_recent_is_what_was_used_before_each_skill_once(store):
    for number, skill in enumerate(("radio", "maps", "radio", "news")):
        store.used(handled(f"r{number}", skill, number))
    store.used(handled("other", "film", 0, customer="d"))
    at = micros(NOON + timedelta(minutes=3))
    assert store.uses("c", at).before(at) == (
        Usage(skill_id="radio", timestamp=NOON + timedelta(minutes=2)),
        Usage(skill_id="maps", timestamp=NOON + timedelta(minutes=1)),
    )
    assert store.uses("nobody", at).before(at) == ()


def test_later_feedback_replaces_a_use(store):
    later = micros(NOON + timedelta(days=1))
    store.used(handled("r", "radio", 0))
    store.used(handled("r", "maps", 0))
    assert store.uses("c", later).skills == ("maps",)
    store.used(handled("r", "maps", 0, outcome="rejected"))  # a skill that failed was not used
    assert store.uses("c", later).skills == ()


def test_the_latest_uses_are_read(store):
    for number in range(MOST_USES + 3):
        store.used(handled(f"r{number}", f"s{number}", number))
    uses = store.uses("c", micros(NOON + timedelta(days=9)))
    assert len(uses.skills) == MOST_USES
    assert uses.skills[-1] == f"s{MOST_USES + 2}"
    assert list(uses.times) == sorted(uses.times)


def test_routed_requests(store):
    routed = Routed(
        request=Request(request_id="é", utterance="play", timestamp=NOON),
        chosen="radio",
        accepted=True,
        models={"shortlister": 3},
        explored=True,
        propensity=0.25,
    )
    assert store.routed("é") is None
    store.remember([routed, routed])
    assert store.routed("é") == routed
    store.forget(micros(NOON))  # counts from when it was routed, not from what its clock said
    assert store.routed("é") == routed
    store.forget(micros(datetime.now(UTC) + timedelta(seconds=1)))
    assert store.routed("é") is None


def test_many_threads(store):
    def work(number):
        for turn in range(10):
            store.enable(f"c{number}", (f"s{turn}",))
            store.used(handled(f"{number}-{turn}", "radio", turn, customer=f"c{number}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    later = micros(NOON + timedelta(days=1))
    assert [len(store.uses(f"c{number}", later).skills) for number in range(4)] == [10] * 4


def test_a_store_that_cannot_be_reached():
    with pytest.raises(StoreError):
        open_store("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(ValueError, match="postgresql://"):
        open_store("mysql://secret@host/x")
