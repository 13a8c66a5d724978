"""The demonstration: a province's area as it is today, invented from end to end and saying so.

Everything is drawn from one seed, so that two builds give the same people, posts and marks. Nothing here is used by
the rooms; the command ``examapp demo`` is the only door.
"""
