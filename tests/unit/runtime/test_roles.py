"""What a process has follows from its roles: what it runs, which URLs it answers, what its series say."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

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
    scoring = SimpleNamespace(
        **dict.fromkeys(("feeds", "resumes", "worker", "backfill", "rescoring"), Anything())
    )
    engine = SimpleNamespace(scoring=scoring if "engine" in roles else None, learner=Anything())
    services = SimpleNamespace(
        engine=engine,
        hub=Anything() if "web" in roles else None,
        **dict.fromkeys(("metrics", "operator_watch", "runner", "notices"), Anything()),
    )
    return [task.name for task in tasks_of(services, Anything())]


def documented():
    """Of docs/settings.md: role -> its tasks, those of every process under `all`."""
    text = (ROOT / "docs" / "settings.md").read_text("utf-8").partition("## Roles")[2]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ") and "`" in line]
    return {row[0].strip(" `"): set(re.findall(r"`([^`]+)`", row[3])) for row in rows}


@pytest.mark.parametrize("role", ROLES)
def test_the_tasks_of_a_role_are_those_of_the_table(role):
    assert set(names_of(role)) == documented()[role] | documented()["all"]


def test_a_process_of_both_runs_what_each_of_them_does_and_nothing_twice():
    names = names_of(*ROLES)
    assert len(names) == len(set(names))
    assert set(names) == {*names_of("web"), *names_of("engine")}


def test_roles_are_named_in_one_order():
    assert in_words({"engine", "web"}) == "web,engine"


def test_every_url_is_answered_by_a_role_or_by_all_processes():
    by_role = {}
    for route in ROUTES:
        by_role.setdefault(route.role, []).append(route.path)
    assert by_role[None] == ["/healthz", "/readyz", "/metrics"]
    assert by_role["engine"] == ["/special_feed/preview/"]
    assert by_role.keys() == {None, "web", "engine"}


def test_a_process_that_does_everything_has_the_series_that_dashboards_know():
    assert b"\ntalentfeed_sockets 0.0\n" in Metrics().text()


@pytest.mark.parametrize("role", ROLES)
def test_every_series_of_a_process_of_one_role_says_which(role):
    text = Metrics({role}).text().decode()
    assert f'talentfeed_sockets{{role="{role}"}} 0.0' in text
    for line in text.splitlines():
        if not line.startswith("#"):
            assert f'role="{role}"' in line
