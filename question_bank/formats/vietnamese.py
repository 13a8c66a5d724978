"""Reading the short Vietnamese phrases around a question: levels, kinds, citations, damaged text."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from question_bank.formats import encodings
from question_bank.formats.syllables import is_wreck
from question_bank.messages import N_, Message
from question_bank.question import Citation, Level, clean_text

LEVEL_LABELS = {
    Level.RECALL: "Nhận biết",
    Level.COMPREHENSION: "Thông hiểu",
    Level.APPLICATION: "Vận dụng",
    Level.ADVANCED_APPLICATION: "Vận dụng cao",
}
LEVEL_MARKS = {
    Level.RECALL: "NB",
    Level.COMPREHENSION: "TH",
    Level.APPLICATION: "VD",
    Level.ADVANCED_APPLICATION: "VDC",
}
KIND_LABELS = {
    "single_choice": "Một lựa chọn",
    "multiple_response": "Nhiều lựa chọn",
    "true_false": "Đúng/Sai",
    "true_false_cluster": "Đúng/Sai từng ý",
    "matching": "Ghép đôi",
    "ordering": "Sắp xếp",
    "numeric": "Trả lời bằng số",
    "short_text": "Trả lời ngắn",
    "gap_text": "Điền chỗ trống",
    "case": "Tình huống",
    "essay": "Tự luận",
}

_KIND_WORDS = {
    "single_choice": (
        "mot lua chon", "1 lua chon", "mot dap an", "1 dap an", "chon mot", "trac nghiem", "trac nghiem mot lua chon",
        "tn", "don", "single", "single choice", "single_choice", "multiple choice", "mc", "mcq",
    ),
    "multiple_response": (
        "nhieu lua chon", "nhieu dap an", "chon nhieu", "trac nghiem nhieu lua chon", "multiple response",
        "multiple_response", "multi", "multiple", "multiple answers", "multiple select", "checkbox",
    ),
    "true_false": ("dung/sai", "dung sai", "dung - sai", "dung hoac sai", "true/false", "true false", "true_false"),
    "true_false_cluster": (
        "dung/sai tung y", "dung sai tung y", "chum dung/sai", "chum y dung/sai", "chum dung sai", "true_false_cluster",
    ),
    "essay": ("tu luan", "essay"),
    "short_text": (
        "tra loi ngan", "tra loi ngan bang chu", "dien khuyet", "dien tu", "dien dap an", "short answer", "shortanswer",
        "short_answer", "short_text", "fill",
    ),
    "numeric": ("tra loi bang so", "tra loi so", "dien so", "numeric", "numerical"),
    "gap_text": ("dien cho trong", "dien vao cho trong", "gap_text", "gap text", "cloze"),
    "matching": ("ghep doi", "ghep cap", "ghep cot", "noi cot", "ghep noi", "matching", "match"),
    "ordering": ("sap xep", "sap xep thu tu", "sap thu tu", "ordering", "order"),
    "case": ("tinh huong nhieu cau hoi", "cau chum", "cau hoi chum", "case"),
}  # fmt: skip
_KIND_BY_WORD = {word: kind for kind, words in _KIND_WORDS.items() for word in words}

_DOCUMENT = re.compile(r"\d{1,4}(?:/\d{4})?/[A-ZĐ]{2,}[\w-]*(?:/[A-ZĐ]+)?|\d{1,4}-[A-ZĐ]{2,}/[A-ZĐ]{2,}[\w-]*")
_NUMBERS = r"(\d+\w?(?:\s*(?:,|và|[-–])\s*\d+\w?)*)"
_ARTICLE = re.compile(rf"\bđiều\s+{_NUMBERS}", re.IGNORECASE)
_CLAUSE = re.compile(rf"\bkhoản\s+{_NUMBERS}", re.IGNORECASE)
_POINT = re.compile(r"\bđiểm\s+([a-zđ]\d?(?:\s*(?:,|và|[-–])\s*[a-zđ]\d?)*)(?!\w)", re.IGNORECASE)

_MOJIBAKE = re.compile(r"Ã[\x80-¿]|á[»º]|Æ°|Ä[‘\x91]|ï¿½|\ufffd")
_LOST = re.compile(r"[^\W\d_]\?[^\W\d_]")


class _Bare(dict[int, str]):
    """Each character without its marks, "" for a mark; worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        parts = unicodedata.normalize("NFD", chr(code))
        bare = self[code] = "".join(part for part in parts if not unicodedata.combining(part))
        return bare


_BARE = _Bare({ord("đ"): "d"})


@lru_cache(maxsize=2048)
def fold(text: str) -> str:
    """Lower case without diacritics and with single blanks: how headings and words are compared."""
    return " ".join(text.casefold().translate(_BARE).split())


def level_from(text: str) -> Level | None:
    """The level that "NB", "Thông hiểu", "van_dung_cao" … names, or ``None``."""
    folded = fold(text).replace("_", " ").strip(" ()[].:")
    for level in Level:
        if folded in {fold(LEVEL_LABELS[level]), LEVEL_MARKS[level].lower()}:
            return level
    return Level.ADVANCED_APPLICATION if folded == "vd cao" else None


def kind_from(text: str) -> str | None:
    """The name of the kind that the words of a person mean."""
    return _KIND_BY_WORD.get(fold(text).strip(" ()[].:"))


def citations_from(text: str) -> tuple[Citation, ...]:
    """Citations such as "điểm a khoản 2 Điều 5 Luật 60/2014/QH13", several divided by semicolons or lines."""
    parts = (part.strip(" .,") for part in re.split(r"[;\n]", clean_text(text)))
    return tuple(_citation(part) for part in parts if part)


def _citation(text: str) -> Citation:
    """One citation; without a symbol the document is what is left beside point, clause and article."""
    symbol = _DOCUMENT.search(text)
    place = f"{text[: symbol.start()]};{text[symbol.end() :]}" if symbol else text  # "Điều 4, 118/2025" is one article
    found = {name: pattern.search(place) for name, pattern in (("a", _ARTICLE), ("c", _CLAUSE), ("p", _POINT))}
    if symbol:
        document = symbol.group()
    else:
        document = text
        for match in found.values():
            document = document.replace(match.group(), "") if match else document
        document = " ".join(document.split()).strip(" ,.") or text
    values = {name: match.group(1) if match else "" for name, match in found.items()}
    return Citation(document, article=values["a"], clause=values["c"], point=values["p"].lower())


def damage(text: str) -> Message | None:
    """What makes ``text`` look like the wreck of an old encoding; ``None`` for sound text."""
    if _MOJIBAKE.search(text):
        return Message(N_("Văn bản có ký tự hỏng do sai bảng mã. Mở tệp gốc, lưu lại theo UTF-8 rồi nhập lại."))
    if text.count("?") > 1 and len(_LOST.findall(text)) > 1:
        return Message(N_("Văn bản có nhiều dấu hỏi giữa từ, có thể đã mất chữ. So với bản gốc trước khi dùng."))
    if text.isascii():
        return None
    if encodings.may_be_old(text) and (old := encodings.detect(text)):
        template = N_("Văn bản có vẻ theo bảng mã {encoding}. Chuyển tệp sang Unicode rồi nhập lại.")
        return Message(template, encoding=encodings.LABELS[old])
    if is_wreck(text):
        return Message(N_("Văn bản có nhiều từ không phải tiếng Việt, có thể hỏng chữ. So với bản gốc trước khi dùng."))
    return None
