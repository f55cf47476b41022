"""Who a resume is of and what they look for: contacts, labels, and facts in a row (`男 | 29岁 | 5年经验`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from engine.matching.lexicon import experience
from engine.matching.text.normalise import normalise
from intake.reading import contacts
from intake.reading.found import Entry, Found, found, put
from intake.reading.headers import FIELDS
from intake.reading.labels import LabelReader, Pair
from intake.reading.lines import BULLET, Line, is_prose
from intake.reading.names import NameReader
from intake.reading.periods import find_date, find_span
from intake.reading.pieces import PieceReader, is_pay
from intake.reading.words import Words

_AGE = re.compile(r"(?:^|(?<=\D))(\d{2})\s?(?:周?岁|years old|y/?o\b)", re.IGNORECASE)
_BORN = re.compile(
    r"((?:19[3-9]\d|20[01]\d))\s?(?:[年./-]\s?(\d{1,2})\s?月?(?:\s?[./-]?\s?\d{1,2}\s?日?)?)?\s?(?:生|出生|$|\))"
)
_GENDER = re.compile(r"(?:性别)?\s?(男|女)(?:性|士)?|(male|female)", re.IGNORECASE)
_YEARS = re.compile(
    r"(?:(?<=\D)|^)(\d{1,2}(?:\.\d)?(?:\s?[-~]\s?\d{1,2})?\+?\s?(?:年(?:以上|半)?"
    r"|years?\+?|yrs?)(?:\s?\d{1,2}\s?个月)?)\s?(?:的|以上|多)?\s?(?:[\u4e00-\u9fffA-Za-z]{0,6}(?:工作"
    r"|从业|相关)?(?:经验|经历)|(?:of )?[a-z ]{0,20}experience)",
    re.IGNORECASE,
)
_YEARS_ALONE = re.compile(r"(?:工作|经验|工龄)?\s?(\d{1,2}(?:\.\d)?\+?\s?年(?:以上)?)(?:工作|经验)*")
_FRESH = re.compile(
    r"(?:\d{2,4}(?:年|届))?应届(?:毕业)?生?|在校生|无(?:工作)?经验|fresh graduate", re.IGNORECASE
)
_SPLIT = re.compile(
    r"\t|\s{2,}|\s?[|｜;；•·]\s?|\s?[,，、]\s?|\s/\s|\s-\s|(?<=[\u4e00-\u9fff岁])\s(?=[\u4e00-\u9fff\d])|(?<=\))\s|\s?/(?=\s?[\u4e00-\u9fff\d])"
)
_ARRIVAL = re.compile(r"到岗|到职|入职")
_NOISE = re.compile(
    r"(?:已婚|未婚|已育|未育|群众|党员|中共党员|团员|共青团员|汉族|健康|身体健康"
    r"|微信同号|个人简历|简历|resume|curriculum vitae|cv|照片|[\u4e00-\u9fff]{1,6}族"
    r"|\d{2,3}\s?(?:cm|kg))",
    re.IGNORECASE,
)

FOREIGN_LINES = 2
"""Lines behind a word for somebody else that are theirs."""
_NOT_THEIRS = re.compile(
    r"举报|客服(?!专员|代表|经理|主管|组长|总监|人员|助理|工程师|岗)|投诉|热线|推荐人|证明人|联系人|招聘(?:网|电话|负责人)|猎头|顾问[:：]|发件人|收件人|抄送|转发自|家长|父亲|母亲"
    r"|配偶|亲属|家庭成员|主管领导|此致|^(?:from|to|cc|sent|reply-to)\s?[:：]|(?:best|kind) regards"
    r"|referee|reference|emergency|recruiter|consultant:|hr\s?[:：]",
    re.IGNORECASE,
)

_TARGETS = {
    "target_job": "job_career",
    "target_area": "expectation_area",
    "target_salary": "salary",
    "target_industry": "job_industry",
    "target_kind": "job_category",
    "state": "job_hunting_state",
    "arrival": "job_hunting_state",
}


class PersonReader:
    """Reads a person's own fields out of lines.

    Attributes:
        fields: Fields of the resume itself.
        target: Fields of `job_target`.
        school: What labels outside of the schools' section say of the last school.
        job: Likewise of the last job.
    """

    def __init__(
        self, words: Words, pieces: PieceReader, names: NameReader, labels: LabelReader, today: date
    ) -> None:
        self._words = words
        self._pieces = pieces
        self._names = names
        self._labels = labels
        self._today = today
        self.fields: Entry = {}
        self.target: Entry = {}
        self.school: Entry = {}
        self.job: Entry = {}

    # Contacts, which may stand anywhere.

    def read_contacts(self, lines: Sequence[Line]) -> None:
        """Take the phone, e-mail and QQ of the person; of several those nearest to the name.

        A resume names others too: who forwards it, a witness, a relative. Their contacts stand before the
        name, or beside a word that says who they are.
        """
        name = self.fields.get("name")
        best: dict[str, tuple[float, Found]] = {}
        foreign = -1
        for number, line in enumerate(lines):
            other = _NOT_THEIRS.search(line.text)
            for field, value, confidence, last, at in self._contacts(lines, number):
                is_foreign = number <= foreign or (other is not None and at >= other.start())
                trust = 0.5 if is_foreign else 1.0
                away = line.block - name.first if name else 0
                points = confidence * trust - (0.3 if away < 0 else 0.02 * min(away, 20))
                if field not in best or points > best[field][0]:
                    best[field] = points, found(value, confidence * trust, line, last)
            if other and (len(line.text) <= 6 or (len(line.text) <= 30 and line.text.endswith(":"))):
                # What follows a short line such as `证明人：` is theirs too.
                foreign = number + FOREIGN_LINES
        for field, (_, one) in best.items():
            if one.confidence > 0.5:
                self.fields[field] = one

    def _contacts(self, lines: Sequence[Line], number: int) -> Iterator[tuple[str, str, float, Line, int]]:
        """What a line says of contacts: field, value, confidence, the line where it ends, where it begins."""
        line = lines[number]
        text = line.text
        following = lines[number + 1] if number + 1 < len(lines) else None
        if following and "@" in text + following.text:
            goes_on = any(contacts.emails(following.text)) and not following.text.startswith("@")
            broken = None if goes_on else contacts.broken_email(text, following.text)
            if broken and not any(contacts.emails(text)):
                yield "email", broken.value, broken.confidence, following, broken.begin
        for email in contacts.emails(text):
            yield "email", email.value, email.confidence, line, email.begin
        if not any(map(str.isdigit, text)):
            return
        for pair in self._labels.pairs_in(line):
            if pair.field == "phone":
                for phone in contacts.phones(pair.value, is_labelled=True):
                    yield "phone", phone.value, phone.confidence, line, max(0, text.find(pair.value))
            elif pair.field == "qq" and (digits := re.search(r"\d{5,12}", pair.value)):
                yield "qq", digits[0], 0.97, line, max(0, text.find(pair.value))
        for phone in contacts.phones(text):
            yield "phone", phone.value, phone.confidence, line, phone.begin
        if qq := contacts.qq(text):
            yield "qq", qq.value, qq.confidence, line, qq.begin

    # Labels and facts.

    def read(self, lines: Sequence[Line], section: str) -> list[Line]:
        """Take what the lines of a section say of the person; gives back those that say something else.

        Args:
            lines: Lines of the head, of `personal` or of `target`.
            section: Which of these; in `target` a title, a place and pay are what is wished for.
        """
        left: list[Line] = []
        skip = False
        for number, line in enumerate(lines):
            if skip:
                skip = False
                continue
            pairs = self._labels.pairs_in(line)
            if not pairs and (field := self._labels.field(line.text)) and number + 1 < len(lines):
                following = lines[number + 1].text
                # A label alone on its line: its value is the next.
                if (
                    len(following) <= 60
                    and not self._labels.pairs(following)
                    and self._labels.field(following) is None
                ):
                    pairs = [Pair(field, following, 0, len(line.text))]
                    skip = True
            for pair in pairs:
                self._take(pair, line, section)
            if pairs and pairs[0].begin < 0:
                continue
            rest = self._labels.rest(line.text, pairs) if pairs else line.text
            if rest and not self._read_facts(rest, line, section) and not pairs:
                left.append(line)
        return left

    def _take(self, pair: Pair, line: Line, section: str) -> None:
        field, value = pair.field, pair.value
        if not value:
            return
        if field == "name":
            name, surely = self._names.read(value)
            short = value.split()[0] if value and not value.isascii() else value
            if not name:
                name, surely = self._names.leading(value)
            put(self.fields, "name", name or short[:40], 0.98 if surely >= 0.6 else 0.85, line)
            self._read_facts(value.replace(name or short, " ", 1), line, section)
        elif field == "gender":
            if known := _GENDER.search(value):
                put(self.fields, "gender", _gender(known), 0.98, line)
        elif field in ("age", "birth"):
            self._take_age(value, line, 0.98)
        elif field == "address":
            put(self.fields, "address", value[:200], 0.95, line)
        elif field == "work_years":
            if experience.years(value) is not None and len(value) <= 30 and not find_span(value):
                put(self.fields, "work_years", value, 0.95, line)
        elif field == "work_since":
            self._take_since(value, line)
        elif field in ("degree", "school", "major"):
            put(self.school, field, value[:100], 0.9, line)
        elif field == "graduated":
            put(self.school, "end_time", find_date(value), 0.9, line)
        elif field in ("company", "title"):
            put(self.job, FIELDS[field], value[:200], 0.85, line)
        elif field == "person_id":
            put(self.fields, "person_id", "".join(re.findall(r"[\w-]{4,64}", value)[:1]), 0.95, line)
        elif field == "target_job":
            self._take_target(value, line)
        elif field in _TARGETS:
            if field == "arrival" and not _ARRIVAL.search(value):
                value = f"{value}到岗" if len(value) <= 8 else value
            put(self.target, _TARGETS[field], value[:200], 0.9 if field == "arrival" else 0.95, line)

    def _take_target(self, value: str, line: Line) -> None:
        """A wanted position; other wishes may stand in the same row."""
        parts = [
            part.strip()
            for part in re.split(r"\t|\s{2,}|[|｜]|\s[/·•,-]\s|[,，]\s?(?=\S{0,60}(?:\d|市))", value)
            if part.strip()
        ]
        titles = []
        for position, part in enumerate(parts):
            if position and self._read_wish(part, line):
                continue
            titles.append(part)
        if titles and not self._read_wish(titles[0], line, is_title=False):
            put(self.target, "job_career", "、".join(titles)[:200], 0.95, line)

    def _read_wish(self, piece: str, line: Line, *, is_title: bool = True) -> bool:
        text = normalise(piece)
        if self._pieces.place(piece):
            put(self.target, "expectation_area", piece, 0.85, line)
        elif is_pay(piece):
            put(self.target, "salary", piece, 0.85, line)
        elif self._words.kinds.fullmatch(text):
            put(self.target, "job_category", piece, 0.9, line)
        elif self._words.states.fullmatch(text):
            put(self.target, "job_hunting_state", piece, 0.9, line)
        elif is_title and self._pieces.industry(piece):
            put(self.target, "job_industry", piece, 0.8, line)
        else:
            return False
        return True

    def _take_age(self, text: str, line: Line, confidence: float) -> bool:
        if known := _AGE.search(text):
            put(self.fields, "age", int(known[1]), confidence, line)
            return True
        if confidence > 0.95 and re.fullmatch(r"\d{2}", text.strip()):
            put(self.fields, "age", int(text), confidence, line)
            return True
        if born := _BORN.search(text):
            month = int(born[2]) if born[2] and 1 <= int(born[2]) <= 12 else 6
            age = self._today.year - int(born[1]) - (self._today.month < month)
            if 14 <= age <= 80:
                put(self.fields, "age", age, confidence - 0.05, line)
                return True
        return False

    def _take_since(self, value: str, line: Line) -> None:
        if began := experience.month(find_date(value)):
            worked = (self._today.year * 12 + self._today.month - 1 - began) // 12
            if 0 <= worked <= 50:
                put(self.fields, "work_years", f"{worked}年", 0.85, line)

    def _read_facts(self, text: str, line: Line, section: str) -> bool:
        """Take the facts of a row; whether all that it says was understood."""
        if len(text) > 200 or (is_prose(text) and len(text) > 60):
            if known := _YEARS.search(text[:200]):
                put(self.fields, "work_years", known[1], 0.7, line)
            return False
        text = BULLET.sub("", text) if not text[:1].isdigit() else text
        for contact in (*contacts.emails(text), *contacts.phones(text)):
            text = (
                text.replace(text[contact.begin : contact.end], "\t", 1) if contact.end <= len(text) else text
            )
        understood = True
        for piece in _SPLIT.split(text):
            piece = (piece or "").strip(" \t:：()（）|/-–—·•*#【】[]")
            if piece:
                understood = self._read_fact(piece, line, section) and understood
        return understood

    def _read_fact(self, piece: str, line: Line, section: str) -> bool:
        name, _ = self._names.leading(piece)
        if name and piece.startswith(f"{name} "):
            piece = piece[len(name) :].strip()
        text = normalise(piece)
        if known := _GENDER.fullmatch(piece):
            put(self.fields, "gender", _gender(known), 0.95, line)
        elif len(piece) <= 24 and self._take_age(piece, line, 0.93):
            pass
        elif known := _YEARS.search(piece) if len(piece) <= 40 else None:
            put(self.fields, "work_years", known[1], 0.92, line)
        elif known := _YEARS_ALONE.fullmatch(piece):
            put(self.fields, "work_years", known[1], 0.8, line)
        elif _FRESH.fullmatch(piece):
            put(self.fields, "work_years", piece, 0.8, line)
        elif self._words.states.fullmatch(text):
            put(self.target, "job_hunting_state", piece, 0.9, line)
        elif len(piece) <= 14 and (degree := self._pieces.degree(piece)) and len(piece) - len(degree[0]) <= 4:
            put(self.school, "degree", degree[0], 0.85, line)
        elif section == "target" and self._read_wish(piece, line):
            pass
        elif self._pieces.place(piece) or (
            re.match(r"(?:现居|住|现住|居住|base)", piece, re.IGNORECASE) and self._pieces.in_place(piece)
        ):
            value = re.sub(
                r"^(?:现居住?于?|现住|居住于?|住|base)\s?[:：]?\s?", "", piece, flags=re.IGNORECASE
            )
            put(self.fields, "address", value, 0.8, line)
        elif section == "target" and len(piece) <= 40 and not find_span(piece) and not is_prose(piece):
            put(self.target, "job_career", piece, 0.85 if self._pieces.title(piece) >= 1.5 else 0.6, line)
        elif self._words.kinds.fullmatch(text):
            put(self.target, "job_category", piece, 0.8, line)
        elif (
            section == "head"
            and self._pieces.title(piece) >= 2.5
            and len(piece) <= 24
            and not re.search(r"我|\d{4}|[做在]", piece)
        ):
            put(self.target, "job_career", piece, 0.6, line)
        else:
            name, _ = self._names.read(piece)
            return bool(name or len(piece) <= 1 or _NOISE.fullmatch(piece))
        return True

    # The name.

    def read_name(self, lines: Sequence[Line], title: str, body_size: float) -> Line | None:
        """Take the name by where it stands; gives the line it stands in, None for no line.

        The title of the document may have it too. `body_size` is that of most letters, 0 where not known.
        """
        known = self.fields.get("name")
        if known and known.confidence >= 0.95:
            return None
        other, surely_other = self._names.within(title)
        best: tuple[float, str, Line | None] = (0.0, "", None)
        for position, line in enumerate(lines):
            for text in dict.fromkeys((line.text, *line.cells, line.text.split("\t")[0])):
                name, surely = self._names.read(text)
                is_whole = bool(name)
                if not name:
                    name, surely = self._names.leading(text)
                if not name:
                    continue
                points = surely * 0.6 + (0.12 if is_whole else 0.0) + max(0.0, 0.2 - 0.02 * position)
                if body_size and line.size >= body_size * 1.25:
                    points += 0.25
                elif line.style[1] or line.style[2]:
                    points += 0.08
                if name == other:
                    points += 0.3
                if name.isascii() and self._pieces.company(name) >= 2:
                    points -= 0.5
                if points > best[0]:
                    best = points, name, line
        points, name, where = best
        if where and points >= 0.6:
            self.fields["name"] = found(name, min(0.97, points), where)
            return where
        if surely_other >= 0.6 and lines:
            self.fields["name"] = found(other, surely_other * 0.8, lines[0])
        elif where and points >= 0.5:
            put(self.fields, "name", name, points * 0.8, where)
            return where
        return None


def _gender(known: re.Match[str]) -> str:
    return known[1] or ("男" if known[2].lower() == "male" else "女")
