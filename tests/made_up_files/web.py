"""Pages of job sites: a page saved from the browser, and the MHT that a site calls `.doc`."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable
from html import escape

from tests.made_up_files.hand import Hand
from tests.made_up_files.pages import cells, paragraphs
from tests.made_up_files.person import Person

_NAVIGATION = ("首页", "职位搜索", "我的简历", "消息", "企业服务", "下载APP", "登录/注册")
_FOOT = (
    "关于我们",
    "联系我们 400-000-0000",
    "举报邮箱：jubao@jobs.example",
    "Copyright © 2025 招聘网 版权所有",
)
_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def site(person: Person, hand: Hand) -> bytes:
    """A page with navigation, scripts, what is hidden, and the resume in the middle."""
    menu = "".join(f'<li><a href="#">{word}</a></li>' for word in _NAVIGATION)
    foot = "".join(f"<span>{escape(word)}</span> " for word in _FOOT)
    body = body_of(person, hand)
    title = hand.rng.choice(
        (f"{person.name}的简历", f"{person.name}-{person.career}-简历", "简历详情 - 招聘网")
    )
    number = hand.rng.randrange(10**8)
    day = f"2025-11-{hand.rng.randint(10, 20)}"
    html = (
        f'<!DOCTYPE html><html><head><meta charset="{{charset}}"><title>{escape(title)}</title>'
        "<style>.x{color:red}</style><script>var user={name:'访客',phone:'13100000000'};</script></head>"
        "<body>"
        f'<div class="nav"><ul>{menu}</ul></div><div style="display:none">扫码联系客服小王</div>'
        f'<div class="resume"><div class="meta">简历编号：{number} &nbsp; 更新时间：{day}</div>'
        f'{body}</div><div class="foot">{foot}</div><script src="https://jobs.example/a.js"></script></body></html>'
    )
    charset = hand.rng.choice(("utf-8", "utf-8", "gb2312"))
    return html.replace("{charset}", charset).encode("gb18030" if charset == "gb2312" else "utf-8")


def body_of(person: Person, hand: Hand) -> str:
    """The resume as a site shows it."""
    facts = hand.facts(person)
    name = facts.pop("name")
    parts = [f'<div class="name"><h1>{escape(name)}</h1></div>', _facts(hand, facts)]
    heading = hand.rng.choice(("<h3>{}</h3>", '<div class="tit">{}</div>', "<dt><strong>{}</strong></dt>"))
    item = hand.rng.choice((_lines_of_spans, _lines_of_divs, _row))
    for key, title in hand.sections(person):
        parts.append(f'<div class="sec">{heading.format(escape(title))}')
        if key == "target":
            parts.append(_facts(hand, hand.wishes(person)))
        elif key == "jobs":
            for job in person.jobs:
                heads = "".join(item(line) for line in hand.job_lines(job))
                desc = "<br>".join(escape(line) for line in hand.desc_lines(job))
                parts.append(f'<div class="item">{heads}<div class="desc">{desc}</div></div>')
        elif key == "schools":
            parts.extend(
                f"<div>{''.join(item(line) for line in hand.school_lines(one))}</div>"
                for one in person.schools
            )
        elif key == "skills":
            parts.append("<ul>" + "".join(f"<li>{escape(one)}</li>" for one in person.skills) + "</ul>")
        else:
            parts.append(paragraphs(hand.plain_lines(person, key)))
        parts.append("</div>")
    return "".join(parts)


def _facts(hand: Hand, facts: dict[str, str]) -> str:
    """Facts as a list, as cells, or as bare words in a row."""
    form = hand.rng.randrange(3)
    if form == 0:
        rows = "".join(
            f"<li><label>{escape(hand.label(key))}：</label><span>{escape(value)}</span></li>"
            for key, value in facts.items()
        )
        return f"<ul>{rows}</ul>"
    if form == 1:
        return cells(hand, facts)
    return paragraphs([hand.rng.choice((" | ", "  ")).join(hand.pair(*item) for item in facts.items())])


def _lines_of_spans(line: str) -> str:
    return "<p>" + " ".join(f"<span>{escape(part)}</span>" for part in line.split("  ")) + "</p>"


def _lines_of_divs(line: str) -> str:
    return "".join(f"<div>{escape(part)}</div>" for part in line.split("  "))


def _row(line: str) -> str:
    return "<table><tr>" + "".join(f"<td>{escape(part)}</td>" for part in line.split("  ")) + "</tr></table>"


def mht(person: Person, hand: Hand) -> bytes:
    """A web page in one file, as sites hand it out under a Word name: quoted-printable, with a picture."""
    charset, codec = hand.rng.choice((("gb2312", "gb18030"), ("utf-8", "utf-8")))
    facts = hand.facts(person)
    name = facts.pop("name")
    rows = [
        f'<tr><td><b style="font-size:20pt">{escape(name)}</b></td></tr>',
        f"<tr><td>{_wide(hand, facts)}</td></tr>",
    ]
    for key, title in hand.sections(person):
        rows.append(f'<tr><td bgcolor="#ddd"><b>{escape(title)}</b></td></tr>')
        rows.append(f"<tr><td>{_mht_section(person, hand, key)}</td></tr>")
    html = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>'
        f'<meta http-equiv=Content-Type content="text/html; charset={charset}">'
        "<!--[if gte mso 9]><xml><o:DocumentProperties/></xml><![endif]-->"
        f'</head><body><img src="logo.gif"><table width="100%">{"".join(rows)}</table></body></html>'
    )
    boundary = "----=_NextPart_01D0C0DE"
    page = quopri.encodestring(html.encode(codec)).decode("ascii").replace("\n", "\r\n")
    return (
        f'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="{boundary}"; type="text/html"\r\n'
        f"\r\n--{boundary}\r\nContent-Type: text/html; charset={charset}\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        f"Content-Location: file:///C:/resume.htm\r\n\r\n{page}\r\n"
        f"--{boundary}\r\nContent-Type: image/gif\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Location: file:///C:/logo.gif\r\n\r\n{base64.b64encode(_GIF).decode()}\r\n--{boundary}--\r\n"
    ).encode("ascii")


def _wide(hand: Hand, facts: dict[str, str]) -> str:
    """Bare words in one line, the contact with its labels in the next."""
    contact = [hand.pair(key, facts[key]) for key in ("phone", "email") if key in facts]
    bare = [value for key, value in facts.items() if key not in ("phone", "email")]
    mark: Callable[[list[str]], str] = hand.rng.choice((" | ", "&nbsp;&nbsp;&nbsp;")).join
    return f"{mark([escape(text) for text in bare])}<br>{'<br>'.join(escape(text) for text in contact)}"


def _mht_section(person: Person, hand: Hand, key: str) -> str:
    if key == "target":
        return cells(hand, hand.wishes(person))
    if key == "jobs":
        parts = []
        for job in person.jobs:
            head, *others = hand.job_lines(job)
            parts.append(f"<p><b>{escape(head).replace('  ', '&nbsp;&nbsp;')}</b><br>")
            parts.append(
                "<br>".join(
                    escape(line).replace("  ", "&nbsp;&nbsp;") for line in [*others, *hand.desc_lines(job)]
                )
                + "</p>"
            )
        return "".join(parts)
    return paragraphs(hand.plain_lines(person, key))
