"""Operator commands, beside a running server or without one, with the server's settings.

python manage.py create-user hr@example.com --company 示例公司
python manage.py import resumes.ndjson
python manage.py check

Here are the settings, which stand before the command; the commands themselves are in `commands/`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
import msgspec

from commands.accounts import activate, create_user
from commands.audit import audit
from commands.intake import intake_
from commands.jobs import jobs
from commands.mailbox import mailbox
from commands.notices import notices
from commands.operators import operator
from commands.people import apart, lift, person
from commands.quarantine import quarantine
from commands.reports import check, stats
from commands.resumes import erase_resume, import_
from commands.running import MailboxValues, Workspace
from commands.scoring import learn, rescore
from commands.sessions import delete_account, disable, enable, list_sessions, revoke, set_password
from commands.tokens import tokens
from commands.wechat import wechat
from config.data import load_common_passwords, load_mail_sources
from config.settings import SETTINGS, Settings, help_text, metavar, read_settings
from config.takes import SettingError
from config.wechat import wechat_settings
from notices.schedule import rules_from
from wechat.apps import WechatApps

if TYPE_CHECKING:
    from engine.matching.analysis.analyzer import Analyzer


@click.group(context_settings={"show_default": True})
@click.pass_context
def cli(context: click.Context, /, **flags: str | None) -> None:
    """Operator commands of TalentFeed. Flags before the command are the server's settings."""
    try:
        settings = read_settings(flags, os.environ)
    except SettingError as error:
        raise click.UsageError(str(error)) from None
    context.obj = Workspace(
        mongo_url=settings.mongo_url,
        mongo_db=settings.mongo_db,
        redis_url=settings.redis_url,
        data_dir=settings.data_dir,
        secret_key=settings.secret_key,
        common_passwords=load_common_passwords(),
        wechat=msgspec.convert(wechat_settings(settings), WechatApps),
        notice_rules=rules_from(settings.quiet_hours, settings.digest_times, settings.notice_grace_s),
        mailbox=_mailbox(settings),
        learn_from=settings.learn_from,
        make_analyzer=_make_analyzer,
    )


def _make_analyzer() -> Analyzer:
    from process.rules import make_analyzer

    return make_analyzer()


def _mailbox(settings: Settings) -> MailboxValues | None:
    if settings.imap_url is None:
        return None
    return MailboxValues(
        url=settings.imap_url,
        folder=settings.imap_folder,
        done_folder=settings.imap_done_folder,
        source=settings.imap_source,
        domains=load_mail_sources(),
    )


# One flag a setting, as `server.py` has them.
for _setting in SETTINGS:
    cli.params.append(
        click.Option(
            [f"--{_setting.name}", _setting.name],
            metavar=metavar(_setting.name),
            help=help_text(_setting.name),
        )
    )

for _command in (
    activate,
    apart,
    audit,
    check,
    create_user,
    delete_account,
    disable,
    enable,
    erase_resume,
    import_,
    intake_,
    jobs,
    learn,
    lift,
    mailbox,
    notices,
    operator,
    person,
    list_sessions,
    quarantine,
    rescore,
    revoke,
    set_password,
    stats,
    tokens,
    wechat,
):
    cli.add_command(_command)


if __name__ == "__main__":
    cli(prog_name="manage.py")
