"""What the symbol and the title of a document say of it by themselves: kind, issuer, whether it is the Party's.

Only what is certain: who signs a "QĐ/TW" or a circular of an unknown body stays open for a person to fill in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from examapp.core import text

KINDS = (
    "Hiến pháp",
    "Luật",
    "Pháp lệnh",
    "Nghị quyết",
    "Nghị quyết liên tịch",
    "Lệnh",
    "Nghị định",
    "Quyết định",
    "Chỉ thị",
    "Thông tư",
    "Thông tư liên tịch",
    "Điều lệ",
    "Quy định",
    "Quy chế",
    "Kết luận",
    "Hướng dẫn",
    "Thông báo",
    "Kế hoạch",
    "Công văn",
)
"""Offered on the page and in the workbook; others may be written."""

NATIONAL_ASSEMBLY = "Quốc hội"
_STANDING_COMMITTEE = "Ủy ban Thường vụ Quốc hội"
_GOVERNMENT = "Chính phủ"
_ISSUERS_BY_KIND = {"Luật": NATIONAL_ASSEMBLY, "Pháp lệnh": _STANDING_COMMITTEE, "Nghị định": _GOVERNMENT}
"""These kinds have one issuer by the law on legal documents."""
_SUFFIXES = {
    "NĐ-CP": ("Nghị định", _GOVERNMENT),
    "NQ-CP": ("Nghị quyết", _GOVERNMENT),
    "QĐ-TTg": ("Quyết định", "Thủ tướng Chính phủ"),
    "CT-TTg": ("Chỉ thị", "Thủ tướng Chính phủ"),
    "TT-BNV": ("Thông tư", "Bộ Nội vụ"),
    "TT-BTP": ("Thông tư", "Bộ Tư pháp"),
    "TT-BTC": ("Thông tư", "Bộ Tài chính"),
    "HD/BTCTW": ("Hướng dẫn", "Ban Tổ chức Trung ương"),
}
_PARTY_SYMBOL = re.compile(r"^\d{1,4}-[^\W\d_]+/[^\W\d_]+$")
"""The Party writes its numbers with a dash: 366-QĐ/TW."""
_ASSEMBLY_SYMBOL = re.compile(r"/(UBTV)?QH\d{1,2}$")


@dataclass(frozen=True, slots=True)
class Description:
    kind: str = ""
    issuer: str = ""
    is_party: bool = False


def describe(symbol: str, title: str = "") -> Description:
    """What is certain from how the document is numbered and headed; empty where it is not."""
    symbol = text.nfc(symbol).strip()
    is_party = bool(_PARTY_SYMBOL.match(symbol))
    headed = _headed(title) or _headed(symbol)
    tail = symbol.split("-", 1)[-1] if is_party else symbol.rpartition("/")[2]
    if tail in _SUFFIXES:
        kind, issuer = _SUFFIXES[tail]
        return Description(kind, issuer, is_party)
    if match := _ASSEMBLY_SYMBOL.search(symbol):
        return Description(headed, _STANDING_COMMITTEE if match.group(1) else NATIONAL_ASSEMBLY)
    if is_party:
        return Description(headed, "", is_party=True)
    return Description(headed, _ISSUERS_BY_KIND.get(headed, ""))


def _headed(heading: str) -> str:
    """The kind with which a title begins, the longest that fits."""
    words = f"{text.nfc(heading)} "
    return max((kind for kind in KINDS if words.startswith(f"{kind} ")), key=len, default="")
