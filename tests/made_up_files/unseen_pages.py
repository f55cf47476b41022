"""Pages in layouts that were kept from those who wrote the reader: printed ones, and web pages."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from tests.made_up_files.dates import in_chinese, in_english, joined, span, with_dots, with_slashes
from tests.made_up_files.hand import Hand
from tests.made_up_files.pages import FONTS
from tests.made_up_files.person import Person


def _tag(name: str, text: str, css_class: str = "") -> str:
    return (
        f'<{name} class="{css_class}">{escape(text)}</{name}>'
        if css_class
        else f"<{name}>{escape(text)}</{name}>"
    )


def _lines(lines: Iterable[str], name: str = "div") -> str:
    return "".join(_tag(name, line) for line in lines)


def _page(hand: Hand, css: str, body: str) -> str:
    font = hand.rng.choice(FONTS)
    return (
        "<!DOCTYPE html><html><head><meta charset=utf-8><style>@page{size:A4;margin:14mm}"
        f'body{{font:10pt/1.5 "{font}","Noto Sans CJK SC";margin:0;font-synthesis:none}}'
        ".line{display:flex;justify-content:space-between;font-weight:bold}"
        f"{css}</style></head><body>{body}</body></html>"
    )


def _ends(left: str, right: str) -> str:
    """A line with one text at each end."""
    return f'<div class="line">{_tag("span", left)}{_tag("span", right)}</div>'


def timeline(person: Person, hand: Hand) -> str:
    """Dates down the left side, beside them what happened; signs in place of labels; skills with bars."""
    dash = hand.rng.choice((" — ", "-", "\n"))

    def row(start: str, end: str, rest: str) -> str:
        when = escape(span(start, end, with_dots, dash)).replace("\n", "<br>")
        return f'<div class="row"><div class="when">{when}</div><div>{rest}</div></div>'

    contact = [f"☎ {one}" for one in person.phones] + ([f"✉ {person.email}"] if person.email else [])
    about = joined(" · ", person.gender, f"{person.age}岁" if person.age else "", person.address)
    top = _tag("div", person.name, "name") + _lines([person.career, about, "    ".join(contact)])
    jobs = "".join(
        row(job.start, job.end, f"{_tag('b', job.title)} @ {escape(job.company)}{_lines(job.lines)}")
        for job in person.jobs
    )
    schools = "".join(
        row(one.start, one.end, _tag("b", one.school) + _tag("div", joined(" · ", one.major, one.degree)))
        for one in person.schools
    )
    sections = [("工作", jobs), ("教育", schools)]
    if hand.rng.random() < 0.4:
        sections.reverse()
    bar = '<span style="background:#09c">&emsp;&emsp;</span>'
    bars = (f"<div>{escape(one)} {bar} {hand.rng.randint(60, 95)}%</div>" for one in person.skills)
    sections = [("技能树", "".join(bars)), *sections, ("关于我", _lines(person.about))]
    css = (
        ".top{text-align:center}.name{font-size:22pt}"
        ".head{background:#345;color:#fff;padding:1mm 3mm;margin:3mm 0}"
        ".row{display:grid;grid-template-columns:32mm 1fr;margin-bottom:2mm}.when{color:#777}"
    )
    parts = (_tag("div", title, "head") + body for title, body in sections if body)
    return _page(hand, css, f'<div class="top">{top}</div>{"".join(parts)}')


def english(person: Person, hand: Hand) -> str:
    """English headings and dates around Chinese names, as in companies from abroad."""
    jobs = "".join(
        _ends(job.company, span(job.start, job.end, in_english, " – "))
        + f"{_tag('div', job.title)}<ul>{_lines(job.lines, 'li')}</ul>"
        for job in person.jobs
    )
    schools = "".join(
        _ends(one.school, span(one.start, one.end, in_english, " – "))
        + _tag("div", joined(", ", one.degree, one.major))
        for one in person.schools
    )
    contact = [f"Mobile: {one}" for one in person.phones] + (
        [f"Email: {person.email}"] if person.email else []
    )
    wishes = joined(" | ", f"Target: {person.career}", f"Location: {person.area}" if person.area else "")
    sections = [
        ("Summary", _lines(person.about)),
        (hand.rng.choice(("Work Experience", "Professional Experience", "Employment History")), jobs),
        (hand.rng.choice(("Education", "Education Background")), schools),
        ("Skills", escape(", ".join(person.skills))),
        ("Certifications", _lines(person.certificates)),
    ]
    body = _tag("h1", joined(" ", person.latin_name, person.name)) + _lines([" | ".join(contact), wishes])
    body += "".join(f"<h2>{title}</h2>{text}" for title, text in sections if text)
    return _page(hand, "h2{border-bottom:2px solid;text-transform:uppercase;font-size:12pt}", body)


def labels_above(person: Person, hand: Hand) -> str:
    """A template of an office suite: labels above their values in three columns, cards for jobs."""
    facts = [
        ("性别", person.gender), ("年龄", str(person.age or "")), ("籍贯/现居", person.address),
        ("联系电话", person.phones[0]), ("电子邮箱", person.email), ("工作年限", person.years),
        ("意向岗位", person.career), ("期望薪资", person.salary), ("意向城市", person.area),
    ]  # fmt: skip
    top = (f"<div>{_tag('div', label, 'label')}{_tag('div', value)}</div>" for label, value in facts if value)
    jobs = "".join(
        f'<div class="card">{_ends(job.title, span(job.start, job.end, with_dots, "-"))}'
        f"{_lines([job.company, *('✓ ' + line for line in job.lines)])}</div>"
        for job in person.jobs
    )
    schools = "".join(
        f'<div class="card">{_ends(one.school, span(one.start, one.end, with_dots, "-"))}'
        f"{_lines(['专业：' + (one.major or '无'), '学历：' + one.degree])}</div>"
        for one in person.schools
    )
    sections = (("教育经历", schools), ("职场经历", jobs), ("我的优势", _lines(person.about)))
    css = (
        ".facts{display:grid;grid-template-columns:1fr 1fr 1fr;gap:2mm}.label{color:#888;font-size:8pt}"
        ".card{border:1px solid #ccc;border-radius:2mm;padding:2mm;margin:2mm 0}"
    )
    body = f'{_tag("h1", person.name)}<div class="facts">{"".join(top)}</div>'
    return _page(hand, css, body + "".join(f"<h3>✦ {title}</h3>{text}" for title, text in sections if text))


def centred(person: Person, hand: Hand) -> str:
    """Everything centred but the lists; dates in brackets behind titles; headings in two languages."""
    is_short = len(person.name) < len("欧阳晓雪")
    age, home = f"{person.age}岁" if person.age else "", f"现居{person.address}" if person.address else ""
    rows = [_tag("h1", " ".join(person.name) if is_short else person.name)]
    rows.append(
        _lines([joined("　", person.gender, age, home), joined("　", person.phones[0], person.email)])
    )
    rows.append(_tag("div", f"应聘岗位：{person.career}"))
    rows += ["<h2>— 工作经历 Experience —</h2>"] if person.jobs else []
    for job in person.jobs:
        when = span(job.start, job.end, with_slashes, "~")
        rows += [f"<p>{_tag('b', job.company)}</p>", _tag("p", f"{job.title}（{when}）")]
        rows.append(f'<div class="list">{_lines("◇ " + line for line in job.lines)}</div>')
    rows.append("<h2>— 教育经历 Education —</h2>")
    for one in person.schools:
        when = span(one.start, one.end, with_slashes, "~")
        rows.append(f"<p>{_tag('b', one.school)}{f'（{when}）' if when else ''}</p>")
        rows.append(_tag("p", joined("，", one.major, one.degree)))
    rows += ["<h2>— 自我评价 Profile —</h2>", _lines(person.about)] if person.about else []
    return _page(hand, "body{text-align:center}p{margin:0}.list{text-align:left}", "".join(rows))


def report(person: Person, hand: Hand) -> bytes:
    """A headhunter's report: their own contact on top, whom one reported to, why one left."""
    facts = [
        ("姓名", person.name), ("性别", person.gender), ("年龄", f"{person.age}" if person.age else ""),
        ("联系方式", person.phones[0]), ("Email", person.email), ("目前所在地", person.address),
        ("期望职位", person.career), ("期望薪酬", person.salary),
    ]  # fmt: skip
    rows = "".join(f"<tr>{_tag('td', label)}{_tag('td', value)}</tr>" for label, value in facts if value)
    jobs = "".join(
        f"<p><strong>{span(job.start, job.end, in_chinese, '～')}　{escape(job.company)}</strong></p>"
        f"<p>职　　务：{escape(job.title)}</p>"
        f"<p>汇报对象：总经理</p><p>下属人数：{hand.rng.randint(0, 20)}</p>"
        f"<p>主要职责：</p>{_lines(job.lines, 'p')}<p>离职原因：寻求更大的发展空间</p>"
        for job in person.jobs
    )
    schools = _lines(
        (
            joined("　", span(one.start, one.end, in_chinese, "～"), one.school, one.major, one.degree)
            for one in person.schools
        ),
        "p",
    )
    return (
        "<html><head><meta charset=utf-8><title>候选人推荐报告</title></head><body>"
        "<center><h1>候选人推荐报告</h1></center>"
        "<p>顾问：Amy Liu　电话：010-00000000　邮箱：amy@hunter.example</p>"
        f"<h2>一、个人概况</h2><table border=1>{rows}</table><h2>二、教育背景</h2>{schools}"
        f"<h2>三、工作履历（由近及远）</h2>{jobs or '<p>应届毕业生</p>'}"
        f"<h2>四、顾问评语</h2>{_lines(person.about, 'p') or '<p>沟通顺畅</p>'}"
        "<p>* 本报告仅供贵司内部使用，未经许可请勿外传。</p></body></html>"
    ).encode()


def card_list(person: Person, hand: Hand) -> bytes:
    """A page of an applicants' system: definition lists, dates in elements of their own, tags of skills."""

    def pairs(*facts: tuple[str, str]) -> str:
        return f"<dl>{''.join(_tag('dt', label) + _tag('dd', value) for label, value in facts if value)}</dl>"

    def when(start: str, end: str) -> str:
        times = _tag("time", with_slashes(start)) + " <span>to</span> " + _tag("time", with_slashes(end))
        return f"<header>{times if start else ''}</header>"

    jobs = "".join(
        f"<article>{when(job.start, job.end)}{pairs(('任职公司', job.company), ('所任职位', job.title))}"
        f"<section>{_lines(job.lines, 'p')}</section></article>"
        for job in person.jobs
    )
    schools = "".join(
        f"<article>{when(one.start, one.end)}"
        f"{pairs(('就读学校', one.school), ('就读专业', one.major), ('获得学历', one.degree))}</article>"
        for one in person.schools
    )
    facts = [("手机", person.phones[0]), ("邮箱", person.email), ("性别", person.gender)]
    facts += [("目前城市", person.address), ("应聘职位", person.career)]
    tags = " ".join(_tag("span", one, "tag") for one in person.skills)
    sections = (
        ("任职情况", jobs or "<p>暂无</p>"),
        ("就读情况", schools),
        ("标签", tags),
        ("候选人自述", _lines(person.about, "p")),
    )
    body = "".join(f"<h2>{title}</h2>{text}" for title, text in sections if text)
    return (
        f"<!doctype html><meta charset=utf-8><title>候选人 {escape(person.name)}</title><main>"
        "<aside>候选人库 / 详情 / 操作：转发 收藏 淘汰</aside>"
        f"{_tag('h1', person.name)}{pairs(*facts)}{body}</main>"
    ).encode()


def printed_site(person: Person, hand: Hand) -> str:
    """A site's page printed from the browser: its address and the time on it, lengths beside the dates."""
    number = hand.rng.randrange(10**7)
    rows = [_ends("2025/11/17 09:12", "简历预览 - 人才网"), f"<h2>{escape(person.name)}</h2>"]
    facts = joined(" / ", person.gender, person.schools[0].degree, person.years, person.address)
    mail = f"邮箱地址 {person.email}" if person.email else ""
    rows.append(
        _lines([facts, joined("    ", f"手机号码 {person.phones[0]}", mail), f"想做 {person.career}"])
    )
    rows += [_tag("h3", "工作经历")] if person.jobs else []
    for job in person.jobs:
        when = span(job.start, job.end, with_dots, " 至 ")
        rows += [_ends(job.title, f"{when}（{job.duration}）" if job.duration else when)]
        rows.append(_lines([job.company, *job.lines]))
    rows.append(_tag("h3", "学习经历"))
    for one in person.schools:
        rows.append(_ends(one.school, span(one.start, one.end, with_dots, " 至 ")))
        rows.append(_tag("div", joined(" · ", one.major, one.degree)))
    rows += [_tag("h3", "自我描述"), _lines(person.about)] if person.about else []
    rows.append(_tag("div", f"https://www.jobs.example/resume/{number}?from=search    1/1"))
    return _page(hand, "h3{color:#06c}", "".join(rows))


def ruled(person: Person, hand: Hand) -> str:
    """Jobs and schools as ruled tables: a head, and a column for each field."""

    def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
        body = "".join(f"<tr>{''.join(_tag('td', text) for text in row)}</tr>" for row in rows)
        return f"<table><tr>{''.join(_tag('th', text) for text in heads)}</tr>{body}</table>"

    facts = [
        ("姓名", person.name),
        ("性别", person.gender),
        ("电话", person.phones[0]),
        ("邮箱", person.email),
    ]
    jobs = [
        (span(job.start, job.end, with_dots, "-"), job.company, job.title, " ".join(job.lines))
        for job in person.jobs
    ]
    schools = [
        (span(one.start, one.end, with_dots, "-"), one.school, one.major, one.degree)
        for one in person.schools
    ]
    body = "<center><h2>简历表</h2></center>"
    body += table(
        tuple(label for label, value in facts if value), [tuple(value for _, value in facts if value)]
    )
    body += _tag("p", f"应聘职务：{person.career}")
    body += f"<h4>学历</h4>{table(('时间', '学校', '专业', '学位/学历'), schools)}"
    body += f"<h4>职历</h4>{table(('时间', '单位', '岗位', '工作内容'), jobs)}" if jobs else ""
    body += f"<h4>其他</h4>{_lines(person.about)}" if person.about else ""
    css = "table{border-collapse:collapse;width:100%}td,th{border:1px solid #333;padding:1mm;text-align:left}"
    return _page(hand, css, body)
