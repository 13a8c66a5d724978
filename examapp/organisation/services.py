"""What the room offers the rooms after it; the rules themselves stand in the modules named by noun."""

from __future__ import annotations

from examapp.organisation.catalogue import load_positions
from examapp.organisation.officials import add_officials, create_official, edit_official, masked
from examapp.organisation.posts import (
    Terms,
    add_post,
    add_posts,
    correct_post,
    end_post,
    posts_of,
    posts_on,
    transfer,
)
from examapp.organisation.units import add_units, close_unit, create_unit, find_unit, move_unit, unit_path

__all__ = [
    "Terms",
    "add_officials",
    "add_post",
    "add_posts",
    "add_units",
    "close_unit",
    "correct_post",
    "create_official",
    "create_unit",
    "edit_official",
    "end_post",
    "find_unit",
    "load_positions",
    "masked",
    "move_unit",
    "posts_of",
    "posts_on",
    "transfer",
    "unit_path",
]
