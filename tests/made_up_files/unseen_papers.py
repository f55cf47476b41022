"""Forms, texts and mails in layouts that were kept from those who wrote the reader."""

from __future__ import annotations

from email.header import Header
from email.mime.text import MIMEText

from tests.made_up_files import docx
from tests.made_up_files.dates import in_chinese, joined, span, with_dots, with_slashes
from tests.made_up_files.docx import cell, paragraph, table
from tests.made_up_files.hand import Hand
from tests.made_up_files.person import Person


def register(person: Person, hand: Hand) -> bytes:
    """A company's form for applicants: lists as rows under one label, and other people to call."""
    facts = [
        ("姓　　名", person.name), ("性　　别", person.gender), ("出生年月", with_dots(person.born)),
        ("应聘岗位", person.career), ("手机号码", person.phones[0]), ("电子邮箱", person.email),
        ("现 住 址", person.address), ("期望薪资", person.salary), ("民　　族", "汉族"), ("婚姻状况", "未婚"),
    ]  # fmt: skip
    rows = [[cell("应聘人员登记表", span=6, bold=True)]]
    for at in range(0, len(facts), 3):
        row = [text for label, value in facts[at : at + 3] for text in (cell(label), cell(value))]
        rows.append(row + [cell("")] * (6 - len(row)))
    heads = ("起止时间", "毕业院校", "专业", "学历", "学习形式")
    rows.append([cell("教育经历", merge="restart"), *(cell(text) for text in heads)])
    rows += [
        [
            cell("", merge="continue"),
            cell(span(one.start, one.end, with_dots, "—")),
            cell(one.school), cell(one.major), cell(one.degree), cell("全日制"),
        ]
        for one in person.schools
    ]  # fmt: skip
    heads = ("起止时间", "工作单位", "职务", "离职原因", "证明人及电话")
    rows.append([cell("工作经历", merge="restart"), *(cell(text) for text in heads)])
    for job in person.jobs:
        witness = f"{hand.rng.choice('赵钱孙李周吴')}经理 1350000{hand.rng.randrange(10_000):04d}"
        texts = (span(job.start, job.end, with_dots, "—"), job.company, job.title, "个人发展", witness)
        rows.append([cell("", merge="continue"), *(cell(text) for text in texts)])
        rows.append([cell("", merge="continue"), cell([paragraph(line) for line in job.lines], span=5)])
    kin = [cell(text) for text in ("父亲", "王建国", "退休", "13100009999")]
    rows.append([cell("家庭成员及紧急联系人"), *kin, cell("")])
    if person.about:
        rows.append([cell("自我评价"), cell([paragraph(line) for line in person.about], span=5)])
    rows.append([cell("本人承诺以上信息真实有效。签名：            日期：      年   月   日", span=6)])
    return docx.document([table(rows, 6)])


def state_owned(person: Person, hand: Hand) -> bytes:
    """The form of an office: labels in the rows' first cells, all jobs in one cell, from the oldest on."""
    rows = [
        [cell("姓名"), cell(person.name), cell("性别"), cell(person.gender or "")],
        [cell("联系电话"), cell(person.phones[0]), cell("电子信箱"), cell(person.email)],
        [cell("家庭住址"), cell(person.address, span=3)],
        [cell("报考岗位"), cell(person.career, span=3)],
    ]
    learnt = [
        paragraph(joined(" ", span(one.start, one.end, with_slashes, "-"), one.school, one.major, one.degree))
        for one in reversed(person.schools)
    ]
    rows.append([cell("学习简历"), cell(learnt, span=3)])
    worked = []
    for job in reversed(person.jobs):
        when = span(job.start, job.end, with_slashes, "-")
        worked += [paragraph(line) for line in (f"{when} {job.company} {job.title}", *job.lines)]
    rows.append([cell("工作简历"), cell(worked or [paragraph("无")], span=3)])
    rows.append([cell("主要特长"), cell([paragraph(line) for line in person.about] or "无", span=3)])
    return docx.document([paragraph("报名登记表", bold=True, size=18), table(rows, 4)])


def markdown(person: Person, hand: Hand) -> bytes:
    """Markdown, as programmers write it."""
    lines = [f"# {person.name}", "", joined(" / ", *person.phones, person.email, person.address), ""]
    lines += [f"> {joined('，', person.career, person.years)}", ""]
    lines += ["## 简介", "", *person.about, ""] if person.about else []
    lines += ["## 技术栈", "", *(f"- `{one}`" for one in person.skills), ""] if person.skills else []
    lines += ["## 经历", ""] if person.jobs else []
    form = hand.rng.choice(
        (
            "### {company} · {title}（{when}）",
            "### {title}, {company}\n*{when}*",
            "**{company}** | {title} | _{when}_",
        )
    )
    for job in person.jobs:
        lines.append(form.format(company=job.company, title=job.title, when=_when(job.start, job.end)))
        lines += ["", *(f"* {line}" for line in job.lines), ""]
    lines += ["## 教育", "", "| 学校 | 专业 | 学历 | 时间 |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {one.school} | {one.major} | {one.degree} | {_when(one.start, one.end)} |"
        for one in person.schools
    ]
    return "\n".join(lines).encode()


def _when(start: str, end: str) -> str:
    return span(start, end, lambda date: date.replace("-", "/"), " ~ ")


def rtf(person: Person, hand: Hand) -> bytes:
    """RTF as an old editor writes it: bytes of GBK behind escapes; a job and a school are a sentence."""
    facts = (
        ("性别", person.gender),
        ("电话", person.phones[0]),
        ("邮箱", person.email),
        ("住址", person.address),
    )
    lines = [f"\\qc\\b\\fs36 {_coded(person.name)}\\b0\\fs21\\par\\pard"]
    lines.append("\\tab ".join(_coded(f"{label}：{value}") for label, value in facts if value) + "\\par")
    lines.append(_coded(f"应聘：{person.career}") + "\\par")
    lines += [_head("工作简历")] if person.jobs else []
    for job in person.jobs:
        when = span(job.start, job.end, in_chinese, "至")
        lines.append(_coded(f"{when}，在{job.company}任{job.title}。") + "\\par")
        lines += [f"\\li420 {_coded(line)}\\li0\\par" for line in job.lines]
    lines.append(_head("学历"))
    for one in person.schools:
        major = f"{one.major}专业" if one.major else ""
        sentence = joined("，", span(one.start, one.end, in_chinese, "至"), one.school, major, one.degree)
        lines.append(_coded(f"{sentence}。") + "\\par")
    lines += [_head("个人特长"), *(_coded(line) + "\\par" for line in person.about)] if person.about else []
    fonts = "{\\fonttbl{\\f0\\fnil\\fcharset134 SimSun;}}"
    return f"{{\\rtf1\\ansi\\ansicpg936\\deff0{fonts}\\f0\\fs21\n{chr(10).join(lines)}\n}}".encode("ascii")


def _coded(text: str) -> str:
    """Bytes of GBK behind escapes, ASCII as it is."""
    return "".join(
        chr(byte) if byte < 0x80 and chr(byte) not in "\\{}" else f"\\'{byte:02x}"
        for byte in text.encode("gb18030")
    )


def _head(text: str) -> str:
    return f"\\par\\b\\ul {_coded(text)}\\ulnone\\b0\\par"


def forwarded(person: Person, hand: Hand) -> bytes:
    """A mail that a colleague passed on: theirs are the first and the last lines, the resume is quoted."""
    lines = [f"姓名:{person.name}", f"手机:{person.phones[0]}"]
    lines += [f"邮箱:{person.email}"] if person.email else []
    lines += [f"应聘职位:{person.career}", ""]
    if person.jobs:
        lines.append("工作经历:")
    for number, job in enumerate(person.jobs, 1):
        lines.append(f"({number}) {span(job.start, job.end, with_dots, '到')}")
        lines += [f"单位:{job.company}", f"岗位:{job.title}", "内容:", *job.lines, ""]
    lines.append("教育情况:")
    lines += [
        joined(",", span(one.start, one.end, with_dots, "到"), one.school, one.major, one.degree)
        for one in person.schools
    ]
    lines += ["", "自我评价:", *person.about] if person.about else []
    mark = hand.rng.choice(("> ", "> ", "", "| "))
    passed_on = [
        "李总，这份简历请看一下。", "", "陈静", "人力资源部", "电话 021-00001234  chenjing@corp.example", "",
        "-----原始邮件-----", f"发件人: {person.name}", "发送时间: 2025年11月17日 9:12",
        f"主题: 应聘{person.career}", "",
    ]  # fmt: skip
    text = "\n".join([*passed_on, *(mark + line for line in lines)])
    mail = MIMEText(text, "plain", "gb18030")
    mail["Subject"] = Header(f"转发: 应聘{person.career}", "gb18030").encode()
    mail["From"] = "chenjing@corp.example"
    mail["To"] = "hr@corp.example"
    return mail.as_bytes()


def chat(person: Person, hand: Hand) -> bytes:
    """A text typed on a phone: no headings at all, short lines, blanks in place of punctuation."""
    about = joined(" ", person.gender, f"{person.age}岁" if person.age else "", person.address)
    lines = [person.name, about, f"电话{person.phones[0]}", person.email, f"想找{person.career}的工作", ""]
    for job in person.jobs:
        when = span(job.start, job.end, with_slashes, "-")
        lines += [f"{when} {job.company} {job.title}", *job.lines, ""]
    lines += [
        joined(" ", span(one.start, one.end, with_slashes, "-"), one.school, one.major, one.degree)
        for one in person.schools
    ]
    return "\n".join([*lines, "", *person.about]).encode(hand.rng.choice(("utf-8", "gb18030")))


def side_by_side(person: Person, hand: Hand) -> bytes:
    """A table as the frame of two columns: the contact in the left cell, all else in the right one."""
    left = [paragraph(person.name, bold=True, size=20), paragraph(person.career)]
    left += [paragraph(text) for text in (person.phones[0], person.email, person.address) if text]
    left += (
        [paragraph("专长", bold=True), *(paragraph(one) for one in person.skills)] if person.skills else []
    )
    right = []
    if person.about:
        right += [paragraph("个人总结", bold=True, size=13), *(paragraph(line) for line in person.about)]
    if person.jobs:
        right.append(paragraph("从业经历", bold=True, size=13))
    for job in person.jobs:
        right.append(paragraph(f"{job.company}\t{span(job.start, job.end, with_slashes, ' – ')}", bold=True))
        right += [paragraph(job.title), *(paragraph(f"• {line}") for line in job.lines)]
    right.append(paragraph("受教育情况", bold=True, size=13))
    for one in person.schools:
        when = span(one.start, one.end, with_slashes, " – ")
        right.append(paragraph(joined("\t", one.school, when), bold=True))
        right.append(paragraph(joined("、", one.degree, one.major)))
    return docx.document([table([[cell(left), cell(right)]], 2)])


def covering_letter(person: Person, hand: Hand) -> bytes:
    """A mail that begins as a letter and goes on as a resume, with a signature below."""
    lines = ["尊敬的招聘经理：", "    您好！我对贵公司的职位很感兴趣，以下是我的简历，谢谢您抽时间查看。", ""]
    lines += [f"[姓名] {person.name}", f"[应聘] {person.career}", f"[电话] {person.phones[0]}", ""]
    lines += ["* 教育 *"]
    lines += [
        joined("  ", span(one.start, one.end, in_chinese, " – "), one.school, one.degree, one.major)
        for one in person.schools
    ]
    lines += ["", "* 工作 *"] if person.jobs else []
    for job in person.jobs:
        lines += [f"{job.company}（{span(job.start, job.end, in_chinese, ' – ')}）任{job.title}"]
        lines += [*(f"  - {line}" for line in job.lines), ""]
    lines += ["* 评价 *", *person.about, ""] if person.about else []
    lines += ["期待您的回音。", "--", person.name, person.phones[0], person.email]
    mail = MIMEText("\n".join(lines), "plain", "utf-8")
    mail["Subject"] = Header(f"{person.name}应聘{person.career}", "utf-8").encode()
    mail["From"] = person.email or "sender@example.com"
    mail["To"] = "hr@corp.example"
    return mail.as_bytes()
