"""compose/alerts.yaml from the cluster's rules, which are the only ones that are written by hand:
python -m tests.images.alerts"""

import textwrap

from tests.images.engine import ROOT

RULES = ROOT / "k8s/base/monitoring.yaml"
FILE = ROOT / "compose/alerts.yaml"
_HEAD = "# Made by `python -m tests.images.alerts` from k8s/base/monitoring.yaml.\n"


def alerts() -> str:
    """What Prometheus itself reads, of the object that its operator reads."""
    _, _, rule = RULES.read_text().partition("kind: PrometheusRule\n")
    return _HEAD + textwrap.dedent(rule.partition("\n---")[0].partition("spec:\n")[2])


if __name__ == "__main__":
    FILE.write_text(alerts())
