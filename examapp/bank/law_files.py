"""The registry as a workbook: out as it stands; in with a plan first, which stores nothing.

Documents are known by their symbols. An empty cell never erases what is stored, an import never confirms a document,
and what a person has confirmed changes only where the importer ticks the row.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank import amendments
from examapp.bank.law import symbol_key
from examapp.bank.law_registry import NAMES, Entry, described, problems_of, take_up_citations, write
from examapp.bank.models import LegalAmendment, LegalDocument, Mark
from examapp.core import clock, tables, text
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.uploads import check_upload
from examapp.core.words import N_, _
from examapp.organisation.sheets import YES_WORDS, Column, Kind, Sheet
from examapp.organisation.workbook import Contents, Problem, Row, read_sheet

SHEET = Sheet(
    "law",
    "Văn bản",
    (
        Column("symbol", "Số, ký hiệu", required=True, longest=60),
        Column("kind", "Loại văn bản", longest=40),
        Column("issuer", "Cơ quan ban hành", longest=120),
        Column("title", "Tên văn bản", longest=300),
        Column("is_party", "Văn bản của Đảng", Kind.CHOICE, choices=YES_WORDS),
        Column("issued_on", "Ngày ban hành", Kind.DATE),
        Column("in_force_from", "Có hiệu lực từ ngày", Kind.DATE),
        Column("in_force_to", "Có hiệu lực đến hết ngày", Kind.DATE),
        Column("superseded_by", "Được thay bằng", longest=60),
        Column("superseded_on", "Được thay từ ngày", Kind.DATE),
        Column("amended_by", "Được sửa đổi bởi", longest=1000),
        Column("link", "Địa chỉ đọc toàn văn", longest=500),
        Column("field", "Lĩnh vực", longest=100),
        Column("remark", "Ghi chú", longest=2000),
        Column("status", "Tình trạng"),
    ),
)
"""The last column is written for the reader of the file and not read back."""
_OTHER_HEADINGS = {
    "so ky hieu": "Số, ký hiệu",
    "so hieu": "Số, ký hiệu",
    "so hieu van ban": "Số, ký hiệu",
    "trich yeu": "Tên văn bản",
    "ten goi": "Tên văn bản",
    "loai": "Loại văn bản",
    "noi ban hanh": "Cơ quan ban hành",
    "ngay co hieu luc": "Có hiệu lực từ ngày",
    "hieu luc tu": "Có hiệu lực từ ngày",
    "het hieu luc sau ngay": "Có hiệu lực đến hết ngày",
}
_AMENDING = re.compile(r"^(?P<symbol>.*?)\s*(?:\((?:từ\s+)?(?P<day>\d{1,2}[/.-]\d{1,2}[/.-]\d{4})\))?$")
LABELS = {column.key: column.heading for column in SHEET.columns} | {"note": "Ghi chú"}


class Fate(enum.StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


FATES: dict[Fate, str] = {Fate.NEW: N_("Thêm"), Fate.CHANGED: N_("Sửa"), Fate.SAME: N_("Giữ nguyên")}


@dataclass(slots=True)
class Line:
    """What becomes of one row of the workbook."""

    row: Row
    symbol: str
    fate: Fate
    entry: Entry
    document: LegalDocument | None = None
    superseded_by: str = ""
    amending: list[tuple[str, date | None]] = field(default_factory=list)
    """Amendments to be added."""
    differences: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """Old and new by column."""

    @property
    def is_confirmed(self) -> bool:
        """A person answers for what is stored: it changes only when this is ticked."""
        return self.fate is Fate.CHANGED and self.document is not None and self.document.checked_by_id is not None


@dataclass(slots=True)
class Plan:
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.is_error]

    def of(self, fate: Fate) -> list[Line]:
        return [line for line in self.lines if line.fate is fate]

    @property
    def touched(self) -> list[Line]:
        return [line for line in self.lines if line.fate is not Fate.SAME]


# Out


def export_registry() -> bytes:
    """Every document with all its fields, by symbol; the same columns are read back."""
    stream = BytesIO()
    kinds = {Kind.DATE: tables.Kind.DATE}
    columns = [
        tables.Column(column.key, column.heading, kinds.get(column.kind, tables.Kind.TEXT)) for column in SHEET.columns
    ]
    tables.write_xlsx(stream, [tables.Table(SHEET.name, columns, _rows_out())])
    return stream.getvalue()


def _rows_out() -> Iterable[tuple[Any, ...]]:
    documents = db.session.scalars(
        select(LegalDocument).options(joinedload(LegalDocument.superseded_by)).order_by(LegalDocument.symbol)
    )
    amending = _amendments()
    for document in documents:
        yield (
            document.symbol,
            document.kind,
            document.issuer,
            document.title,
            "Có" if document.is_party else "",
            document.issued_on,
            document.in_force_from,
            document.in_force_to,
            document.superseded_by.symbol if document.superseded_by else "",
            document.superseded_on,
            "; ".join(_amending_out(one) for one in amending.get(document.id, [])),
            document.link,
            document.field,
            document.note,
            "Đã kiểm tra" if document.status_checked else "Cần xác nhận",
        )


def _amendments() -> dict[int, list[LegalAmendment]]:
    """Every amendment with its amending document, by the id of the amended one."""
    found: dict[int, list[LegalAmendment]] = {}
    query = select(LegalAmendment).options(joinedload(LegalAmendment.amended_by)).order_by(LegalAmendment.id)
    for one in db.session.scalars(query):
        found.setdefault(one.document_id, []).append(one)
    return found


def _amending_out(one: LegalAmendment) -> str:
    return f"{one.amended_by.symbol} ({text.format_date(one.from_on)})" if one.from_on else one.amended_by.symbol


# In


def read_upload(data: bytes, name: str) -> Contents:
    """The checked rows of an uploaded workbook, without a look at the database."""
    check_upload(data, name, kinds=("excel",))
    contents = Contents(rows={SHEET.key: []})
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as book:
            named = [one for one in book.sheet_names if text.fold(one) == text.fold(SHEET.name)]
            lines = book.get_sheet_by_name((named or book.sheet_names)[0]).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError) as error:
        message = _("Tệp bị hỏng nên không đọc được. Hãy mở bằng Excel, lưu lại dạng .xlsx rồi gửi lại.")
        raise Invalid(message, field="file") from error
    read_sheet([[_heading(cell) for cell in line] for line in lines], SHEET, contents)
    if not contents.rows[SHEET.key] and not contents.problems:
        raise Invalid(_("Tệp không có dòng nào."), field="file")
    return contents


def _heading(cell: Any) -> Any:
    """Headings of other lists, as this one calls them."""
    return _OTHER_HEADINGS.get(text.fold(cell), cell) if isinstance(cell, str) and len(cell) < 30 else cell


def make_plan(contents: Contents) -> Plan:
    """Compare the rows with the registry. Rows with errors are left out, and so is what rests on them."""
    plan = Plan(problems=list(contents.problems))
    stored = _Stored()
    rows = _distinct(contents.rows[SHEET.key], plan)
    while True:
        known = stored.keys() | {symbol_key(row.values["symbol"]) for row in rows}
        sound = [row for row in rows if not _refuse(row, stored, known, plan)]
        if len(sound) == len(rows):
            break
        rows = sound
    plan.lines = [_line(row, stored) for row in rows]
    plan.problems.sort(key=lambda problem: int("".join(c for c in problem.place if c.isdigit()) or 0))
    return plan


class _Stored:
    """The registry as it stands."""

    def __init__(self) -> None:
        documents = list(db.session.scalars(select(LegalDocument).options(joinedload(LegalDocument.superseded_by))))
        self.by_key = {symbol_key(name): one for one in documents for name in one.other_names.splitlines()}
        self.by_key |= {symbol_key(one.symbol): one for one in documents}
        self.amending = {
            document_id: {symbol_key(one.amended_by.symbol) for one in found}
            for document_id, found in _amendments().items()
        }

    def keys(self) -> set[str]:
        return set(self.by_key)

    def get(self, symbol: str) -> LegalDocument | None:
        return self.by_key.get(symbol_key(symbol))


def _distinct(rows: Iterable[Row], plan: Plan) -> list[Row]:
    first: dict[str, Row] = {}
    for row in rows:
        key = symbol_key(row.values["symbol"])
        if key in first:
            message = _("Văn bản này đã có ở dòng %(n)s. Hãy bỏ một dòng.", n=first[key].number)
            plan.problems.append(Problem(row.place("symbol"), message))
        else:
            first[key] = row
    return list(first.values())


def _refuse(row: Row, stored: _Stored, known: Collection[str], plan: Plan) -> bool:
    """Note what is wrong with the row beside the registry and the other rows."""
    document = stored.get(row.values["symbol"])
    found: list[tuple[str, str]] = []
    if document is None and not row.values.get("title"):
        found.append(("title", _("Chưa ghi tên văn bản.")))
    found += problems_of(_entry(row, document), document_id=document.id if document else None)
    named = [("superseded_by", row.values["superseded_by"])] if row.values.get("superseded_by") else []
    try:
        named += [("amended_by", symbol) for symbol, _day in _amending(row)]
    except ValueError as error:
        found.append(("amended_by", _("“%(found)s” không phải ngày.", found=str(error))))
    for key, symbol in named:
        if symbol_key(symbol) not in known:
            message = _("Văn bản %(symbol)s chưa có trong danh mục và không có dòng hợp lệ trong tệp.", symbol=symbol)
            found.append((key, message))
        elif symbol_key(symbol) == symbol_key(row.values["symbol"]):
            found.append((key, _("Văn bản không thể tự thay hoặc tự sửa đổi chính nó.")))
    plan.problems += [Problem(row.place(key), message) for key, message in found]
    return bool(found)


def _amending(row: Row) -> list[tuple[str, date | None]]:
    """ "07/2025/NĐ-CP; 280/2025/NĐ-CP (01/11/2025)" → symbols with their days; ``ValueError`` names a wrong day."""
    found = []
    for part in re.split(r"\s*;\s*", row.values.get("amended_by", "")):
        if match := _AMENDING.match(part.strip()):
            day = match["day"]
            found += [(match["symbol"], text.parse_date(day) if day else None)] if match["symbol"] else []
    return found


_COLUMNS = {"remark": "note"}


def _entry(row: Row, document: LegalDocument | None) -> Entry:
    """The row over what is stored; a successor that is not stored yet stands as a placeholder."""
    values = {_COLUMNS.get(key, key): value for key, value in row.values.items()}
    base = Entry.of(document) if document else Entry(symbol=values["symbol"], title="")
    if values.get("superseded_by"):
        base = replace(base, superseded_by_id=base.superseded_by_id or 0)
    written = {name: value for name, value in values.items() if name in NAMES and name != "symbol"}
    entry = replace(base, **written)
    return entry if document else described(entry)


def _line(row: Row, stored: _Stored) -> Line:
    document = stored.get(row.values["symbol"])
    entry, successor = _entry(row, document), row.values.get("superseded_by", "")
    if document is None:
        return Line(row, entry.symbol, Fate.NEW, entry, None, successor, _amending(row))
    have = stored.amending.get(document.id, set())
    amending = [(symbol, day) for symbol, day in _amending(row) if symbol_key(symbol) not in have]
    differences = {
        name: (getattr(document, name), getattr(entry, name))
        for name in NAMES
        if name not in {"symbol", "superseded_by_id"} and getattr(document, name) != getattr(entry, name)
    }
    present = document.superseded_by.symbol if document.superseded_by else ""
    if successor and symbol_key(successor) != symbol_key(present):
        differences["superseded_by"] = (present, successor)
    if amending:
        differences["amended_by"] = ("", "; ".join(symbol for symbol, _day in amending))
    fate = Fate.CHANGED if differences else Fate.SAME
    return Line(row, document.symbol, fate, entry, document, successor, amending, differences)


def store_plan(plan: Plan, *, overwrite: Collection[str], person: Account, name: str) -> tuple[int, int, int]:
    """Store the good rows: (added, changed, left as confirmed). ``overwrite``: symbols of confirmed rows to change.

    Whoever overwrites a confirmed document answers for it from then on.
    """
    lines = [line for line in plan.touched if not line.is_confirmed or line.symbol in overwrite]
    for line in lines:
        if line.document is None:
            line.document = LegalDocument(symbol="", mark=Mark.PARTLY)
            db.session.add(line.document)
        elif line.is_confirmed:
            line.document.checked_by_id, line.document.checked_at = person.id, clock.now()
        write(line.document, replace(line.entry, superseded_by_id=line.document.superseded_by_id, superseded_on=None))
    db.session.flush()
    documents = _Stored()
    for line in lines:
        _connect(line, documents.by_key)
    db.session.flush()
    take_up_citations([line.document for line in lines if line.document is not None and line.fate is Fate.NEW])
    added = sum(line.fate is Fate.NEW for line in lines)
    left = len(plan.touched) - len(lines)
    record("law.imported", "file", name, added=added, changed=len(lines) - added, skipped=left + len(plan.errors))
    return added, len(lines) - added, left


def _connect(line: Line, documents: Mapping[str, LegalDocument]) -> None:
    document = documents[symbol_key(line.symbol)]
    if line.superseded_by:
        document.superseded_by_id = documents[symbol_key(line.superseded_by)].id
    document.superseded_on = line.entry.superseded_on
    db.session.flush()
    for symbol, day in line.amending:
        amendments.add_amendment(document, documents[symbol_key(symbol)], from_on=day)
    if line.fate is Fate.NEW:
        record("law.added", "legal_document", document.symbol, title=document.title)
    else:
        changes = {name: list(pair) for name, pair in line.differences.items()}
        record("law.changed", "legal_document", document.symbol, session=None, **changes)
