"""Accounts: e-mail addresses, and QQ numbers, WeChat ids and phone numbers behind a word that says so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from runtime.masking.numbers import DIGIT, GAP, Span, digits_of, has_long_number

# E-mail. The first part starts where no letter stands before, so that no long word is looked at twice.
_WIDE = "Ａ-Ｚａ-ｚ０-９"
_LOCAL = rf"A-Za-z0-9{_WIDE}._%+\-．＿－"
_USER = rf"(?<![{_LOCAL}])[{_LOCAL}]++"
_LABEL = rf"[A-Za-z0-9{_WIDE}\-－]+"
_PLAIN = re.compile(rf"{_USER}[@＠]{_LABEL}(?:[.．]{_LABEL})*[.．][A-Za-zＡ-Ｚａ-ｚ]{{2,24}}(?![A-Za-z0-9])")
_TOP = "com|cn|net|org|edu|gov|hk|tw|me|io|co|cc|info|biz|vip"
_HOST = "qq|vip|163|126|139|189|gmail|sina|sohu|foxmail|outlook|hotmail|yeah|aliyun"
_AT = (
    r"\s{0,2}[@＠]\s{0,2}"
    r"|\s{0,2}[(（\[【<{]\s?(?:at|艾特|@|＠|#)\s?[)）\]】>}]\s{0,2}"
    r"|\s{1,2}at\s{1,2}|\s?艾特\s?"
    rf"|[#＃*☆★](?=(?:{_HOST})\b)"
)
_DOT = r"\s{0,2}(?:[.．。]|[(（\[【<]\s?(?:dot|点)\s?[)）\]】>]|\bdot\b|点)\s{0,2}"
# A word `dot` ends the label before it. Could it be part of a label too, `x-dot-x-dot-…` would be parted in
# as many ways as there are sets of four places in it.
_SPELLED_LABEL = rf"[A-Za-z0-9{_WIDE}\-－](?:(?!\bdot\b)[A-Za-z0-9{_WIDE}\-－])*+"
# Spelled so that programs do not find it; it then has to end in a common domain.
_SPELLED = re.compile(
    rf"{_USER}(?:{_AT}){_SPELLED_LABEL}(?:{_DOT}{_SPELLED_LABEL}){{0,3}}?{_DOT}(?:{_TOP})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_MAIL_SIGNS = (
    "@",
    "＠",
    " at ",
    "(at",
    "( at",
    "（at",
    "[at",
    "<at",
    "【at",
    "艾特",
    "#",
    "＃",
    "*",
    "☆",
    "★",
)

# Numbers and ids behind a word that says what they are.
_NUMBER = rf"(?P<number>{DIGIT}(?:{GAP}{{0,2}}{DIGIT})*)"
_KIND = r"(?:号码|账号|帐号|账户|号|號|id\b|number|no\.?)"
_NOTE = r"(?:\s?[(（][^()（）\n]{0,5}同[^()（）\n]{0,5}[)）])?"
"""`（微信同号）`, between the word and what it stands for."""
_IS = rf"{_NOTE}\s{{0,3}}(?:[:：=＝是为#＃\-—>→➡👉]{{1,2}}\ufe0f?|)\s{{0,3}}[(（【\[「《\"“]?\s?"
_QQ = re.compile(
    rf"(?:(?:(?<![A-Za-z])q\s{{0,4}}q|扣扣|抠抠|企鹅|球球)\s{{0,2}}(?:邮箱|{_KIND})?{_IS}"
    rf"|(?<![A-Za-z0-9])q\s?(?:号\s?[:：]?|[:：])\s?){_NUMBER}",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?:电\s{0,4}话|手\s{0,4}机号?|座机|固话|传真|联系方式|致电"
    r"|(?<![a-z])(?:tel|telephone|phone|mobile|cell|fax))"
    rf"(?:号码|号)?[.]?{_IS}[+＋]?[(（]?{_NUMBER}",
    re.IGNORECASE,
)
_CHINESE_WECHAT = (
    r"[微威薇徽]\s{0,4}信|(?<![A-Za-z0-9])v\s?信|加\s?[v薇微]|(?<![一-鿿])[微薇](?=\s?[:：])|➕\s?v"
)
_LATIN_WECHAT = r"(?<![A-Za-z0-9])(?:(?P<english>we\s?chat|wei\s?xin)|v\s?x|w\s?x|wv|v(?=\s?[:：]))"
_AGAIN = (
    rf"(?P<again>\s{{0,2}}{_KIND}?\s{{0,2}}[(（/]?\s{{0,2}}(?:微信|we\s?chat|wei\s?xin|vx|wx)(?![a-z0-9])"
    rf"(?:\s?{_KIND})?(?:\s{{0,2}}[)）])?)?"
)
"""`微信（WeChat）：`, where the second word is no id."""
_WECHAT_NUMBER = re.compile(
    rf"(?:{_CHINESE_WECHAT}|{_LATIN_WECHAT}){_AGAIN}\s{{0,2}}{_KIND}?{_IS}{_NUMBER}(?![A-Za-z])",
    re.IGNORECASE,
)
_WECHAT_ID = re.compile(
    rf"(?:{_CHINESE_WECHAT}|(?P<latin>{_LATIN_WECHAT})){_AGAIN}"
    rf"(?P<gap>\s{{0,2}}{_KIND}?\s{{0,2}}(?:同号)?{_IS})(?P<id>[A-Za-z_][A-Za-z0-9_\-＿－{_WIDE[-3:]}]{{5,19}})",
    re.IGNORECASE,
)
_ID_SIGNS = (
    *("qq", "q:", "q：", "q :", "q ：", "q号", "q 号", "扣扣", "抠抠", "企鹅", "球球"),
    # As forms set their labels, `微　　信：`, and as people do.
    *(
        f"{one}{blanks}{other}"
        for one, other in ("qq", "微信")
        for blanks in (" ", "  ", "   ", "　", "　　")
    ),
    *("微信", "薇信", "薇 信", "威信", "徽信", "v信", "v 信", "vx", "wx", "v x", "w x", "wv"),
    *("微:", "微：", "微 :", "微 ：", "薇:", "薇：", "薇 :", "薇 ："),
    *(
        "wechat",
        "weixin",
        "we chat",
        "wei xin",
        "加v",
        "加 v",
        "加薇",
        "加微",
        "v:",
        "v：",
        "v :",
        "v ：",
        "➕",
    ),
)

_SIGNS = (*_MAIL_SIGNS, *_ID_SIGNS)
_WIDE_LETTER = re.compile("[Ａ-Ｚａ-ｚ]")
_NARROW = {code: code - 0xFEE0 for codes in (range(0xFF21, 0xFF3B), range(0xFF41, 0xFF5B)) for code in codes}

# Words that stand behind 微信 and are no id; several may be joined.
_WORDS = (
    "wechat|weixin|"
    "android|ios|iphone|ipad|app|applet|api|h5|js|sdk|jssdk|java|javascript|python|php|node|golang|html|css|web|"
    "webview|vue|react|uni|uniapp|taro|wepy|mpvue|native|flutter|oauth|openid|unionid|open|mini|small|program|game|"
    "pay|payment|official|account|public|work|works|enterprise|group|server|service|client|login|share|token|http|"
    "https|json|xml|base64|sha|sha256|aes|spring|mysql|redis|charts|request|cloud|channels?|content|marketing|ecosystem|operations?|video|live|store|shop|robot|bot|"
    "crm|erp|scrm|kol|koc|ugc|ads|online|offline|moments|message|photoshop|office|excel|windows|linux|version"
)
_NO_ID = re.compile(rf"(?:{_WORDS})(?:[-_]?(?:{_WORDS}))*s?[-_]?\d{{0,2}}", re.IGNORECASE)

_MIN_ID_DIGITS, _MAX_ID_DIGITS = 5, 20
_MIN_PHONE_DIGITS, _MAX_PHONE_DIGITS = 7, 15
_SURE_DIGITS = 9
"""Digits of a number that is no amount, whatever stands behind it."""
_AMOUNT = re.compile(
    r"\s?(?:万|亿|千|百|元|人|个|次|条|款|台|份|家|名|位|用户|粉丝|users?\b|%|％|年|月|日|天|岁|k\b|w\b)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:[^0-9]|$)")
_FIRST = re.compile(r"[0-9]{6,}")


def narrow(text: str) -> str:
    """The text with plain letters in place of full-width ones; each stays where it is."""
    return text.translate(_NARROW) if _WIDE_LETTER.search(text) else text


def may_have_accounts(lower: str) -> bool:
    """Whether a text that is `narrow` and in lower case may hold an account, apart from a phone number."""
    return any(sign in lower for sign in _SIGNS)


def accounts_in(text: str, lower: str) -> Iterator[Span]:
    """Where addresses and accounts stand in a `narrow` text, given in lower case too; they may overlap."""
    if any(sign in lower for sign in _MAIL_SIGNS):
        yield from (match.span() for match in _PLAIN.finditer(text))
        yield from (match.span() for match in _SPELLED.finditer(text))
    if has_long_number(text):
        yield from _numbers(_PHONE, text, _MIN_PHONE_DIGITS, _MAX_PHONE_DIGITS)
    if any(sign in lower for sign in _ID_SIGNS):
        yield from _numbers(_QQ, text, _MIN_ID_DIGITS, _MAX_ID_DIGITS)
        yield from _numbers(_WECHAT_NUMBER, text, _MIN_ID_DIGITS, _MAX_ID_DIGITS)
        yield from (match.span("id") for match in _WECHAT_ID.finditer(text) if _is_id(match))


def _numbers(pattern: re.Pattern[str], text: str, least: int, most: int) -> Iterator[Span]:
    """The numbers that a word says are somebody's: of so many digits, and no year, date or amount."""
    for match in pattern.finditer(text):
        number = "".join(digits_of(char) or " " for char in match["number"])
        if _YEAR.match(number):
            continue
        # A date or another number may stand behind it. So where its first digits may be all, they are, and
        # otherwise it is in groups: `138 0000 1111`.
        first = _FIRST.match(number)
        length = first.end() if first and first.end() >= least else len(number)
        start, end = match.start("number"), match.start("number") + length
        count = length - number[:length].count(" ")
        if least <= count <= most and not (count < _SURE_DIGITS and _AMOUNT.match(text, end)):
            yield start, end


def _is_id(match: re.Match[str]) -> bool:
    """Whether a word behind 微信 and the like is an id, and not what is done with WeChat."""
    word = unicodedata.normalize("NFKC", match["id"])
    if _NO_ID.fullmatch(word):
        return False
    if match["gap"].strip() or (match["latin"] is None and match["again"] is None):
        return True
    # `wxPython` is one word, and English goes on behind `WeChat` as it likes.
    is_name = re.search(r"\d|_", word) is not None
    return bool(match["gap"] or match["again"]) and (
        is_name or (match["english"] is None and match["again"] is None)
    )
