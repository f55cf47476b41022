"""Turns settings and files into the values that services are built from."""

from __future__ import annotations

import logging
from datetime import timedelta
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
from handlers.operation.docs import load_docs
from handlers.operation.page import load_desk, load_page
from handlers.policies import AccountPolicy, FeedPolicy, LimitPolicy
from notices.schedule import rules_from
from services.setup import Setup, Shown
from wechat.apps import WechatApps

logger = logging.getLogger(__name__)

PAGE_DIR = Path(__file__).resolve().parents[1] / "web" / "dist"
"""Where `make web` builds the pages."""


def make_setup(settings: Settings, *, port: int, demo: bool, checks_answers: bool) -> Setup:
    """Turn the settings and files of `config/` and `web/` into the values that services are built from."""
    wechat = msgspec.convert(wechat_settings(settings), WechatApps)
    legal = load_legal_texts(settings.terms_file, settings.privacy_file)
    return Setup(
        address=settings.address,
        port=port,
        data_dir=settings.data_dir,
        mongo_db=settings.mongo_db,
        public_url=settings.public_url,
        secret_key=settings.secret_key,
        smtp_url=settings.smtp_url,
        ingest_token=settings.ingest_token,
        trusted_proxies=frozenset(settings.trusted_proxies),
        connections_per_address=settings.connections_per_address,
        forwarded_header=settings.forwarded_header,
        admin_addresses=AdminAddresses(settings.admin_addresses),
        account_policy=AccountPolicy(
            require_activation=settings.require_activation,
            login_attempts=settings.login_attempts,
            login_window_s=settings.login_window_s,
            register_per_minute=settings.register_per_minute,
        ),
        common_passwords=load_common_passwords(),
        feed_policy=FeedPolicy(
            feed_quota=settings.feed_quota,
            service_days=settings.service_days,
            idle_after=timedelta(days=settings.idle_days),
        ),
        retention=RetentionPolicy(
            resume_days=settings.resume_days,
            result_days=settings.result_days,
            audit_days=settings.audit_days,
        ),
        limit_policy=LimitPolicy(
            account_budget=settings.account_budget,
            preview_per_hour=settings.preview_per_hour,
            unlock_per_day=settings.unlock_per_day,
            unlock_per_address=settings.unlock_per_address,
        ),
        roles=settings.roles,
        resume_index_size=settings.resume_index_size,
        learn_from=settings.learn_from,
        file_workers=settings.file_workers,
        wechat=wechat,
        notice_rules=rules_from(settings.quiet_hours, settings.digest_times, settings.notice_grace_s),
        options=msgspec.convert(load_options(), OptionLists),
        legal=Legal(legal.version, legal.terms, legal.privacy),
        shown=_load_shown(wechat, demo=demo) if "web" in settings.roles else None,
        checks_answers=checks_answers,
    )


def _load_shown(wechat: WechatApps, *, demo: bool) -> Shown:
    page = load_page(PAGE_DIR, DEMO_ACCOUNT if demo else None, list(wechat.appids))
    if not page.is_built:
        logger.warning("the web page is missing: run `make web` and restart; the API works without it")
    return Shown(page=page, desk=load_desk(PAGE_DIR / "admin"), docs=load_docs())
