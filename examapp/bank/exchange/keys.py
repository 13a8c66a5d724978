"""The installation's own key, and the partners whose keys are trusted here."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from flask import current_app
from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank.exchange import signing
from examapp.bank.exchange.models import ExchangePartner
from examapp.bank.scope import is_over_all
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from examapp.core.permissions import Permission
from examapp.core.words import _

FILE = "exchange_key.pem"


def check_keeper(person: Account) -> None:
    """A package may hold any question, so who receives one keeps the whole bank."""
    if not is_over_all(person, Permission.BANK_MANAGE):
        raise Forbidden(
            _("Nhận gói và quản lý nơi trao đổi là việc của người phụ trách ngân hàng cấp cao nhất."),
            advice=_("Hãy đề nghị người phụ trách toàn ngân hàng thực hiện."),
        )


def key_path() -> Path:
    settings = current_app.config["SETTINGS"]
    return Path(settings.exchange_key_file).expanduser() if settings.exchange_key_file else settings.data / FILE


def own_public() -> bytes | None:
    """The public half of the key; ``None`` before the key has been made."""
    return signing.public_bytes(_load(key_path())) if key_path().exists() else None


def own_key() -> Ed25519PrivateKey:
    """The key that signs what leaves; made when it is first needed, readable by this system user alone."""
    path = key_path()
    if not path.exists():
        _make(path)
    return _load(path)


def _load(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise _unusable(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _unusable(path)
    return key


def _unusable(path: Path) -> Conflict:
    message = _("Không đọc được khóa của hệ thống ở tệp %(name)s.", name=path.name)
    return Conflict(message, advice=_("Hãy báo bộ phận kỹ thuật kiểm tra tệp khóa và quyền đọc tệp."))


def _make(path: Path) -> None:
    """Whoever comes second in the same moment takes the key of the first: a link never replaces a file."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(pem)
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    except OSError as error:
        raise _unusable(path) from error
    finally:
        draft.unlink(missing_ok=True)


def make_key(person: Account) -> None:
    """For who wants to show the key before the first package is made."""
    check_keeper(person)
    if own_public() is None:
        fingerprint = signing.fingerprint_of(signing.public_bytes(own_key()))
        record("exchange.key_made", "exchange", fingerprint=fingerprint)


def partners() -> list[ExchangePartner]:
    return list(db.session.scalars(select(ExchangePartner).order_by(ExchangePartner.ended_at, ExchangePartner.name)))


def trusted(fingerprint: str) -> ExchangePartner | None:
    """The partner with this key, while it is trusted."""
    known = select(ExchangePartner).where(
        ExchangePartner.fingerprint == fingerprint, ExchangePartner.ended_at.is_(None)
    )
    return db.session.scalar(known)


def get_partner(partner_id: int) -> ExchangePartner:
    found = db.session.get(ExchangePartner, partner_id)
    if found is None:
        raise NotFound()
    return found


def add_partner(*, name: str, pasted: str, person: Account) -> ExchangePartner:
    """Trust a key. One that was trusted before is trusted again under the name given now.

    Its reviews count for nothing yet: that takes a second person, see :func:`change_trust`.
    """
    check_keeper(person)
    fingerprint = signing.fingerprint_in(pasted)
    if fingerprint is None:
        message = _("Không nhận ra khóa: hãy chép nguyên dòng “thuocdo-ed25519 …” hoặc đủ 64 chữ số của mã khóa.")
        raise Invalid(message, field="key")
    own = own_public()
    if own is not None and fingerprint == signing.fingerprint_of(own):
        raise Invalid(_("Đây là khóa của chính hệ thống này."), field="key")
    found = db.session.scalar(select(ExchangePartner).where(ExchangePartner.fingerprint == fingerprint))
    if found is not None and found.ended_at is None:
        raise Invalid(_("Khóa này đã có dưới tên “%(name)s”.", name=found.name), field="key")
    _check_name(name, found)
    if found is None:
        found = ExchangePartner(fingerprint=fingerprint, name=name, added_by_id=person.id)
        db.session.add(found)
    found.name, found.trusts_review = name, False
    found.ended_at, found.added_by_id, found.added_at = None, person.id, clock.now()
    db.session.flush()
    record(
        "exchange.partner_added",
        "exchange_partner",
        found.id,
        name=name,
        fingerprint=fingerprint,
    )
    return found


def _check_name(name: str, partner: ExchangePartner | None) -> None:
    twin = db.session.scalar(select(ExchangePartner.id).where(ExchangePartner.name == name))
    if twin is not None and (partner is None or twin != partner.id):
        raise Invalid(_("Đã có nơi trao đổi tên này."), field="name")


def change_trust(partner: ExchangePartner, *, trusts_review: bool, person: Account) -> None:
    """Whether what was approved there is taken as approved here.

    Never by who added the partner: a key of one's own would make one person writer and reviewer of a question.
    """
    check_keeper(person)
    if trusts_review and person.id == partner.added_by_id:
        raise Forbidden(
            _("Người thêm nơi trao đổi không tự công nhận kết quả thẩm định của nơi đó."),
            advice=_("Hãy đề nghị người phụ trách ngân hàng khác công nhận."),
        )
    if partner.trusts_review != trusts_review:
        partner.trusts_review = trusts_review
        db.session.flush()
        record(
            "exchange.partner_changed", "exchange_partner", partner.id, name=partner.name, trusts_review=trusts_review
        )


def end_partner(partner: ExchangePartner, *, person: Account) -> None:
    """Trust the key no longer; what came with it stays."""
    check_keeper(person)
    if partner.ended_at is None:
        partner.ended_at = clock.now()
        db.session.flush()
        record(
            "exchange.partner_ended", "exchange_partner", partner.id, name=partner.name, fingerprint=partner.fingerprint
        )
