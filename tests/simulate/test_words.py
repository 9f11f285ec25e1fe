from components.simulate.words import BRANDS, brand, own_phrase, shared_phrase


def test_every_brand_is_another_word():
    assert len({brand(n) for n in range(BRANDS)}) == BRANDS


def test_all_topics_are_different():
    owners, per_owner = 61_001, 4
    shared = [shared_phrase(n) for n in range(100_003)]
    own = [own_phrase(owner, n, per_owner) for owner in range(owners) for n in range(per_owner)]
    assert len({*shared, *own}) == len(shared) + len(own)


def test_topics_of_one_owner_share_their_nouns():
    assert len({own_phrase(31, n, 4).split(" ", 1)[1] for n in range(4)}) == 1
