from benchmarks.unseen_services import split_dialogues
from components.records.catalogue import Catalogue
from components.records.request import Request
from components.records.skill import Skill

UNSEEN = Catalogue([Skill(skill_id="bus", domain="travel"), Skill(skill_id="oven", domain="kitchen")])


def test_whole_dialogues_are_learnt_from_or_asked():
    """Dialogue n of 20 is about the bus, every third about the oven too, and each ends with the radio."""
    requests = []
    for n in range(20):
        skills = ("bus", "oven", "radio") if n % 3 == 0 else ("bus", "radio")
        requests += [
            Request(request_id=f"{n}-{skill}", utterance="u", customer_id=str(n), skill_id=skill, split="dev")
            for skill in skills
        ]
    found = split_dialogues(requests, UNSEEN, 4)
    chosen = {request.customer_id for request in found.learnt}
    assert 4 <= len(chosen) <= 8
    assert {request.split for request in found.learnt} == {"train"}
    assert {request.skill_id for request in found.learnt} == {"bus", "oven"}
    assert not chosen & {request.customer_id for request in found.asked}
    assert len(found.asked) == sum(request.customer_id not in chosen for request in requests)
    assert split_dialogues(reversed(requests), UNSEEN, 4).learnt == found.learnt[::-1]
