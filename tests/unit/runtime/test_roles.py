"""What a process has follows from its roles: what it runs, which URLs it answers, what its series say."""

import re
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import pytest

from config.takes import ROLES as SETTABLE
from handlers.routes import ROUTES
from runtime.metrics import Metrics
from runtime.roles import ROLES, in_words
from services.tasks import tasks_of

ROOT = Path(__file__).resolve().parents[3]


class Anything:
    """Whatever it is asked for is there."""

    def __getattr__(self, name):
        return Anything()

    def __call__(self):
        raise AssertionError("nothing runs here")


def names_of(*roles):
    """The tasks of a process with these roles."""
    engine = SimpleNamespace(
        scoring=Anything() if "score" in roles else None,
        backfilling=Anything() if "backfill" in roles else None,
        rescoring=Anything() if {"score", "backfill"} & set(roles) else None,
        learner=Anything() if {"web", "score", "backfill", "learn"} & set(roles) else None,
        erase_again=Anything(),
        left_snapshots=Anything(),
    )
    services = SimpleNamespace(
        engine=engine,
        hub=Anything() if "web" in roles else None,
        **dict.fromkeys(("metrics", "retention", "operator_watch", "outbox", "notices"), Anything()),
    )
    return [task.name for task in tasks_of(roles, services, Anything())]


def documented():
    """Of docs/settings.md: role -> its tasks, those of every process under `all`."""
    text = (ROOT / "docs" / "settings.md").read_text("utf-8").partition("## Roles")[2]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ") and "`" in line]
    return {row[0].strip(" `"): set(re.findall(r"`([^`]+)`", row[3])) for row in rows}


@pytest.mark.parametrize("role", ROLES)
def test_the_tasks_of_a_role_are_those_of_the_table(role):
    assert set(names_of(role)) == documented()[role] | documented()["all"]


@pytest.mark.parametrize("count", range(1, len(ROLES) + 1))
def test_several_roles_run_what_each_of_them_does_and_nothing_twice(count):
    for roles in combinations(ROLES, count):
        names = names_of(*roles)
        assert len(names) == len(set(names))
        assert set(names) == set().union(*(names_of(role) for role in roles))


def test_the_roles_that_can_be_set_are_those_that_there_are():
    assert SETTABLE == ROLES


def test_roles_are_named_in_one_order():
    assert in_words({"score", "web"}) == "web,score"
    assert in_words(set(ROLES)) == "all"


def test_every_url_is_answered_by_a_role_or_by_all_processes():
    by_role = {}
    for route in ROUTES:
        by_role.setdefault(route.role, []).append(route.path)
    assert by_role[None] == ["/healthz", "/readyz", "/metrics"]
    assert by_role["intake"] == ["/resumes/", "/resumes/file/", "/resumes/{resume_id}"]
    assert by_role.keys() == {None, "web", "intake"}


def test_a_process_that_does_everything_has_the_series_that_dashboards_know():
    assert b"\ntalentfeed_sockets 0.0\n" in Metrics().text()


@pytest.mark.parametrize(
    ("roles", "part", "labels"),
    [
        ({"web"}, "1/1", 'part="1/1",role="web"'),
        ({"backfill", "score"}, "3/16", 'part="3/16",role="score,backfill"'),
        (set(ROLES), "1/4", 'part="1/4",role="all"'),
    ],
)
def test_every_series_of_a_part_of_the_system_says_which_it_is(roles, part, labels):
    text = Metrics(roles, part).text().decode()
    assert f"talentfeed_sockets{{{labels}}} 0.0" in text
    assert f"talentfeed_refused_total{{{labels.replace('role', 'reason')}" not in text
    for line in text.splitlines():
        if not line.startswith("#"):
            assert f'part="{part}"' in line
            assert f'role="{in_words(roles)}"' in line
