"""Files in the database: equal bytes once, served only through permission."""

from __future__ import annotations

import hashlib

from flask import Response, send_file
from sqlalchemy import select
from sqlalchemy.orm import Session

from examapp.core.db import db
from examapp.core.errors import NotFound
from examapp.core.models import File, FileContent
from examapp.core.text import nfc

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"


def store_file(
    data: bytes, *, name: str, kind: str, media_type: str, owner_id: int | None, session: Session | None = None
) -> File:
    """Keep ``data``; the row is flushed, the caller's boundary commits."""
    session = session or db.session
    sha256 = hashlib.sha256(data).hexdigest()
    if session.get(FileContent, sha256) is None:
        session.add(FileContent(sha256=sha256, data=data))
    named = nfc(name)[:255]
    file = File(sha256=sha256, kind=kind, name=named, media_type=media_type, size=len(data), owner_id=owner_id)
    session.add(file)
    session.flush()
    return file


def read_file(file: File) -> bytes:
    data = db.session.scalar(select(FileContent.data).where(FileContent.sha256 == file.sha256))
    if data is None:
        raise NotFound()
    return data


def download(data: bytes, *, name: str, media_type: str) -> Response:
    """An answer that the browser saves under ``name``."""
    import io

    one_line = " ".join(nfc(name).split())
    return send_file(io.BytesIO(data), mimetype=media_type, as_attachment=True, download_name=one_line)
