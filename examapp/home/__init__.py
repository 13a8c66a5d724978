"""Home pages and task lists, a person's record, the leader's view, help."""

from examapp.core.permissions import Permission
from examapp.core.room import Link, Room
from examapp.core.words import N_
from examapp.home.records import READERS
from examapp.home.routes import bp

room = Room(
    blueprint=bp,
    navigation=(
        Link(N_("Hồ sơ của tôi"), "home.record", (Permission.OWN_RECORD,), N_("Bài thi của tôi")),
        Link(N_("Toàn cảnh"), "home.overview", (Permission.OVERVIEW_READ,), N_("Tổng hợp")),
        Link(N_("Hồ sơ từng người"), "home.people", READERS, N_("Tổng hợp")),
    ),
)
