import xml.etree.ElementTree as ET

from benchmarks.cost.growth import table, write_growth
from benchmarks.cost.trained import Plan

FIGURES = {
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
    lines = table(ROWS).splitlines()
    assert len(lines) == 4
    assert lines[2].startswith("| 100 | 2.50 | 1.00 | 9.00 | 0.25 ")
    assert lines[3].startswith("| 100,000 |")
    assert lines[3].endswith("| 60 | 120 |")


def test_plot_is_an_svg(tmp_path):
    write_growth(ROWS, tmp_path)
    svg = ET.parse(tmp_path / "cost.svg").getroot()
    assert svg.tag.endswith("svg")
    assert len(svg.findall(".//{*}polyline")) == 8


def test_a_plan_grows_with_the_catalogue_up_to_a_bound():
    few, many = (Plan.of(skills, seed=1, epochs=None) for skills in (100, 100_000))
    assert few.world.requests < many.world.requests == 400_000
    assert Plan.of(100, seed=1, epochs=3).settings == ("shortlister.epochs=3",)
