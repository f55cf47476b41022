"""A page with one notice, for people who follow a link to the server itself. It loads nothing."""

from __future__ import annotations

from html import escape

import tornado.web

_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} - TalentFeed</title>
<link rel="icon" href="data:,">
<style>
body {{ font: 16px/1.6 sans-serif; max-width: 28em; margin: 20vh auto; padding: 0 1em; text-align: center; }}
button, a {{ display: inline-block; font: inherit; padding: 0.6em 2em; border: 0; border-radius: 8px; }}
button, a {{ background: #1a6b52; color: #fff; text-decoration: none; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{text}</p>
{more}
</main>
</body>
</html>
"""
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def finish_page(
    handler: tornado.web.RequestHandler,
    title: str,
    text: str,
    *,
    button: str = "",
    link: str = "",
    href: str = "/",
) -> None:
    """Answer with a page: a heading, and a sentence below it.

    The `button` sends a POST to the same address; the `link` leads to `href`, of our own. "" leaves either
    out.
    """
    handler.set_header("Content-Type", "text/html; charset=UTF-8")
    handler.set_header("Content-Security-Policy", _POLICY)
    more = f'<form method="post"><button type="submit">{escape(button)}</button></form>' if button else ""
    more += f'<p><a href="{escape(href)}">{escape(link)}</a></p>' if link else ""
    handler.finish(_PAGE.format(title=escape(title), text=escape(text), more=more))
