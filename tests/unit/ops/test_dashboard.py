"""The dashboard and the alert rules name metrics that there are."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from runtime.metrics import Metrics
from runtime.security_log import Event, Outcome

OPS = Path(__file__).resolve().parents[3] / "ops"


@pytest.fixture(scope="module")
def samples() -> set[str]:
    """The names that a scrape can hold."""
    metrics = Metrics()
    metrics.requests.labels("/x", "200").observe(0.1)
    metrics.files.labels("accepted", "").inc()
    families = text_string_to_metric_families(metrics.text().decode())
    return {sample.name for family in families for sample in family.samples}


def dashboard_expressions() -> list[str]:
    dashboard = json.loads((OPS / "grafana.json").read_text("utf-8"))
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def rules() -> list[dict]:
    groups = yaml.safe_load((OPS / "alerts.yml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def named(expression: str) -> set[str]:
    return set(re.findall(r"talentfeed_\w+", expression))


def test_every_metric_that_is_shown_or_watched_exists(samples):
    expressions = [*dashboard_expressions(), *(rule["expr"] for rule in rules())]
    assert set().union(*map(named, expressions)) - samples == set()


def test_every_metric_is_on_the_dashboard(samples):
    families = {re.sub(r"_(total|bucket|sum|count|created)$", "", name) for name in samples}
    shown = {
        re.sub(r"_(total|bucket|sum|count)$", "", name)
        for name in map(named, dashboard_expressions())
        for name in name
    }
    assert families - shown == set()


def test_security_events_that_are_watched_can_occur():
    for rule in rules():
        for label, kinds in (("event", get_args(Event)), ("outcome", get_args(Outcome))):
            for values in re.findall(label + r'=~?"([^"]+)"', rule["expr"]):
                assert set(values.split("|")) <= set(kinds), rule["alert"]


def test_every_rule_says_what_is_wrong_and_how_bad_it_is():
    for rule in rules():
        assert rule.keys() == {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"].keys() == {"summary", "description"}


def test_metrics_that_a_rule_mentions_in_words_exist(samples):
    words = " ".join(rule["annotations"]["description"] for rule in rules())
    assert named(words)
    assert named(words) - samples == set()


def test_the_job_whose_servers_are_watched_is_the_one_that_operators_are_told_to_name():
    jobs = {job for rule in rules() for job in re.findall(r'job="(\w+)"', rule["expr"])}
    text = (OPS.parent / "docs" / "operations.md").read_text("utf-8")
    assert set(re.findall(r"job_name: (\w+)", text)) == jobs
