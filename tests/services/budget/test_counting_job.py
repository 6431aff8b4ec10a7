"""From the close to the published folder: the counting job, and who starts it."""

import asyncio
import json
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.commands import verify
from bot.commands.counting_job import main, publish, publish_all
from bot.jobs.counting import CountingStarter, to_publish
from bot.process.keys import make_keys, read_keys
from bot.settings import PREFIX
from bot.web.application import make_app
from domain.budget.rounds import HaltReason, RoundState
from domain.budget.verifier import check
from handlers.console.outside import Outside
from services.budget import closing, codes, plans, results, round_acts, rounds
from services.budget.rounds import Round
from services.budget.statements import commitments
from storage.budget import rounds as round_rows
from storage.engine.database import Database
from tests.handlers.api.office import OUTSIDE
from tests.opened import Clock, opened, rows, table
from tests.parts import ROOT
from tests.rounds import drafted, open_round, organiser, plan_draft, vote

VOTERS = 25
WAIT = 60


async def voted(database: Database, clock: Clock) -> Round:
    """A round in which 25 voted, 3 of them twice, with one evening in between; it is closed."""
    async with database.begin() as work:
        made, several = await open_round(work, VOTERS + 5)
    for number, code in enumerate(several[:VOTERS]):
        async with database.begin() as work:
            await vote(work, number, code, [1, 2, 3 + number % 4])
    clock.now = clock.now.replace(hour=21)
    async with database.begin() as work:
        await closing.commit_evening(work)
    for number, code in enumerate(several[:3]):
        async with database.begin() as work:
            await vote(work, number, code, [4, 5, 6])
    clock.now = made.closes_at
    async with database.begin() as work:
        await closing.open_and_close_due(work)
        return await rounds.round_of(work, made.id)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_corrections_and_more_time_are_links_of_the_chain_that_the_first_head_begins(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    async with database.begin() as work:
        made, several = await open_round(work, 20)
        plan, *_ = await plans.plans(work, made.id)
        better = plan_draft(1, title={"nl": "Plan een", "en": "Plan 1"})
        await plans.correct_plan(work, organiser(), made.id, plan.id, better, "typo", plan.version)
        until = made.closes_at + timedelta(days=1)
        await round_acts.extend_round(work, organiser(), made.id, until, "letters")
        for number, code in enumerate(several):
            await vote(work, number, code, [1, 2, 3])
    assert made.first_head
    clock.now = until
    async with database.begin() as work:
        await closing.open_and_close_due(work)
    await publish(database.reading, database.begin, tmp_path, made.id)
    files = files_in(tmp_path / made.id)
    assert verify.check(files, [made.first_head])[1] == []
    round_ = json.loads(files["results.json"])["round"]
    assert [one["plan"] for one in round_["corrections"]] == [1]
    assert [one["why"] for one in round_["extensions"]] == ["letters"]
    assert datetime.fromisoformat(round_["closes_at"]) == until


@pytest.mark.parametrize("open_still", [True, False])
async def test_a_vote_that_an_older_version_opened_is_published_and_verified(
    database: Database, clock: Clock, tmp_path: Path, open_still: bool
) -> None:
    async with database.begin() as work:
        made, several = await open_round(work, 20)
        until = made.closes_at + timedelta(days=1)
        await round_acts.extend_round(work, organiser(), made.id, until, "letters")
        for number, code in enumerate(several):
            await vote(work, number, code, [1, 2, 3])
    clock.now = until
    async with database.begin() as work:
        if open_still:
            await round_rows.drop_commitments(work, made.id)
        await closing.open_and_close_due(work)
        if not open_still:
            await round_rows.drop_commitments(work, made.id)
    await publish(database.reading, database.begin, tmp_path, made.id)
    assert verify.check(files_in(tmp_path / made.id))[1] == []


async def test_a_vote_that_cannot_be_counted_holds_up_no_other(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    broken, whole = await voted(database, clock), await voted(database, clock)
    async with database.begin() as work:
        (row, *_) = await round_rows.counted_of(work, broken.id)
        counted = table("counted_ballots")
        await work.run(counted.update().where(counted.c.receipt == row.receipt).values(choices="no list"))
    assert not await publish_all(database.reading, database.begin, tmp_path)
    async with database.reading() as work:
        states = [(await rounds.round_of(work, one.id)).state for one in (broken, whole)]
    assert states == [RoundState.COUNTING, RoundState.PUBLISHED]


async def test_a_closed_vote_is_counted_published_and_recounted(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    made = await voted(database, clock)
    async with database.reading() as work:
        assert await to_publish(work, tmp_path) == [made.id]
        assert await results.result_of(work, made.id) is None
    await publish(database.reading, database.begin, tmp_path, made.id)
    files = files_in(tmp_path / made.id)
    assert check(files)[1] == []
    told = json.loads(files["results.json"])
    # A vote that was changed before its evening leaves nothing; how many of the 3 were in a batch is chance.
    assert told["ballots"]["counted"] == VOTERS
    assert told["ballots"]["replaced"] == told["commitments"]["number"] - 1 - VOTERS <= 3
    async with database.reading() as work:
        assert (await rounds.round_of(work, made.id)).state == RoundState.PUBLISHED
        found = await results.result_of(work, made.id)
        assert await to_publish(work, tmp_path) == []
    assert found is not None
    # 25,000 euros; plans 1, 2 … cost 1,000, 2,000 … euros: all of them fit.
    assert (found.ballots, found.satisfied, found.spent_cents) == (VOTERS, VOTERS, 21_000_00)
    assert [plan.votes for plan in found.plans[:2]] == [22, 22]
    assert len(found.funded) == 6


async def test_a_job_that_ended_before_it_was_done_is_done_again(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    made = await voted(database, clock)
    await publish(database.reading, database.begin, tmp_path, made.id)
    before = files_in(tmp_path / made.id)
    # A restored backup holds no published files.
    shutil.rmtree(tmp_path / made.id)
    async with database.reading() as work:
        assert await to_publish(work, tmp_path) == [made.id]
    # A job was killed while it wrote.
    (tmp_path / f".{made.id}.new").mkdir()
    (tmp_path / f".{made.id}.new" / "ballots.csv").write_text("half")
    await publish(database.reading, database.begin, tmp_path, made.id)
    assert files_in(tmp_path / made.id) == before
    async with database.reading() as work:
        assert (await rounds.round_of(work, made.id)).state == RoundState.PUBLISHED


async def test_where_count_and_recount_differ_nothing_is_published_until_they_agree(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    made = await voted(database, clock)
    counted = table("counted_ballots")
    async with database.begin() as work:
        one = (await rows(work, "counted_ballots"))[0]
        change = counted.update().where(counted.c.receipt == one["receipt"])
        await work.run(change.values(choices="[1, 2, 6]" if one["choices"] != "[1, 2, 6]" else "[1, 2, 5]"))
    await publish(database.reading, database.begin, tmp_path, made.id)
    assert not (tmp_path / made.id).exists()
    async with database.begin() as work:
        found = await rounds.round_of(work, made.id)
        assert (found.state, found.halted) == (RoundState.COUNTING, HaltReason.WRONG_COUNT)
        assert await results.result_of(work, made.id) is None
        await work.run(change.values(choices=one["choices"]))
    await publish(database.reading, database.begin, tmp_path, made.id)
    async with database.reading() as work:
        found = await rounds.round_of(work, made.id)
        assert (found.state, found.halted) == (RoundState.PUBLISHED, None)


async def test_numbers_of_codes_that_do_not_add_up_are_published_for_all_to_see(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    async with database.begin() as work:
        made, several = await open_round(work, 12)
        (batch,) = await codes.batches(work, organiser(), made.id)
        await codes.set_handed_out(work, organiser(), made.id, batch.id, 3)
        for number, code in enumerate(several):
            await vote(work, number, code, [1, 2, 3])
    clock.now = made.closes_at
    async with database.begin() as work:
        await closing.open_and_close_due(work)
    await publish(database.reading, database.begin, tmp_path, made.id)
    assert check(files_in(tmp_path / made.id))[1] == ["more codes were used than were handed out"]


async def test_a_published_folder_with_more_ballots_stays_and_the_round_is_halted(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    made = await voted(database, clock)
    await publish(database.reading, database.begin, tmp_path, made.id)
    before = files_in(tmp_path / made.id)
    async with database.begin() as work:  # an old backup brought the vote back, and one of its ballots is gone
        one = (await rows(work, "counted_ballots"))[0]
        await work.run(table("counted_ballots").delete().where(table("counted_ballots").c.receipt == one["receipt"]))
        await round_rows.change_round(work, made.id, state=RoundState.COUNTING)
    await publish(database.reading, database.begin, tmp_path, made.id)
    assert files_in(tmp_path / made.id) == before
    async with database.reading() as work:
        found = await rounds.round_of(work, made.id)
        assert (found.state, found.halted) == (RoundState.COUNTING, HaltReason.FEWER)
        assert await to_publish(work, tmp_path) == []
        assert await to_publish(work, tmp_path, again=True) == [made.id]
    shutil.move(tmp_path / made.id, tmp_path / "put aside")
    await publish(database.reading, database.begin, tmp_path, made.id)
    async with database.reading() as work:
        found = await rounds.round_of(work, made.id)
        assert (found.state, found.halted) == (RoundState.PUBLISHED, None)


async def test_more_time_stands_on_the_page_of_the_open_vote_and_of_the_result(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    async with database.begin() as work:
        made, _ = await open_round(work, 1)
        until = made.closes_at + timedelta(days=1)
        await round_acts.extend_round(work, organiser(), made.id, until, "letters")
    async with browser(database, tmp_path) as visitor:
        page = (await visitor.get(f"/results/{made.id}/")).text
    assert "De brieven kwamen te laat. Daarom is er meer tijd om te stemmen." in page
    clock.now = until
    async with database.begin() as work:
        await closing.open_and_close_due(work)
    await publish(database.reading, database.begin, tmp_path, made.id)
    files = files_in(tmp_path / made.id)
    assert check(files)[1] == []
    page = files["nl.html"].decode()
    assert "De brieven kwamen te laat. Het einde ging van 28 november 2026 om" in page
    assert json.loads(files["results.json"])["round"]["extensions"][0]["why"] == "letters"


async def test_the_job_runs_in_a_process_of_its_own_and_its_starter_ends_with_it(
    sqlite_url: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, keys = tmp_path / "data", tmp_path / "keys"
    make_keys(keys)
    for name, value in {"DATABASE_URL": sqlite_url, "DATA_DIR": str(data), "KEYS_DIR": str(keys)}.items():
        monkeypatch.setenv(f"{PREFIX}{name}", value)
    async with opened(sqlite_url, read_keys(keys), clock) as database:
        made = await voted(database, clock)
        starter = CountingStarter(database.reading, data / "published")
        running = asyncio.create_task(starter.run())
        async with asyncio.timeout(WAIT):
            while True:
                async with database.reading() as work:
                    if (await rounds.round_of(work, made.id)).state == RoundState.PUBLISHED:
                        break
                await asyncio.sleep(0.05)
        starter.stop()
        async with asyncio.timeout(WAIT):
            await running
    assert check(files_in(data / "published" / made.id))[1] == []


def test_the_job_takes_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["all"]) == 2
    assert "takes no words" in capsys.readouterr().err


def test_what_counts_is_not_loaded_by_the_program_that_listens_and_serves() -> None:
    counts = {"domain.budget.counting", "domain.budget.equal_shares", "services.budget.publishing"}
    told = f"import sys, bot.run; print(sorted({counts} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def browser(database: Database, published: Path | None) -> httpx.AsyncClient:
    """A browser without a session. published: the folder with published votes, if any."""
    outside = Outside(OUTSIDE.bot_name, OUTSIDE.remade, published=published)
    app = make_app(database.begin, secure=False, outside=outside)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console.example")


async def test_everybody_sees_the_chain_while_voting_is_open_and_the_files_afterwards(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    made = await voted(database, clock)
    async with browser(database, tmp_path) as visitor, database.reading() as work:
        head = (await commitments(work, made.id))[-1].link.hex()
        page = await visitor.get(f"/results/{made.id}/", headers={"accept-language": "ar"})
        assert page.status_code == 200
        assert 'dir="rtl"' in page.text
        assert head in page.text
        assert made.tie_seed in page.text, "the seed of the draw is public before anything is counted"
    await publish(database.reading, database.begin, tmp_path, made.id)
    async with browser(database, tmp_path) as visitor:
        answer = await visitor.get(f"/results/{made.id}/", headers={"accept-language": "ar"})
        assert answer.headers["location"] == f"/results/{made.id}/ar.html"
        for name, content in files_in(tmp_path / made.id).items():
            answer = await visitor.get(f"/results/{made.id}/{name}")
            assert (answer.status_code, answer.content) == (200, content)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "set-cookie" not in answer.headers


async def test_what_is_not_public_looks_like_what_is_not_there(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    async with database.begin() as work:
        hidden = await drafted(work, opens_at=work.now + timedelta(days=1))
    (tmp_path / "secret.txt").write_text("no")
    (tmp_path / hidden.id).mkdir()
    (tmp_path / hidden.id / ".lock").write_text("no")
    paths = (
        f"{hidden.id}/", f"{'a' * 26}/", f"{'a' * 26}/nl.html", f"{hidden.id}/nl.html", f"{hidden.id}/.lock",
        f"{hidden.id}/..%2Fsecret.txt", "..%2F/secret.txt", ".%2e/secret.txt", f"{hidden.id}/%2e%2e/secret.txt",
    )  # fmt: skip
    for published in (tmp_path, None):
        async with browser(database, published) as visitor:
            assert {(await visitor.get(f"/results/{path}")).status_code for path in paths} <= {404, 303}
            told = [(await visitor.get(f"/results/{path}", follow_redirects=True)).text for path in paths]
            assert not any(text == "no" for text in told)
