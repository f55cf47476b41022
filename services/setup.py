"""What services are built from, beside the stores and the analyzer: settings and files, as values."""

from __future__ import annotations

import msgspec

from config.settings import Settings
from engine.ends.retention import RetentionPolicy
from handlers.accounts.legal import Legal
from handlers.api.origins import AdminAddresses
from handlers.feeds.options import OptionLists
from handlers.operation.docs import DocsFiles
from handlers.operation.page import DeskPage, Page
from handlers.policies import AccountPolicy, FeedPolicy, LimitPolicy
from notices.schedule import Rules
from wechat.apps import WechatApps


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """The settings and files of one process.

    Attributes:
        settings: Those that services take as they are.
        port: The port that HTTP listens on, never 0.
        trusted_proxies: The peers whose word about the client's address counts.
        admin_addresses: From where the operator's desk is found.
        common_passwords: The passwords that nobody may choose, in lower case.
        notice_rules: When accounts are told of strong matches that wish nothing else.
        shown: What browsers are given: the pages of recruiters, of operators, and of the API's description.
            None where nobody asks for it, as the role is not `web`.
        checks_answers: Hold every answer to its contract's types, as tests do.
    """

    settings: Settings
    port: int
    trusted_proxies: frozenset[str]
    admin_addresses: AdminAddresses
    account_policy: AccountPolicy
    common_passwords: frozenset[str]
    feed_policy: FeedPolicy
    retention: RetentionPolicy
    limit_policy: LimitPolicy
    options: OptionLists
    wechat: WechatApps
    notice_rules: Rules
    legal: Legal
    shown: tuple[Page, DeskPage, DocsFiles] | None
    checks_answers: bool
