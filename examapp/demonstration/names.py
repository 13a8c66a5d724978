"""Invented names of people and places: common Vietnamese syllables put together by chance."""

from __future__ import annotations

import random
from collections.abc import Iterator


def _syllables(*lines: str) -> list[str]:
    return " ".join(lines).split()


FAMILY = _syllables(
    "Nguyễn Nguyễn Nguyễn Trần Trần Lê Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý",
    "Nông Lục Vi Hà Triệu La Chu Đinh Mai Tô",
)
MIDDLE_MEN = _syllables("Văn Văn Đức Hữu Quang Minh Công Xuân Thanh Đình Ngọc Quốc Mạnh Tiến Anh")
MIDDLE_WOMEN = _syllables("Thị Thị Thị Thu Ngọc Thanh Minh Phương Bích Hồng Kim Mai Lan Diệu Hải")
GIVEN_MEN = _syllables(
    "An Bình Cường Dũng Đạt Đức Giang Hải Hiếu Hùng Hưng Khải Khánh Lâm Long Nam Nghĩa Phong Phúc Quân Sơn Tài",
    "Thành Thắng Tiến Toàn Trung Tuấn Vinh Vượng",
)
GIVEN_WOMEN = _syllables(
    "An Ánh Bình Châu Chi Diệp Dung Duyên Hà Hạnh Hằng Hiền Hoa Hòa Huệ Hương Lan Liên Linh Loan Ly Mai Nga Ngân",
    "Nhung Oanh Phượng Quyên Tâm Thảo Thúy Thủy Trang Tuyết Vân Yến",
)

OLD_UNITS = (
    *(("xã", name) for name in ("Đông Hải", "Phong Dụ", "Yên Khê", "Hà Thượng", "Đại Lãm", "Tân Lập")),
    *(("xã", name) for name in ("Đồng Tâm", "Hải Sơn", "Thanh Lâm", "Cốc Pàng")),
    *(("thị trấn", name) for name in ("Thanh Khê", "Bến Đá")),
)
NEW_UNITS = (
    ("phường", "Thanh Khê", (10, 2, 3)),
    ("xã", "Đông Hải", (0, 1, 4)),
    ("xã", "Bến Đá", (11, 5, 6)),
    ("xã", "Hải Sơn", (7, 8, 9)),
)
"""Kind, name, and which of the old units were merged into it."""


def people(rng: random.Random) -> Iterator[tuple[str, bool]]:
    """Endless different full names; the flag says whether a woman's."""
    seen: set[str] = set()
    while True:
        woman = rng.random() < 0.46
        middle, given = (MIDDLE_WOMEN, GIVEN_WOMEN) if woman else (MIDDLE_MEN, GIVEN_MEN)
        name = f"{rng.choice(FAMILY)} {rng.choice(middle)} {rng.choice(given)}"
        if name not in seen:
            seen.add(name)
            yield name, woman
