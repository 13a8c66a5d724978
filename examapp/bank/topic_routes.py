"""The page of the topics: the tree with what it holds, and its keeping."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from examapp.bank import topics
from examapp.bank.models import Strand, Topic
from examapp.bank.review_forms import TopicForm
from examapp.bank.routes import bp
from examapp.bank.scope import is_over_all
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid
from examapp.core.permissions import Permission, requires
from examapp.core.words import _
from examapp.organisation.models import Position

STRAND = "strand-"
"""Begins the values of the choice that stand for a strand instead of a topic."""


@bp.get("/topics")
@requires(Permission.BANK_MANAGE)
def topic_list() -> str:
    names = _position_names()
    wanted = request.args.get("position", "")
    shown = {
        strand: [node for node in nodes if not wanted or str(node.topic.position_id or "common") == wanted]
        for strand, nodes in topics.tree().items()
    }
    return render_template(
        "bank/topics.html",
        tree=shown,
        names=names,
        position_choices=[("common", _("Dùng chung")), *((str(key), name) for key, name in names.items())],
        may_keep=is_over_all(current_user, Permission.BANK_MANAGE),
    )


@bp.route("/topics/new", methods=["GET", "POST"])
@requires(Permission.BANK_MANAGE)
def topic_new() -> ResponseReturnValue:
    form = _form(None)
    if not form.is_submitted():
        form.parent.data = request.args.get("parent", f"{STRAND}{Strand.PROFESSIONAL}")
    if form.validate_on_submit():
        try:
            strand, parent, position = _place(form)
            made = topics.create_topic(
                name=form.name.data, strand=strand, parent=parent, position=position, person=current_user
            )
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã thêm chuyên đề “%(name)s”.", name=made.name), "success")
            return redirect(url_for("bank.topic_list"), 303)
    return render_template("bank/topic_edit.html", form=form, topic=None), 422 if form.is_submitted() else 200


@bp.route("/topics/<int:topic_id>", methods=["GET", "POST"])
@requires(Permission.BANK_MANAGE)
def topic_edit(topic_id: int) -> ResponseReturnValue:
    topic = topics.get_topic(topic_id)
    form = _form(topic)
    if not form.is_submitted():
        form.name.data = topic.name
        form.parent.data = str(topic.parent_id or f"{STRAND}{topic.strand}")
        form.position.data = str(topic.position_id or "")
    if form.validate_on_submit():
        try:
            strand, parent, position = _place(form)
            topics.change_topic(
                topic, name=form.name.data, strand=strand, parent=parent, position=position, person=current_user
            )
        except Invalid as error:
            db.session.refresh(topic)
            form.blame(error)
        else:
            flash(_("Đã lưu chuyên đề “%(name)s”.", name=topic.name), "success")
            return redirect(url_for("bank.topic_list"), 303)
    page = render_template("bank/topic_edit.html", form=form, topic=topic, is_used=topics.is_used(topic))
    return page, 422 if form.is_submitted() else 200


@bp.post("/topics/<int:topic_id>/delete")
@requires(Permission.BANK_MANAGE)
def delete_topic(topic_id: int) -> ResponseReturnValue:
    topic = topics.get_topic(topic_id)
    name = topic.name
    try:
        topics.delete_topic(topic, person=current_user)
    except Conflict as error:
        flash(f"{error.message} {error.advice}", "error")
        return redirect(url_for("bank.topic_edit", topic_id=topic_id), 303)
    flash(_("Đã xóa chuyên đề “%(name)s”.", name=name), "success")
    return redirect(url_for("bank.topic_list"), 303)


def _form(topic: Topic | None) -> TopicForm:
    """Above a topic stands anything but itself and what is below it."""
    own = topics.topics_below(topic.id) if topic is not None else frozenset()
    above = [(node.topic, node.depth) for nodes in topics.tree().values() for node in nodes]
    form = TopicForm()
    form.offer(
        [(one, depth) for one, depth in above if one.code not in own],
        list(db.session.scalars(select(Position).order_by(Position.name, Position.id))),
    )
    return form


def _place(form: TopicForm) -> tuple[Strand, Topic | None, Position | None]:
    position = db.session.get(Position, int(form.position.data)) if form.position.data else None
    if form.parent.data.startswith(STRAND):
        return Strand(form.parent.data.removeprefix(STRAND)), None, position
    parent = topics.get_topic(int(form.parent.data))
    return parent.strand, parent, position


def _position_names() -> dict[int, str]:
    return dict(db.session.execute(select(Position.id, Position.name).order_by(Position.name, Position.id)).all())
