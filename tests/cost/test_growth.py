import re
import xml.etree.ElementTree as ET

from benchmarks.cost.page import page, write_page
from benchmarks.cost.trained import Plan

FIGURES = {
    "requests": 10_000,
    "savedmodel_requests": 2_000,
    "tflite_bytes": 2_500_000,
    "encoder_bytes": 1_000_000,
    "savedmodel_bytes": 9_000_000,
    "idle_rss_mb": 60.0,
    "rss_mb": 65.5,
    **{
        f"{name}{p}_ms": 0.25
        for name in ("", "cpu_", "savedmodel_", "savedmodel_cpu_")
        for p in ("p50", "p99")
    },
}
ROWS = [{"skills": 100, **FIGURES}, {"skills": 100_000, **FIGURES, "rss_mb": 120.0}]


def test_table_has_a_line_for_each_size():
    lines = page(ROWS, (0.0, 0.1)).grids[0].markdown().splitlines()
    assert len(lines) == 2 + 4
    assert lines[4].startswith("| 100 | 2.50 | 1.00 | 9.00 | 0.25 ")
    assert lines[5].startswith("| 100,000 |")
    assert lines[5].endswith("| 60 | 120 |")


def test_targets_are_those_of_40_000_skills():
    row = {"skills": 40_000, **FIGURES, "savedmodel_p99_ms": 8.1, "encoder_bytes": 22_500_000}
    found = {what: (shown, verdict) for what, _, shown, verdict in page([row], (0.0, 0.0)).grids[1].rows}
    assert found["twin on disk"] == ("25.00 MB", "met")
    assert found["SavedModel, p99"] == ("8.10 ms", "missed")
    assert len(page(ROWS, (0.0, 0.0)).grids) == 1


def test_a_new_page_keeps_what_a_person_said(tmp_path):
    write_page(ROWS, tmp_path, command="old", loads=(3.0, 4.0))
    page = tmp_path / "cost.md"
    page.write_text(page.read_text() + "\n## What it says\n\nThat it grows.\n")
    write_page(ROWS[:1], tmp_path, command="new", loads=(0.2, 0.1))
    text = page.read_text()
    assert "    new\n" in text
    assert "    old\n" not in text
    assert "0.2 at the start" in text
    assert re.search(r"\n## What it says\n\nThat it grows.\n$", text)
    svg = ET.parse(tmp_path / "cost.svg").getroot()
    assert svg.tag.endswith("svg")
    assert len(svg.findall(".//{*}polyline")) == 8


def test_a_plan_grows_with_the_catalogue_up_to_a_bound():
    few, many = (Plan.of(skills, seed=1, epochs=None) for skills in (100, 100_000))
    assert few.world.requests < many.world.requests == 200_000
    assert few.settings == ()
    assert many.settings == Plan.of(100, seed=1, epochs=3).settings == ("shortlister.epochs=3",)
