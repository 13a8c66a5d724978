"""Commands of the exchange: ``examapp questions pack`` and ``examapp questions unpack``."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.bank import exports, listing
from examapp.bank.cli import questions_group
from examapp.bank.exchange import gather, keys, merge, receive, signing
from examapp.bank.exchange.models import ExchangePackage, PackageState
from examapp.bank.exchange.package import Package
from examapp.bank.exchange.preview import FATES
from examapp.bank.models import BankKind
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import HouseError
from examapp.core.jobs import run_job
from examapp.core.models import Job

COMMAND = "examapp questions pack"


@questions_group.command("pack")
@click.option("--bank", type=click.Choice([bank.value for bank in BankKind]), default=BankKind.EXAM.value)
@click.option("--position", default="", help="Mã vị trí; bỏ trống là tất cả.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
def pack_questions(bank: str, position: str, output: Path) -> None:
    """Lập gói trao đổi có chữ ký."""
    if position and not exports.known_position(position):
        raise click.ClickException(f"Vị trí “{position}” không có trong danh mục.")
    filters = listing.Filters(position=position)
    kind = BankKind(bank)
    ids = listing.matching_ids(filters, positions=None, on=clock.today(), demo=True, bank=kind, most=10**6)
    if not ids:
        raise click.ClickException("Không có câu hỏi nào để đưa vào gói.")
    try:
        packed = gather.pack(ids, bank=kind, made_by=COMMAND)
    except HouseError as error:
        raise click.ClickException(error.message) from None
    db.session.rollback()
    with unit_of_work():
        gather.note(packed, position=position, by=COMMAND)
    output.write_bytes(packed.data)
    click.echo(f"Đã lập gói gồm {packed.count} câu hỏi ở {output}.")


@questions_group.command("unpack")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--as", "login", required=True, help="Tài khoản phụ trách ngân hàng chịu trách nhiệm về việc nhận.")
@click.option("--merge", "does_merge", is_flag=True, help="Nhận ngay những câu được chọn sẵn; không có thì chỉ so.")
def unpack_questions(file: Path, login: str, does_merge: bool) -> None:
    """Kiểm tra chữ ký của FILE, so với ngân hàng, và nhận khi có --merge."""
    try:
        package_id = _received(file, login)
        _tell(package_id)
        if does_merge:
            _merge(package_id, login)
    except HouseError as error:
        raise click.ClickException(f"{error.message} {error.advice}".strip()) from None


def _received(file: Path, login: str) -> int:
    data = file.read_bytes()
    package = Package(data)
    with unit_of_work():
        person = _person(login)
        if keys.trusted(package.fingerprint) is None:
            code = signing.grouped(package.fingerprint)
            raise click.ClickException(f"Khóa ký gói chưa được tin cậy ở đây. Mã khóa: {code}")
        kept = receive.keep_package(package, data, name=file.name, person=person)
        job = receive.start_comparing(kept, package, person=person)
        package_id, job_id = kept.id, job.id if job else None
    if job_id is not None:
        run_job(job_id)
        db.session.expire_all()
    return package_id


def _person(login: str) -> Account:
    person = db.session.scalar(select(Account).where(Account.login == login))
    if person is None:
        raise click.ClickException(f"Không có tài khoản “{login}”.")
    return person


def _tell(package_id: int) -> None:
    kept = db.session.get_one(ExchangePackage, package_id)
    click.echo(f"Gói của {kept.origin}, lập lúc {kept.made_at:%d/%m/%Y}, người lập: {kept.made_by}.")
    for fate, (total, taken) in receive.tally(kept).items():
        if total:
            click.echo(f"{FATES[fate][0]}: {total} câu, chọn nhận {taken} câu.")
    db.session.rollback()


def _merge(package_id: int, login: str) -> None:
    with unit_of_work() as session:
        job = merge.merge_later(session.get_one(ExchangePackage, package_id), person=_person(login))
        job_id = job.id
    run_job(job_id)
    db.session.expire_all()
    click.echo(db.session.get_one(Job, job_id).message)
    if db.session.get_one(ExchangePackage, package_id).state is not PackageState.MERGED:
        raise click.ClickException("Chưa nhận được gói.")
