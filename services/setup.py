"""What services are built from, beside the stores and the analyzer: settings and files, as values."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.ends.retention import RetentionPolicy
from handlers.accounts.legal import Legal
from handlers.api.origins import AdminAddresses
from handlers.feeds.options import OptionLists
from handlers.operation.docs import DocsFiles
from handlers.operation.page import DeskPage, Page
from handlers.policies import AccountPolicy, FeedPolicy, LimitPolicy
from notices.schedule import Rules
from runtime.roles import ProcessRole
from wechat.apps import WechatApps


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What browsers are given.

    Attributes:
        page: The H5 client.
        desk: The page of operators.
        docs: The page that shows the API's description.
    """

    page: Page
    desk: DeskPage
    docs: DocsFiles


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """The settings and files of one process.

    Attributes:
        address: The IP address that HTTP listens on.
        port: The port that it listens on, never 0.
        data_dir: Where files are kept that outlive the process.
        mongo_db: The name of the database, after which they are called.
        public_url: How browsers reach the server; None: by the address and the port.
        secret_key: Signs links in letters, and hashes addresses.
        smtp_url: Where letters are handed over; None: links go to the log.
        ingest_token: The secret of those who may store and erase resumes.
        trusted_proxies: The peers whose word about the client's address counts.
        connections_per_address: How many requests and sockets one address may have under way.
        forwarded_header: The one header in which they say it.
        admin_addresses: From where the operator's desk is found.
        account_policy: What accounts are subject to.
        common_passwords: The passwords that nobody may choose, in lower case.
        feed_policy: What feeds are subject to.
        retention: After how many days something ends.
        limit_policy: How much an account may ask for.
        roles: What the process does.
        resume_index_size: How many resumes the index in memory holds at most.
        learn_from: How many scored resumes there must be to learn from them.
        file_workers: How many files are read at once.
        options: The lists that the form of a feed chooses from.
        wechat: The apps of WeChat that are set.
        notice_rules: When accounts are told of strong matches that wish nothing else.
        legal: The user terms and the privacy policy.
        shown: What browsers are given; None where nobody asks for it, as the role is not `web`.
        checks_answers: Hold every answer to its contract's types, as tests do.
    """

    address: str
    port: int
    data_dir: Path
    mongo_db: str
    public_url: str | None
    secret_key: str
    smtp_url: str | None
    ingest_token: str
    trusted_proxies: frozenset[str]
    connections_per_address: int
    forwarded_header: str
    admin_addresses: AdminAddresses
    account_policy: AccountPolicy
    common_passwords: frozenset[str]
    feed_policy: FeedPolicy
    retention: RetentionPolicy
    limit_policy: LimitPolicy
    roles: frozenset[ProcessRole]
    resume_index_size: int
    learn_from: int
    file_workers: int
    options: OptionLists
    wechat: WechatApps
    notice_rules: Rules
    legal: Legal
    shown: Shown | None
    checks_answers: bool
