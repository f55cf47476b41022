"""Turns settings and files into the values that services are built from."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from config.data import load_common_passwords, load_options
from config.demo.play import DEMO_ACCOUNT
from config.legal_texts import load_legal_texts
from config.settings import Settings
from config.wechat import wechat_settings
from engine.ends.retention import RetentionPolicy
from handlers.accounts.legal import Legal
from handlers.api.origins import AdminAddresses
from handlers.feeds.options import OptionLists
from handlers.operation.docs import DocsFiles, load_docs
from handlers.operation.page import DeskPage, Page, load_desk, load_page
from handlers.policies import AccountPolicy, FeedPolicy, LimitPolicy
from notices.schedule import rules_from
from services.setup import Setup
from wechat.apps import WechatApps

logger = logging.getLogger(__name__)

PAGE_DIR = Path(__file__).resolve().parents[1] / "web" / "dist"
"""Where `make web` builds the pages."""


def make_setup(settings: Settings, *, port: int, demo: bool, checks_answers: bool) -> Setup:
    """Turn the settings and files of `config/` and `web/` into the values that services are built from."""
    wechat = msgspec.convert(wechat_settings(settings), WechatApps)
    return Setup(
        settings=settings,
        port=port,
        trusted_proxies=frozenset(settings.trusted_proxies),
        admin_addresses=AdminAddresses(settings.admin_addresses),
        account_policy=msgspec.convert(settings, AccountPolicy, from_attributes=True),
        common_passwords=load_common_passwords(),
        feed_policy=msgspec.convert(settings, FeedPolicy, from_attributes=True),
        retention=msgspec.convert(settings, RetentionPolicy, from_attributes=True),
        limit_policy=msgspec.convert(settings, LimitPolicy, from_attributes=True),
        wechat=wechat,
        notice_rules=rules_from(settings.quiet_hours, settings.digest_times, settings.notice_grace_s),
        options=msgspec.convert(load_options(), OptionLists),
        legal=msgspec.convert(load_legal_texts(settings.terms_file, settings.privacy_file), Legal),
        shown=_load_shown(wechat, demo=demo) if "web" in settings.roles else None,
        checks_answers=checks_answers,
    )


def _load_shown(wechat: WechatApps, *, demo: bool) -> tuple[Page, DeskPage, DocsFiles]:
    page = load_page(PAGE_DIR, DEMO_ACCOUNT if demo else None, list(wechat.appids))
    if not page.is_built:
        logger.warning("the web page is missing: run `make web` and restart; the API works without it")
    return page, load_desk(PAGE_DIR / "admin"), load_docs()
