"""Documents on paper: data and a typst template of a room become a PDF in the layout of official documents.

A template stands in its room (``examapp/results/documents/slip.typ``), imports the shared parts from
``/core/documents/official.typ`` and reads its data with ``json(bytes(sys.inputs.data))``. Data enter as JSON only, so
nothing a person typed is ever read as markup; only the fonts that come with the product are used, and no packages.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst
from flask import current_app

from examapp.core.assets import asset_file

ROOT = Path(__file__).resolve().parents[2]
"""The package ``examapp``: templates see nothing outside of it."""


def render_pdf(template_name: str, data: dict[str, Any], *, tags: bool = True) -> bytes:
    """The document ``template_name`` ("results/documents/slip.typ") filled with ``data``.

    The same data give the same bytes. ``tags=False`` leaves out the structure for screen readers, which is slow in
    tables of hundreds of rows.
    """
    template = ROOT / template_name
    settings = current_app.config["SETTINGS"]
    values = {
        "parent_body": settings.parent_body,
        "managing_body": settings.managing_body,
        "demo": settings.demo,
        **data,
    }
    pdf = typst.compile(
        str(template),
        root=str(ROOT),
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"data": json.dumps(values, ensure_ascii=False)},
        timestamp=_EPOCH,
        pdf_tags=tags,
        package_path=str(_NO_PACKAGES),
        package_cache_path=str(_NO_PACKAGES),
    )
    assert isinstance(pdf, bytes)
    return pdf


_EPOCH = datetime(2025, 7, 1, tzinfo=UTC)
"""What the file says of its making, the same for all: dates that matter stand in the text."""
_NO_PACKAGES = Path(__file__).resolve().parent / "no-packages"
"""Where typst would look for packages, if there were any."""


@cache
def _fonts() -> typst.Fonts:
    """The product's fonts, read once; neither the machine's nor typst's own."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(asset_file("fonts/tinos-regular.ttf").parent)],
    )
