"""Units over time, positions, officials, and the posts they hold from–to."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.core.db import Base, check, one_of


class UnitKind(enum.StrEnum):
    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"  # xã
    WARD = "ward"  # phường
    TOWNSHIP = "township"  # thị trấn, until 30/06/2025
    SPECIAL_ZONE = "special_zone"  # đặc khu
    DEPARTMENT = "department"  # phòng, văn phòng, trung tâm của xã
    PARTY_BODY = "party_body"
    FRONT_BODY = "front_body"
    OTHER = "other"


class Tree(enum.StrEnum):
    STATE = "state"
    PARTY = "party"


class LinkKind(enum.StrEnum):
    MERGED_INTO = "merged_into"
    SPLIT_FROM = "split_from"
    RENAMED = "renamed"
    RETYPED = "retyped"


class StaffCategory(enum.StrEnum):
    CADRE = "can_bo"
    CIVIL_SERVANT = "cong_chuc"
    PUBLIC_EMPLOYEE = "vien_chuc"
    PART_TIME_ACTIVIST = "khong_chuyen_trach"
    CONTRACT = "hop_dong"


class PostReason(enum.StrEnum):
    APPOINTMENT = "appointment"  # bổ nhiệm, tuyển dụng
    ELECTION = "election"  # bầu
    ROTATION = "rotation"  # luân chuyển
    TRANSFER = "transfer"  # điều động
    SECONDMENT = "secondment"  # biệt phái
    CONCURRENT = "concurrent"  # kiêm nhiệm
    REORGANISATION = "reorganisation"  # sắp xếp đơn vị hành chính
    OTHER = "other"


class Unit(Base):
    """A unit as it stands between two dates. Names are not unique, across provinces or over time; codes are."""

    __tablename__ = "units"
    __table_args__ = (check("dates", "valid_to IS NULL OR valid_to >= valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_fold: Mapped[str] = mapped_column(String(200), index=True)
    kind: Mapped[UnitKind] = mapped_column(one_of(UnitKind))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """Last day of its life; ``None`` while it lives."""


class UnitParent(Base):
    """Where a unit hangs, in which tree, from–to."""

    __tablename__ = "unit_parents"
    __table_args__ = (
        UniqueConstraint("unit_id", "tree", "valid_from"),
        check("not_itself", "unit_id <> parent_id"),
        check("dates", "valid_to IS NULL OR valid_to >= valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    tree: Mapped[Tree] = mapped_column(one_of(Tree), default=Tree.STATE)
    parent_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class UnitLink(Base):
    """What became of a unit: merged into, split, renamed, changed in kind."""

    __tablename__ = "unit_links"
    __table_args__ = (
        UniqueConstraint("predecessor_id", "successor_id", "kind"),
        check("not_itself", "predecessor_id <> successor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    predecessor_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    kind: Mapped[LinkKind] = mapped_column(one_of(LinkKind))
    on: Mapped[date]
    """First day of the successor."""
    legal_basis: Mapped[str] = mapped_column(String(200), default="")


class Position(Base):
    """A job position (vị trí việc làm) or elected title of one of the catalogues."""

    __tablename__ = "positions"
    __table_args__ = (check("dates", "valid_to IS NULL OR valid_to >= valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_fold: Mapped[str] = mapped_column(String(200), index=True)
    catalogue: Mapped[str] = mapped_column(String(40))
    """361_2025, 33_2023, can_bo or local."""
    department: Mapped[str] = mapped_column(String(100), default="")
    """The body of a commune the catalogue counts it to, for grouping lists; may be empty."""
    staff_category: Mapped[StaffCategory] = mapped_column(one_of(StaffCategory))
    is_leadership: Mapped[bool] = mapped_column(default=False)
    is_verified: Mapped[bool] = mapped_column(default=True)
    """False: the name is our reading, shown with "cần xác nhận"."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("positions.id"))
    """What people of an ended position are compared with today."""


class Official(Base):
    """A person who holds, or held, posts."""

    __tablename__ = "officials"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_code: Mapped[str] = mapped_column(String(40), unique=True)
    full_name: Mapped[str] = mapped_column(String(120))
    given_name: Mapped[str] = mapped_column(String(60))
    sort_key: Mapped[str] = mapped_column(String(400), index=True)
    name_fold: Mapped[str] = mapped_column(String(120), index=True)
    staff_category: Mapped[StaffCategory] = mapped_column(one_of(StaffCategory))
    birth_date: Mapped[date | None]
    phone: Mapped[str | None] = mapped_column(String(20))
    identity_number: Mapped[str | None] = mapped_column(String(20))
    """Text, with its leading zero; masked in views."""

    posts: Mapped[list[Post]] = relationship(back_populates="official", order_by="Post.valid_from, Post.id")


class Post(Base):
    """An official's holding of a position in a unit, from–to. Exactly one is primary at a time."""

    __tablename__ = "posts"
    __table_args__ = (
        check("dates", "valid_to IS NULL OR valid_to >= valid_from"),
        UniqueConstraint("official_id", "position_id", "unit_id", "valid_from"),
        Index(
            "uq_posts_open_primary",
            "official_id",
            unique=True,
            sqlite_where=text("is_primary AND valid_to IS NULL"),
            postgresql_where=text("is_primary AND valid_to IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    official_id: Mapped[int] = mapped_column(ForeignKey("officials.id"), index=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("positions.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    is_primary: Mapped[bool]
    reason: Mapped[PostReason] = mapped_column(one_of(PostReason), default=PostReason.APPOINTMENT)
    managing_level: Mapped[str] = mapped_column(String(100), default="")
    decision: Mapped[str] = mapped_column(Text, default="")
    """Number and date of the decision, as text."""

    official: Mapped[Official] = relationship(back_populates="posts")
    position: Mapped[Position] = relationship()
    unit: Mapped[Unit] = relationship()
