"""Units over time, positions, officials and the posts they hold."""

from examapp.core.permissions import Permission
from examapp.core.room import Link, Room
from examapp.core.words import N_
from examapp.organisation import import_routes, official_routes
from examapp.organisation.catalogue import load_positions
from examapp.organisation.cli import organisation_group
from examapp.organisation.routes import bp

__all__ = ["official_routes", "room"]

_GROUP = N_("Quản trị")

room = Room(
    blueprint=bp,
    cli=(organisation_group,),
    jobs={"organisation.import": import_routes.import_job},
    shipped=load_positions,
    periodic=(import_routes.forget_uploads,),
    navigation=(
        Link(N_("Đơn vị"), "organisation.units", (Permission.ORGANISATION_READ,), _GROUP),
        Link(N_("Người"), "organisation.officials", (Permission.ORGANISATION_READ,), _GROUP),
        Link(N_("Vị trí việc làm"), "organisation.positions", (Permission.ORGANISATION_READ,), _GROUP),
        Link(N_("Nhập từ Excel"), "organisation.upload", (Permission.ORGANISATION_EDIT,), _GROUP),
    ),
)
