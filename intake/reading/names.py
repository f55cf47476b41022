"""Whether a text is the name of a person, and how surely."""

from __future__ import annotations

import re

from engine.matching.text.traditional import to_simplified
from intake.reading.words import Words

_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}")
_DOT_NAME = re.compile(r"[\u4e00-\u9fff]{1,8}[·•・.][\u4e00-\u9fff]{1,10}(?:[·•・][\u4e00-\u9fff]{1,10})?")
_THREE_SPACED = re.compile(r"[\u4e00-\u9fff](?:\s{1,4}[\u4e00-\u9fff]){1,3}")
_LATIN_NAME = re.compile(r"[A-Z][a-zA-Z'’.-]{0,20}(?:,?\s[A-Z][a-zA-Z'’.-]{0,20}){1,3}")
_BOTH = re.compile(r"(?P<han>[\u4e00-\u9fff·]{2,8})\s?[(/|,-]?\s?(?P<latin>[A-Za-z][A-Za-z'. -]{1,30})\)?")
_BOTH_TURNED = re.compile(
    r"(?P<latin>[A-Za-z][A-Za-z'. -]{1,30}?)\s?[(/|,-]?\s?(?P<han>[\u4e00-\u9fff·]{2,8})\)?"
)
_POLITE = re.compile(r"(?:先生|女士|小姐|同学|的?(?:个人)?(?:中文)?简历)$")
_ROLE_ENDS = re.compile(
    r"(?:师|员|经理|总监|主管|助理|主任|顾问|代表|专家|部|组|岗|公司|大学|学院|学校|省|市|区|县|路|街|历|表|书|年|月|岁)$"
)


class NameReader:
    """Reads names against a list of surnames."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def read(self, text: str) -> tuple[str, float]:
        """A name, as people write it, and how surely it is one, 0..1; "" and 0 for none.

        Blanks between the characters of a Chinese name are taken out. A Chinese name with a Latin one beside
        it is the Chinese one.
        """
        text = _POLITE.sub("", text.strip(" :：,，|·•-—_()[]【】《》*#■◆●").strip()).strip()
        if not 2 <= len(text) <= 48:
            return "", 0.0
        if _THREE_SPACED.fullmatch(text):
            text = "".join(text.split())
        if _HAN_NAME.fullmatch(text):
            return self._han(text)
        if _DOT_NAME.fullmatch(text):
            return text.replace("•", "·").replace("・", "·"), 0.85
        for shape in (_BOTH, _BOTH_TURNED):
            if (both := shape.fullmatch(text)) and (known := self._han(both["han"]))[1]:
                return known if self._may_be_latin(both["latin"]) else ("", 0.0)
        if _LATIN_NAME.fullmatch(text) and self._may_be_latin(text):
            return text, 0.6
        return "", 0.0

    def _may_be_latin(self, text: str) -> bool:
        return self._words.never_latin.isdisjoint(re.findall(r"[a-z]+", text.lower()))

    def leading(self, text: str) -> tuple[str, float]:
        """The name that a line begins with, where other facts follow it."""
        head = re.split(r"[|｜,，;；/\t]|\s{2,}|\s[-–—]\s|[(（]", text, maxsplit=1)[0].strip()
        for candidate in (head, head.split(" ")[0]):
            name, surely = self.read(candidate)
            if name:
                return name, surely
        return "", 0.0

    def within(self, title: str) -> tuple[str, float]:
        """The name in a subject or the title of a file: `应聘Java工程师-张三-5年`, `张三的简历`."""
        title = re.sub(r"\.(?:pdf|docx?|html?|txt|eml|mht|rtf)$", "", title.strip(), flags=re.IGNORECASE)
        title = re.sub(r"^(?:(?:re|fw|fwd|转发|回复|答复)\s?[:：]\s?)+", "", title, flags=re.IGNORECASE)
        bare = re.sub(r"[\[【(（][^\]】)）]{0,60}[\]】)）]", " ", title)
        best = ("", 0.0)
        for piece in re.split(
            r"[\s\-_—–|+,，:：/、·.]+|的(?:个人)?简历|(?:个人)?简历|应聘|求职|投递|来自", bare
        ):
            piece = re.sub(r"\d.*$", "", piece)
            name, surely = self.read(piece)
            if surely > best[1]:
                best = name, surely
        return best

    def _han(self, text: str) -> tuple[str, float]:
        words, written, text = self._words, text, to_simplified(text)
        if text in words.never or text[:2] in words.never or _ROLE_ENDS.search(text) or words.section(text):
            return "", 0.0
        if text[:2] in words.double_surnames:
            return (written, 0.95) if 3 <= len(text) <= 4 else ("", 0.0)
        if text[0] in words.surnames:
            return (written, 0.9 if len(text) == 3 else 0.8) if len(text) <= 3 else ("", 0.0)
        return "", 0.0
