"""Which colours are only ink and paper."""

from __future__ import annotations

import re


def is_neutral(colour: str) -> bool:
    """Black, white, dark grey or none: such a colour marks nothing."""
    if not re.fullmatch(r"[0-9A-F]{6}", colour):
        return colour in ("", "AUTO")
    red, green, blue = (int(colour[place : place + 2], 16) for place in (0, 2, 4))
    grey = max(red, green, blue) - min(red, green, blue) < 24
    return grey and (max(red, green, blue) < 112 or min(red, green, blue) > 240)
