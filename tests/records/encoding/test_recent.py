from components.records.encoding.recent import Recent


def test_the_newest_are_remembered_and_no_more_than_two_generations():
    recent = Recent(3)
    for number in range(100):
        recent.update({number: -number})
        assert len(recent) <= 6
        assert recent.get(number) == -number
    assert recent.get(99) == -99
    assert recent.get(5) is None


def test_what_is_asked_for_stays():
    recent = Recent(3)
    recent.update({"often": 1})
    for number in range(100):
        assert recent.get("often") == 1
        recent.update({str(number): number})


def test_more_entries_than_a_generation_are_remembered_until_the_next():
    recent = Recent(2)
    recent.update({number: number + 1 for number in range(5)})
    assert [recent.get(number) for number in range(5)] == [1, 2, 3, 4, 5]
