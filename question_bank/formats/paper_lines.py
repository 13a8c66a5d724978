"""What a line of a question paper is: the start of a question, options, an answer, a heading …"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from question_bank.formats.assemble import letters_key, truth
from question_bank.formats.rich import Line, Rich
from question_bank.formats.vietnamese import fold, kind_from

_SIGN = r"(?:[(\[][^()\[\]]{1,20}[)\]]\s*)"
_CAPITALS = "A-ZÀ-ÖØ-ÝĂĐĨŨƠƯ" + "".join(map(chr, range(0x1EA0, 0x1EFA, 2)))
STARTS = {
    "word": re.compile(
        rf"(?P<before>{_SIGN}*)(?i:câu hỏi|câu|cau|cầu|question)\s*(?i:số\s*)?(?P<number>\d{{1,4}})\s*"
        rf"(?P<after>{_SIGN}*)(?:[:.)/]+\s*|[-–—]\s+|(?<=[)\]\s])(?=[{_CAPITALS}“\"(\[])|$)"
    ),
    "situation": re.compile(
        rf"(?P<before>)(?i:tình huống)\s*(?i:số\s*)?(?P<number>\d{{1,3}})\s*(?P<after>{_SIGN}*)[:.)]+\s*"
    ),
    "lesson": re.compile(rf"(?P<before>{_SIGN}*)(?i:bài)\s*(?P<number>\d{{1,3}})\s*(?P<after>{_SIGN}*)[:.)]+\s*"),
    "number": re.compile(r"(?P<before>)(?P<number>\d{1,3})\s*[.)/](?!\d)\s*(?P<after>)"),
    "bracket": re.compile(r"(?P<before>)\(\s*<?(?P<number>\d{1,3})>?\s*\)\s*(?P<after>)"),
}
"""How questions may begin, the surest first; a document uses one of them."""

_MARKER = re.compile(
    r"(?:[-–•+]\s*)?(?P<star>\*\s*)?(?P<open>\()?(?P<letter>[A-Ja-j])(?(open)\)|\s?[.)/:])(?P<inner>\s*\*(?=\s*\S))?\s*"
)
_SECTION = re.compile(
    r"(?:PHẦN|CHƯƠNG|CHUYÊN ĐỀ|CHỦ ĐỀ|MỤC|BÀI|PART|SECTION|Phần|Chương|Chuyên đề|Chủ đề|Bài)\s+"
    r"(?:[IVXLC]+|\d{1,3}|[A-Z]|thứ \w+|THỨ \w+)\b(?!\s*\d)"
)
_LONG_SECTION = re.compile(r"(?:PHẦN|PART)\s+(?:[IVX]+|\d)\s*[.:–-]")
_ROMAN = re.compile(r"[IVX]{1,5}\s*[./)–-]\s*\S")
_PARTS = re.compile(
    r"(?:[a-d][./)]\s*)?(?:phan )?(?:thi )?(?:cau hoi )?(?:trac nghiem|tu luan)(?: khach quan| nhieu lua chon)?"
)
_END = re.compile(r"\W*(?:hết|the end|end)\W*", re.IGNORECASE)
_ANSWER = re.compile(
    r"(?:[-•*]\s*)?(?:(?:đáp án|đ/a|đ\.án|đa|answer|key|trả lời)\b(?:\s*(?:đúng|cần chọn|chính xác|là))*\s*[:.=–-]?\s*"
    r"(?:câu trả lời\s*\d*\s*)?|(?:=>|⇒|→)\s*(?:chọn|đáp án)?\s*:?\s*|chọn(?:\s+đáp án)?\s*:?\s+)(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
_ANSWER_AT_END = re.compile(
    r"(?<=[\s.;])(?:đáp án|answer)(?:\s*(?:đúng|cần chọn|là))*\s*[:.]\s*(?P<value>\(?[A-J](?:\s*,\s*[A-J])*\)?)\.?\s*$",
    re.IGNORECASE,
)
_EXPLANATION = re.compile(
    r"(?:(?:giải thích|lời giải|hướng dẫn giải|gợi ý(?: trả lời)?)(?: chi tiết)?\s*(?:[:.]|$)"
    r"|(?:hướng dẫn|giải)\s*:)\s*",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"(?P<name>căn cứ pháp lý|căn cứ|cơ sở pháp lý|mức độ|chuyên đề|chủ đề|vị trí|điểm|thời gian|loại|nhãn|mã câu"
    r"|cố định|đơn vị|cách chấm|trọng số|thang điểm|ý chấm|số chữ tối đa|số dòng|so sánh|phản hồi \(?[A-Ja-j]\)?"
    r"|(?:đáp án )?chỗ trống \d{1,2}(?: \(\d+(?:[.,]\d+)?%?\))?|đáp án \(\d+(?:[.,]\d+)?%\))\s*:\s*(?P<value>\S.*)",
    re.IGNORECASE,
)
_CITED = re.compile(
    r"(?P<name>căn cứ)(?: theo| tại| vào)?\s+(?P<value>(?:điểm\s+\S{1,3}\s|khoản\s+\d|điều\s+\d).*)", re.IGNORECASE
)
_SURE_FIELDS = re.compile(
    r"can cu|co so phap ly|muc do|chuyen de|nhan|ma cau|cach cham|thang diem|y cham|so chu|so dong|so sanh|cho trong"
    r"|dap an|phan hoi|don vi"
)
_TAG = re.compile(r"\[<(?P<name>/?\w+)>\]\s*(?P<rest>.*)")
_IDENTITY = re.compile(r"ID:\s*(\S+)")
_OUTCOME = re.compile(r"\(CLO\s*\d+(?:\.\d+)?\)\s*", re.IGNORECASE)
_TOOL_TAG = re.compile(r"^\s*\((?:DON|NHOM|DIENKHUYET|KETTHUC[A-Z]*)\s*(?:[-–—]\s*(\d{1,3})\s*)?\)\s*")
_TICK = re.compile(r"\s*(?:[(\[](?:đúng|true|correct|✓|✔|√)[)\]]|\s[(\[][xX][)\]]|[✓✔√])\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marked:
    """One option as it stands on a line: its letter from 0, the letter's look and what follows it."""

    index: int
    star: bool
    label: Rich
    text: Rich


def start_of(line: Line, style: str) -> re.Match[str] | None:
    return STARTS[style].match(line.text)


def numbered(line: Line) -> int | None:
    """The number that a line begins with in any of the ways questions are numbered."""
    found = [match for style in STARTS if (match := start_of(line, style))]
    return int(found[0]["number"]) if found else None


def marker(text: str, *, capital: bool) -> re.Match[str] | None:
    """The option letter that the text begins with, in the case that the document uses."""
    match = _MARKER.match(text)
    return match if match and match["letter"].isupper() == capital else None


def index_of(match: re.Match[str]) -> int:
    return ord(match["letter"].upper()) - ord("A")


def options_of(rich: Rich, following: int | None, *, capital: bool, several: bool = False) -> list[Marked]:
    """The options of a line that begins with a letter.

    Further letters on the line count only in order, and as far as the next line of options
    (``following``, from 0) leaves room for them; without a next line they must stand apart, be three, or
    come after a line that held ``several`` options too.
    """
    first = marker(rich.text, capital=capital)
    if first is None:
        return []
    run = [first]
    while found := _next_marker(rich.text, run[-1], capital=capital):
        run.append(found)
    start = index_of(first)
    if following is not None and following > start:
        run = run[: following - start]
    elif len(run) < 3 and start > 0 and not several and not all(_apart(rich.text, match) for match in run[1:]):
        run = run[:1]
    ends = [match.start() for match in run[1:]] + [len(rich.text)]
    return [_marked(rich, match, end) for match, end in zip(run, ends, strict=True)]


def _next_marker(text: str, before: re.Match[str], *, capital: bool) -> re.Match[str] | None:
    """The next letter in order, after a blank and closed by the same sign as the one before."""
    letter = chr(ord(before["letter"]) + 1)
    for found in re.finditer(rf"(?<=\s)(?:\*\s*)?\(?{letter}\s?[.)/:]", text[before.end() :]):
        match = _MARKER.match(text, before.end() + found.start())
        if match and match["letter"].isupper() == capital and _closing(match) == _closing(before):
            return match
    return None


def _closing(match: re.Match[str]) -> str:
    return re.sub(r"[\s*]", "", match.group())[-1]


def _apart(text: str, match: re.Match[str]) -> bool:
    return text[: match.start()].endswith(("\t", "  "))


def _marked(rich: Rich, match: re.Match[str], end: int) -> Marked:
    place = match.start("letter")
    return Marked(
        index_of(match),
        bool(match["star"] or match["inner"]),
        rich.cut(place, place + 1),
        rich.cut(match.end(), end).strip(),
    )


def split_stem(rich: Rich, following: int | None, *, capital: bool) -> tuple[Rich, list[Marked]]:
    """A stem line and the options at its end: from a letter A on that the next lines of options agree with."""
    letter = "A" if capital else "a"
    for found in reversed(list(re.finditer(rf"(?<=\s)(?:\*\s*)?\(?{letter}\s?[.)/:]", rich.text))):
        options = options_of(rich.cut(found.start()), following, capital=capital)
        if options and (following == len(options) or (following is None and len(options) > 1)):
            return rich.cut(0, found.start()).strip(), options
    return rich, []


def is_section(line: Line, *, within_stem: bool = False) -> bool:
    """A title between questions: PHẦN, CHƯƠNG …, Roman numbers, "TRẮC NGHIỆM"; within a stem only an emphatic one."""
    text = line.text
    if len(text) > 300 or text.endswith("?") or (len(text) > 150 and not _LONG_SECTION.match(text)):
        return False
    plain = re.sub(r"\s*[(\[][^()\[\]]*[)\]]\s*$", "", fold(text).strip(" .:"))
    if _PARTS.fullmatch(re.sub(r"^(?:phan |cau )?[ivx]+\s*[./):-]*\s*", "", plain).strip(" .:")):
        return True
    if _LONG_SECTION.match(text) or re.fullmatch(r"PHẦN\s+(?:[IVX]+|\d)", text.strip(" .:")):
        return True
    emphatic = "bold" in line.rich.common() or text.upper() == text
    section = _SECTION.match(text)
    if section and not within_stem and re.match(r"\s*(?:[.:–-]|$)", text[section.end() :]):
        return True
    return bool(emphatic and (section or _ROMAN.match(text)))


def is_end(text: str) -> bool:
    return _END.fullmatch(text) is not None


def tag_of(text: str) -> tuple[str, str] | None:
    """The name and the rest of a line that begins with a tag such as ``[<br>]``."""
    match = _TAG.match(text)
    return (match["name"].lower(), match["rest"]) if match else None


def outcome_of(text: str) -> re.Match[str] | None:
    """The learning outcome that a passage begins with, such as "(CLO2) "."""
    return _OUTCOME.match(text)


def without_tool_tags(text: str) -> str:
    """The line without tags such as "(DON)"; "(NHOM – 2)" becomes the number it holds."""
    return _TOOL_TAG.sub(lambda match: f"({match[1]}) " if match[1] else "", text)


def identity_of(text: str) -> str | None:
    match = _IDENTITY.fullmatch(text)
    return match.group(1) if match else None


def answer_of(text: str) -> str | None:
    """What a line such as "Đáp án: B" says; ``None`` for other lines."""
    match = _ANSWER.fullmatch(text)
    if not match:
        return None
    value = match["value"].strip()
    stated = re.match(r"(?:đáp án|đ/a|answer)\s*(?:đúng\s*)?(?:là\s*)?[:.]", text.lstrip("-•* "), re.IGNORECASE)
    sure = letters_key(value, 10) is not None or truth(value) is not None
    return value if value and (sure or stated) else None


def repeated_letter(text: str) -> int | None:
    """The letter, from 0, of a line such as "• B. …;" that repeats the right option below the options."""
    match = re.match(r"[•●▪]\s*([A-J])\s?[.)]", text)
    return ord(match.group(1)) - ord("A") if match else None


def answer_at_end(rich: Rich) -> tuple[Rich, str | None]:
    """An option and the answer glued behind it."""
    match = _ANSWER_AT_END.search(rich.text)
    return (rich.cut(0, match.start()).strip(), match["value"]) if match else (rich, None)


def explanation_of(rich: Rich) -> Rich | None:
    """What follows "Giải thích:" and the like."""
    match = _EXPLANATION.match(rich.text)
    return rich.cut(match.end()) if match else None


def field_of(text: str) -> tuple[str, str] | None:
    """Name, folded, and value of a line such as "Căn cứ: …"."""
    match = _FIELD.fullmatch(text) or _CITED.fullmatch(text)
    return (fold(match["name"]), match["value"].strip()) if match else None


def is_sure_field(found: tuple[str, str] | None, signs: str) -> bool:
    """Whether such a line is a detail even before any option or answer: its name is no ordinary word of a stem."""
    if found is None:
        return False
    stated = any(kind_from(sign) for sign in re.findall(r"[(\[]\s*([^()\[\]]+?)\s*[)\]]", signs))
    return stated or _SURE_FIELDS.match(found[0]) is not None


def without_tick(rich: Rich) -> tuple[Rich, bool]:
    """The option without "(đúng)" or a tick at its end."""
    match = _TICK.search(rich.text)
    return (rich.cut(0, match.start()), True) if match else (rich, False)


def start_style(lines: Sequence[Line], *, capital: bool) -> str | None:
    """How questions begin in this document: the surest way after which options really follow."""
    counts: dict[str, int] = {}
    for style in STARTS:
        open_start = False
        for line in lines:
            if start_of(line, style):
                open_start = True
                counts.setdefault(style, 0)
            first = marker(line.text, capital=capital)
            inline = re.search(r"\s\*?\(?A[.)/:].*\s\*?\(?B[.)/:]", line.text)
            if open_start and ((first and index_of(first) == 0) or inline or answer_of(line.text)):
                counts[style] += 1
                open_start = False
    if counts.get("word"):
        return "word"
    found = max(counts, key=lambda style: counts[style], default=None)
    return found if found and counts[found] else ("word" if "word" in counts else None)


def uses_capitals(lines: Sequence[Line]) -> bool:
    """Whether option letters are capitals; small ones count only in a document without any capital A."""
    first = [match["letter"] for line in lines if (match := _MARKER.match(line.text)) and match["letter"] in "Aa"]
    inline = any(re.search(r"\sA[.)/].*\sB[.)/]", line.text) for line in lines)
    return "A" in first or inline or not first
