"""Operator commands, beside a running server or without one, with the server's settings.

python manage.py create-user hr@example.com --company 示例公司
python manage.py import resumes.ndjson
python manage.py check

Here are the settings, which stand before the command; the commands themselves are in `commands/`.
"""

from __future__ import annotations

import os

import click

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
from commands.scoring import learn, rescore
from commands.sessions import delete_account, disable, enable, list_sessions, revoke, set_password
from commands.tokens import tokens
from commands.wechat import wechat
from config.settings import SETTINGS, help_text, metavar, read_settings
from config.takes import SettingError


@click.group(context_settings={"show_default": True})
@click.pass_context
def cli(context: click.Context, /, **flags: str | None) -> None:
    """Operator commands of TalentFeed. Flags before the command are the server's settings."""
    try:
        context.obj = read_settings(flags, os.environ)
    except SettingError as error:
        raise click.UsageError(str(error)) from None


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
