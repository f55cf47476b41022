"""The table of contents: every URL and who answers it. Each answers with and without its last slash.

What a handler needs it declares itself, by annotation: a new endpoint is a line here and a handler, and what
the handler needs is there as soon as `services/application.py` provides it.

A process answers the URLs of its own roles. The others are there too, and say whom to ask: whose proxy sends
a request to the wrong process is not told that there is no such URL.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import tornado.web

from handlers.accounts import (
    accounts,
    activation,
    asked_letters,
    legal,
    notices,
    password_change,
    profile,
    sessions,
)
from handlers.admin import account_links as desk_account_links
from handlers.admin import accounts as desk_accounts
from handlers.admin import audit as desk_audit
from handlers.admin import companies as desk_companies
from handlers.admin import files as desk_files
from handlers.admin import health as desk_health
from handlers.admin import person as desk_person
from handlers.admin import quarantine as desk_quarantine
from handlers.admin import sign_in as desk_sign_in
from handlers.admin import sources as desk_sources
from handlers.admin import table_view as desk_table_view
from handlers.admin import tables as desk_tables
from handlers.admin import tokens as desk_tokens
from handlers.api.access_log import log_request
from handlers.api.base import OtherRole, UnknownUrl
from handlers.api.dependencies import Dependencies
from handlers.api.route import Endpoint, Route
from handlers.company import company
from handlers.company import feeds as company_feeds
from handlers.company import members as company_members
from handlers.company import work as company_work
from handlers.feeds import feed_editor, feeds, occupations, postings, preview, sharing
from handlers.handover import handovers, reviews
from handlers.ingest import erase, resume_files, resumes
from handlers.live import socket
from handlers.operation import docs, ops, page
from handlers.operation.version import VERSION as VERSION
from handlers.people import (
    claims,
    favourites,
    interviews,
    many,
    marked,
    notes,
    originals,
    people,
    persons,
    search,
)
from handlers.results import export, export_link, results, statistics
from handlers.wechat import browser, login, ways
from runtime.roles import ROLES, ProcessRole

ROUTES = (
    Route("/hr/register/", "accounts", accounts.RegisterHandler),
    Route("/hr/login/", "accounts", accounts.LoginHandler),
    Route("/hr/valid_token/{user}/{token}/", "accounts", accounts.ValidTokenHandler),
    # Before the next one, which takes any word for a token.
    Route("/hr/activate/resend/", "accounts", asked_letters.ResendHandler),
    Route("/hr/activate/{token}/", "accounts", activation.ActivateHandler),
    Route("/hr/logout/", "accounts", accounts.LogoutHandler),
    Route("/hr/password/", "accounts", password_change.PasswordHandler),
    Route("/hr/password/forgot/", "accounts", asked_letters.ForgotHandler),
    Route("/hr/password/reset/{token}/", "accounts", password_change.ResetHandler),
    Route("/hr/sessions/", "accounts", sessions.SessionsHandler),
    Route("/hr/sessions/revoke/", "accounts", sessions.RevokeHandler),
    Route("/hr/legal/", "accounts", legal.LegalHandler),
    Route("/hr/legal/consent/", "accounts", legal.LegalConsentHandler),
    Route("/hr/profile/", "accounts", profile.ProfileHandler),
    Route("/company/", "company", company.CompanyHandler),
    Route("/company/audit/", "company", company.CompanyAuditHandler),
    Route("/company/feeds/", "company", company_feeds.ColleaguesFeedsHandler),
    Route("/company/work/", "company", company_work.WorkHandler),
    Route("/company/invite/", "company", company_members.InviteHandler),
    Route("/company/invite/{token}/", "company", company_members.InvitationHandler),
    Route("/company/join/", "company", company_members.JoinHandler),
    Route("/company/members/{member_id}/", "company", company_members.MemberHandler),
    Route("/company/members/{member_id}/remove/", "company", company_members.RemoveHandler),
    Route("/hr/notices/", "notices", notices.NoticesHandler),
    Route("/hr/notices/consent/", "notices", notices.ConsentHandler),
    Route("/hr/notices/test/", "notices", notices.TestHandler),
    Route("/hr/wechat/login/", "wechat", login.WechatLoginHandler),
    Route("/hr/wechat/exchange/", "wechat", login.ExchangeHandler),
    Route("/hr/wechat/start/", "wechat", browser.StartHandler),
    Route("/hr/wechat/callback/", "wechat", browser.CallbackHandler),
    Route("/hr/wechat/ways/", "wechat", ways.WaysHandler),
    Route("/hr/wechat/bind/", "wechat", ways.BindHandler),
    Route("/hr/wechat/unbind/", "wechat", ways.UnbindHandler),
    Route("/special_feed/edit_feed/", "feeds", feed_editor.EditFeedHandler),
    Route("/special_feed/edit_feed/{feed_id}/", "feeds", feed_editor.EditFeedHandler),
    Route("/special_feed/submit_feed/", "feeds", feed_editor.SubmitFeedHandler),
    Route("/special_feed/preview/", "feeds", preview.PreviewHandler, role="engine"),
    Route("/special_feed/read/", "feeds", postings.ReadPostingHandler),
    Route("/special_feed/occupations/", "feeds", occupations.OccupationsHandler),
    Route("/special_feed/page/", "feeds", feeds.FeedPageHandler),
    Route("/special_feed/pause/", "feeds", feeds.PauseFeedHandler),
    Route("/special_feed/share/{feed_id}", "feeds", sharing.ShareHandler),
    Route("/special_feed/transfer/{feed_id}", "feeds", sharing.TransferHandler),
    Route("/feed/delete/{feed_id}", "feeds", feeds.DeleteFeedHandler),
    Route("/special_feed/feed_list/{feed_id}", "results", results.FeedListHandler),
    Route("/special_feed/results/", "results", many.ManyHandler),
    Route("/special_feed/statistics/{feed_id}", "results", statistics.StatisticsHandler),
    Route("/feed/get/{feed_id}/{resume_id}", "results", results.ReadResultHandler),
    Route("/feed/modify_feed_result", "results", results.ModifyResultHandler),
    Route("/feed/export/{feed_id}.csv", "results", export.ExportHandler),
    Route("/feed/export/{feed_id}/link/", "results", export_link.ExportLinkHandler),
    Route("/feed/export/link/{token}/", "results", export_link.LinkedExportHandler),
    Route("/special_feed/ws/", "results", socket.FeedSocket),
    Route("/resumes/add_watch/{resume_id}", "people", people.AddWatchHandler),
    Route("/resumes/remove_watch/{resume_id}", "people", people.RemoveWatchHandler),
    Route("/resume/follow/list/", "people", favourites.FollowListHandler),
    Route("/resumes/claim/{resume_id}", "people", claims.ClaimHandler),
    Route("/resumes/release/{resume_id}", "people", claims.ReleaseHandler),
    Route("/resumes/download/{resume_id}", "people", people.DownloadHandler),
    Route("/resumes/mark/{resume_id}", "people", notes.MarkHandler),
    Route("/resumes/mark/{resume_id}/{mark_id}", "people", notes.ChangeMarkHandler),
    Route("/resumes/interview/{resume_id}/{mark_id}.ics", "people", interviews.CalendarHandler),
    Route("/resumes/interview/{resume_id}/{mark_id}.txt", "people", interviews.InvitationHandler),
    Route("/resumes/comment/{resume_id}", "people", notes.CommentHandler),
    Route("/resumes/comment/{resume_id}/{comment_id}", "people", notes.ChangeCommentHandler),
    Route("/resumes/search/", "people", search.SearchHandler),
    Route("/resumes/marked/", "people", marked.MarkedHandler),
    Route("/resumes/join/", "people", persons.JoinHandler),
    Route("/resumes/part/", "people", persons.PartHandler),
    Route("/resumes/original/{resume_id}", "people", originals.OriginalHandler),
    Route("/handover/", "hand-over", handovers.HandoversHandler),
    Route("/handover/{handover_id}/revoke/", "hand-over", handovers.RevokeHandoverHandler),
    Route("/review/{link}/", "hand-over", reviews.OpenReviewHandler),
    Route("/review/{link}/{resume_id}/", "hand-over", reviews.JudgeHandler),
    Route("/resumes/", "ingest", resumes.IngestHandler),
    # Before the next one, which takes any word for an id.
    Route("/resumes/file/", "ingest", resume_files.FileHandler),
    Route("/resumes/{resume_id}", "ingest", erase.EraseHandler),
    Route("/admin/api/login/", "desk", desk_sign_in.LoginHandler),
    Route("/admin/api/logout/", "desk", desk_sign_in.LogoutHandler),
    Route("/admin/api/me/", "desk", desk_sign_in.MeHandler),
    Route("/admin/api/password/", "desk", desk_sign_in.PasswordHandler),
    Route("/admin/api/health/", "desk", desk_health.HealthHandler),
    Route("/admin/api/sources/", "desk", desk_sources.SourcesHandler),
    Route("/admin/api/tokens/", "desk", desk_tokens.TokensHandler),
    Route("/admin/api/tokens/make/", "desk", desk_tokens.MakeTokenHandler),
    Route("/admin/api/tokens/revoke/", "desk", desk_tokens.RevokeTokenHandler),
    Route("/admin/api/files/", "desk", desk_files.DeskFileHandler),
    Route("/admin/api/tables/", "desk", desk_tables.TablesHandler),
    Route("/admin/api/tables/upload/", "desk", desk_tables.UploadHandler),
    Route("/admin/api/tables/{table_id}/", "desk", desk_tables.TableHandler),
    Route("/admin/api/tables/{table_id}/preview/", "desk", desk_tables.PreviewHandler),
    Route("/admin/api/tables/{table_id}/import/", "desk", desk_tables.ImportHandler),
    Route("/admin/api/tables/{table_id}/restart/", "desk", desk_tables.RestartHandler),
    Route("/admin/api/tables/{table_id}/rows/", "desk", desk_table_view.RowsHandler),
    Route("/admin/api/tables/{table_id}/rejected.csv", "desk", desk_table_view.RejectedHandler),
    Route("/admin/api/tables/{table_id}/drop/", "desk", desk_tables.DropHandler),
    # Before the one that takes any word for an id.
    Route("/admin/api/quarantine/resumes/", "desk", desk_quarantine.ResumesHandler),
    Route("/admin/api/quarantine/resumes/retry/", "desk", desk_quarantine.RetryResumesHandler),
    Route("/admin/api/quarantine/resumes/drop/", "desk", desk_quarantine.DropResumesHandler),
    Route("/admin/api/quarantine/resumes/{resume_id}/", "desk", desk_quarantine.ResumeHandler),
    Route("/admin/api/quarantine/files/", "desk", desk_files.FilesHandler),
    Route("/admin/api/quarantine/files/retry/", "desk", desk_files.RetryFilesHandler),
    Route("/admin/api/quarantine/files/drop/", "desk", desk_files.DropFilesHandler),
    Route("/admin/api/quarantine/files/{file_id}/content/", "desk", desk_files.ContentHandler),
    Route("/admin/api/companies/find/", "desk", desk_companies.CompaniesHandler),
    Route("/admin/api/companies/{company_id}/", "desk", desk_companies.DeskCompanyHandler),
    Route("/admin/api/companies/{company_id}/limits/", "desk", desk_companies.CompanyLimitsHandler),
    Route("/admin/api/companies/{company_id}/merge/", "desk", desk_companies.CompanyMergeHandler),
    Route("/admin/api/accounts/find/", "desk", desk_accounts.AccountsHandler),
    Route("/admin/api/accounts/invite/", "desk", desk_account_links.InviteHandler),
    Route("/admin/api/accounts/{account_id}/", "desk", desk_accounts.AccountHandler),
    Route("/admin/api/accounts/{account_id}/invite/", "desk", desk_account_links.InviteAgainHandler),
    Route("/admin/api/accounts/{account_id}/reset/", "desk", desk_account_links.ResetHandler),
    Route("/admin/api/accounts/{account_id}/disable/", "desk", desk_accounts.DisableHandler),
    Route("/admin/api/accounts/{account_id}/enable/", "desk", desk_accounts.EnableHandler),
    Route("/admin/api/accounts/{account_id}/end_sessions/", "desk", desk_accounts.EndSessionsHandler),
    Route("/admin/api/accounts/{account_id}/limits/", "desk", desk_accounts.LimitsHandler),
    Route("/admin/api/audit/", "desk", desk_audit.AuditHandler),
    Route("/admin/api/audit/check/", "desk", desk_audit.CheckHandler),
    Route("/admin/api/resumes/{resume_id}/", "desk", desk_person.ResumeHandler),
    Route("/admin/api/person/find/", "desk", desk_person.FindHandler),
    Route("/admin/api/person/export/", "desk", desk_person.ExportHandler),
    Route("/admin/api/person/erase/", "desk", desk_person.EraseHandler),
    Route("/healthz", "operation", ops.LivenessHandler, role=None),
    Route("/readyz", "operation", ops.ReadinessHandler, role=None),
    Route("/metrics", "operation", ops.MetricsHandler, role=None),
    Route("/openapi.json", "operation", docs.OpenApiHandler),
    Route("/docs/", "operation", docs.DocsHandler),
    Route("/docs/{name}", "operation", docs.DocsFileHandler),
    Route("/", "operation", page.PageHandler),
    Route("/terms/", "operation", legal.TermsHandler),
    Route("/privacy/", "operation", legal.PrivacyHandler),
    Route("/assets/{name}", "operation", page.AssetHandler),
    Route("/admin/", "operation", page.DeskHandler),
    Route("/admin/assets/{name}", "operation", page.DeskAssetHandler),
)


def make_application(
    provided: Dependencies, roles: Collection[ProcessRole] = ROLES
) -> tornado.web.Application:
    """Build the Tornado application of a process with some roles, and give every handler what it declares.

    Raises:
        MissingDependency: A handler needs what nobody provides.
    """
    return tornado.web.Application(
        [
            (route.pattern, handler, {**provided.for_handler(handler), "route": route.path, **more})
            for route in ROUTES
            for handler, more in [_who_answers(route, roles)]
        ],
        default_handler_class=UnknownUrl,
        default_handler_args=provided.for_handler(UnknownUrl),
        log_function=log_request,
        websocket_max_message_size=socket.MAX_FRAME_BYTES,
    )


def _who_answers(route: Route, roles: Collection[ProcessRole]) -> tuple[type[Endpoint], dict[str, Any]]:
    if route.role is None or route.role in roles:
        return route.handler, {}
    return OtherRole, {"served_by": route.role}
