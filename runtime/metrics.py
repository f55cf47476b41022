"""What Prometheus can read of one process, at `/metrics`.

No ids as labels: each value of a label is a series of its own, which Prometheus keeps for weeks.

A process that has one of the roles says so in every series, by the label `role`. One that has both does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric

from runtime.roles import ROLES, in_words
from runtime.security_log import EVENTS

# Upper bounds of buckets, in seconds: of an answer, of the loop's lag, of a resume's way to its results.
_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_LAG_S = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)
_NOTICE_LAG_S = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
_FILE_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0)
_SCORE_LAG_S = (0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0)

WechatCall = Literal[
    "jscode2session",
    "stable_token",
    "subscribe_send",
    "oauth2_access_token",
    "subscribe_bizsend",
    "gettoken",
    "getuserinfo",
    "wecom_send",
    "agent",
    "webhook_send",
]
"""The calls to WeChat, as `talentfeed_wechat_calls_total` names them."""

TRANSACTIONS_AGAIN = Counter(
    "talentfeed_transactions_again",
    "Transactions that met another one, each time that they were done again",
    registry=None,
)
"""The count of this process, which `Metrics` shows; `store/transactions.py` knows no `Metrics`."""


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self, roles: Collection[str] = ROLES) -> None:
        self.registry = registry = CollectorRegistry()
        counter, gauge = partial(Counter, registry=registry), partial(Gauge, registry=registry)
        histogram = partial(Histogram, registry=registry)
        self._labels = {} if len(roles) == len(ROLES) else {"role": in_words(roles)}
        self.requests = histogram(
            "talentfeed_request_seconds", "Time to answer", ["route", "status"], buckets=_REQUEST_S
        )
        self.connections = gauge("talentfeed_connections", "Connections of clients, WebSockets included")
        self.connections_refused = counter(
            "talentfeed_connections_refused",
            "Connections that were refused or cut: too many of an address or of the process, or too slow",
            ["reason"],
        )
        for reason in ("address", "process", "headers", "body", "answer"):
            self.connections_refused.labels(reason)
        self.sockets = gauge("talentfeed_sockets", "Authenticated WebSockets")
        self.frames = counter("talentfeed_frames", "Frames sent to sockets")
        self.slow_closes = counter("talentfeed_slow_closes", "Sockets closed because they did not read")
        self.scored = counter("talentfeed_resumes_scored", "Resumes scored against all feeds")
        self.rounds = counter("talentfeed_scoring_rounds", "Batches of resumes that were scored together")
        self.results = counter("talentfeed_results", "Results that entered a list")
        self.unscored = gauge("talentfeed_resumes_unscored", "Stored resumes that wait")
        self.quarantined = gauge("talentfeed_resumes_quarantined", "Stored resumes that could not be scored")
        self.jobs = gauge(
            "talentfeed_jobs", "Work for later, by what it is and how it stands", ["kind", "state"]
        )
        self.learned_resumes = gauge(
            "talentfeed_learned_resumes",
            "Resumes that relations and topics were learned from last; NaN before the first time",
        )
        self.learned_at = gauge(
            "talentfeed_learned_timestamp_seconds",
            "When relations and topics were learned last; NaN before the first time",
        )
        # Of all mailboxes that are read; the store knows them, so every process shows the same.
        self.mailboxes_failing = gauge("talentfeed_mailboxes_failing", "Mailboxes that cannot be read")
        self.mailbox_silent = gauge(
            "talentfeed_mailbox_silent_seconds",
            "Since a mailbox was looked at, of the one longest ago; NaN where none is read",
        )
        self.mailbox_waiting = gauge("talentfeed_mailbox_waiting", "Mails that waited at the last look")
        self.mailbox_files = gauge(
            "talentfeed_mailbox_files", "Files that came by mail so far, by what became of them", ["outcome"]
        )
        for outcome in ("accepted", "updated", "duplicate", "to_confirm", "rejected"):
            self.mailbox_files.labels(outcome)
        self.mailbox_left = gauge(
            "talentfeed_mailbox_left", "Mails so far that were left as they were: too long, or tried in vain"
        )
        self.score_lag = histogram(
            "talentfeed_ingest_lag_seconds", "From a resume's arrival to its results", buckets=_SCORE_LAG_S
        )
        self.role_served = gauge(
            "talentfeed_role_served",
            "1 where processes have the role; NaN where that is not known",
            ["served"],
        )
        for role in ROLES:
            self.role_served.labels(role)
        self.loop_lag = histogram(
            "talentfeed_loop_lag_seconds", "How late the event loop runs", registry=registry, buckets=_LAG_S
        )
        self.recent_lag_s = 0.0  # see `runtime.loop`; for the desk, not for Prometheus
        self.refused = counter(
            "talentfeed_refused", "Requests of accounts that were one too many", ["reason"]
        )
        for reason in ("in_flight", "budget", "unlock", "preview"):
            self.refused.labels(reason)  # a rate needs the series before its first event
        self.store_errors = counter("talentfeed_store_errors", "Requests that MongoDB did not answer in time")
        self.files = counter(
            "talentfeed_files",
            "Files that were taken in, and parts of mails, by what became of them",
            ["outcome", "reason"],
        )
        self.file_seconds = histogram(
            "talentfeed_file_seconds",
            "Time to read a file, from when it waits for the reader",
            buckets=_FILE_S,
        )
        self.files_waiting = gauge("talentfeed_files_waiting", "Files that wait to be read")
        self.files_quarantined = gauge(
            "talentfeed_files_quarantined", "Files that got no place, of the last week"
        )
        self.reader_restarts = gauge(
            "talentfeed_file_reader_restarts",
            "Reading processes that ended over a file, or were ended, since the start",
        )
        self.notices = counter(
            "talentfeed_notices", "Messages to recruiters who are away", ["way", "outcome"]
        )
        for way in ("wecom", "robot", "mini", "mp", "mail"):
            for outcome in ("sent", "given_up", "not_taken", "no_answer"):
                self.notices.labels(way, outcome)
        self.notice_lag = histogram(
            "talentfeed_notice_lag_seconds",
            "From when a notice was due until it was sent",
            buckets=_NOTICE_LAG_S,
        )
        self.wechat_calls = counter(
            "talentfeed_wechat_calls",
            "Calls to WeChat, by how they ended: ok, a documented errcode, other, no_answer or no_json",
            ["call", "outcome"],
        )
        for call in get_args(WechatCall):
            for outcome in ("ok", "no_answer", "no_json"):
                self.wechat_calls.labels(call, outcome)
        registry.register(EVENTS)
        registry.register(TRANSACTIONS_AGAIN)

    def text(self) -> bytes:
        """The exposition format, version 0.0.4."""
        return generate_latest(_Labelled(self.registry, self._labels) if self._labels else self.registry)


class _Labelled(CollectorRegistry):
    """All series of a registry with some labels more, which are the same for each."""

    def __init__(self, registry: CollectorRegistry, labels: dict[str, str]) -> None:
        super().__init__()
        self._registry = registry
        self._more = labels

    def collect(self) -> Iterable[Metric]:
        for family in self._registry.collect():
            family.samples = [
                sample._replace(labels={**self._more, **sample.labels}) for sample in family.samples
            ]
            yield family
