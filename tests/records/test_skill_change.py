from components.records.skill_change import Add, Remove, Rename, changed_lineage


def test_every_change_adds_its_own_line_to_the_lineage():
    first = changed_lineage({"seed": "1"}, Add(folder="", fingerprint="abc"), ("a",), ("a", "b", "c"))
    second = changed_lineage(first, Remove(skill_ids=("c", "elsewhere")), ("a", "b", "c"), ("a", "b"))
    third = changed_lineage(second, Rename(old="a", new="z"), ("a", "b"), ("z", "b"))
    assert third == {
        "seed": "1",
        "change_1": "added b, c (sha256 abc); 1 skills before, 3 after",
        "change_2": "removed c; 3 skills before, 2 after",
        "change_3": "renamed a to z; 2 skills before, 2 after",
    }
