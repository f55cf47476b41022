"""Layouts made after the first ten, with none of their spellings, and kept from those who wrote the reader.

They say how well a layout is read that nobody thought of. Once one of them has been looked at to make the
reader better, it is no longer unseen: then make others. `pdf, timeline` and `pdf, ruled` have been looked at.
"""

from __future__ import annotations

from tests.made_up_files import unseen_pages, unseen_papers
from tests.made_up_files.layouts import Layout

_WISHES = ("wanted_industry", "category", "state")
_EXTRAS = ("projects", "certificates", "campus")
_FEW = ("years", "salary", "area", *_WISHES, *_EXTRAS)
_FEWER = (*_FEW, "skills")
_ABROAD = (*_WISHES, "gender", "address", "years", "salary", "projects", "campus")
UNSEEN = (
    Layout("pdf, timeline", "pdf", unseen_pages.timeline, _FEW),
    Layout("pdf, english", "pdf", unseen_pages.english, _ABROAD),
    Layout("pdf, labels above", "pdf", unseen_pages.labels_above, (*_WISHES, *_EXTRAS, "skills")),
    Layout("pdf, centred", "pdf", unseen_pages.centred, _FEWER),
    Layout("html, report", "html", unseen_pages.report, (*_WISHES, *_EXTRAS, "years", "area", "skills")),
    Layout("html, card list", "html", unseen_pages.card_list, _FEW),
    Layout("docx, register", "docx", unseen_papers.register, (*_WISHES, *_EXTRAS, "years", "area", "skills")),
    Layout("docx, office form", "docx", unseen_papers.state_owned, _FEWER),
    Layout("markdown", "md", unseen_papers.markdown, (*_WISHES, *_EXTRAS, "gender", "salary", "area")),
    Layout("rtf", "rtf", unseen_papers.rtf, _FEWER),
    Layout("mail, forwarded", "eml", unseen_papers.forwarded, (*_FEWER, "gender", "address")),
    Layout("text of a phone", "txt", unseen_papers.chat, _FEWER),
    Layout(
        "pdf, printed site",
        "pdf",
        unseen_pages.printed_site,
        (*_WISHES, *_EXTRAS, "salary", "area", "skills"),
    ),
    Layout("pdf, ruled", "pdf", unseen_pages.ruled, (*_FEWER, "address")),
    Layout("docx, side by side", "docx", unseen_papers.side_by_side, (*_FEW, "gender")),
    Layout("mail, covering letter", "eml", unseen_papers.covering_letter, (*_FEWER, "gender", "address")),
)
