"""One right answer among several."""

from __future__ import annotations

from examapp.bank.editors.options import OptionsForm
from examapp.core.words import _


class SingleChoiceForm(OptionsForm):
    kind = "single_choice"

    @classmethod
    def ways(cls) -> list[tuple[str, str]]:
        return [
            ("right", _("Chọn đúng được trọn điểm, chọn sai không có điểm")),
            ("weights", _("Mỗi phương án được một tỷ lệ điểm ghi ở phương án đó")),
        ]


FORM = SingleChoiceForm
