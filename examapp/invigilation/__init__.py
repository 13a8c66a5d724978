"""Coi thi: the live board of a round, and the acts of its invigilators and council."""

from examapp.core.room import Room
from examapp.invigilation import code_routes, integrity_routes, late_routes, stop_routes
from examapp.invigilation.routes import bp
from examapp.invigilation.tasks import tasks

__all__ = ["code_routes", "integrity_routes", "late_routes", "room", "stop_routes"]

room = Room(blueprint=bp, tasks=tasks)
