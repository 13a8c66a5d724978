"""Law that ends: a question whose document has been replaced, and one whose document ends soon. All invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from examapp.accounts.models import Account, Role
from examapp.bank.models import BankKind, LegalDocument, Mark
from examapp.core import clock
from examapp.core.db import db
from examapp.demonstration.samples import store_approved
from question_bank.question import Citation, Level, Option, Question

REPLACED, SUCCESSOR, ENDING = "11/2021/QĐ-MAU", "12/2026/QĐ-MAU", "13/2022/QĐ-MAU"


def build_lapsing(staff: Mapping[Role, Account]) -> None:
    """After the papers are drawn, so that none of it stands on them."""
    today = clock.today()
    successor = _document(SUCCESSOR, "Quy chế lưu trữ hồ sơ giấy tại xã, thay thế (mẫu)", today - timedelta(days=20))
    replaced = _document(REPLACED, "Quy chế lưu trữ hồ sơ giấy tại xã (mẫu)", date(2021, 3, 1))
    ending = _document(ENDING, "Quy định tạm thời về tiếp nhận hồ sơ ngoài giờ (mẫu)", date(2022, 6, 1))
    replaced.superseded_by, replaced.superseded_on = successor, today - timedelta(days=20)
    ending.in_force_to = today + timedelta(days=25)
    db.session.add_all([successor, replaced, ending])
    db.session.flush()
    store_approved(_questions(), bank=BankKind.EXAM, owner=staff[Role.EXAMINER], reviewer=staff[Role.REVIEWER])


def _document(symbol: str, title: str, begins: date) -> LegalDocument:
    return LegalDocument(
        symbol=symbol,
        title=title,
        kind="Quyết định",
        field="mẫu",
        in_force_from=begins,
        mark=Mark.VERIFIED,
        status_checked=True,
        note="Văn bản bịa ra cho bản trình diễn.",
    )


def _questions() -> list[Question]:
    return [
        _question(
            "het-hieu-luc",
            "Theo quy chế mẫu, hồ sơ giấy đã giải quyết xong được giao vào lưu trữ chậm nhất khi nào? (mẫu)",
            ("Cuối quý kế tiếp", "Ngay trong ngày", "Sau năm năm", "Khi có người hỏi"),
            REPLACED,
        ),
        _question(
            "sap-het-hieu-luc",
            "Theo quy định tạm thời mẫu, hồ sơ nộp sau giờ làm việc được tính nhận từ khi nào? (mẫu)",
            ("Đầu giờ làm việc kế tiếp", "Ngay lúc nộp", "Cuối tuần", "Khi có người rảnh"),
            ENDING,
        ),
    ]


def _question(ref: str, stem: str, texts: tuple[str, ...], symbol: str) -> Question:
    return Question(
        "single_choice",
        stem,
        tuple(Option(text, correct=not place) for place, text in enumerate(texts)),
        level=Level.RECALL,
        topic="vt_van_thu",
        positions=("vp_van_thu",),
        citations=(Citation(symbol, article="5"),),
        tags=("mẫu",),
        seconds=45,
        ref=ref,
    )
