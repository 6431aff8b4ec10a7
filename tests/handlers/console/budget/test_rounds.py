"""An organiser makes a round with pages and forms alone: texts, plans, photos, codes, until the vote opens."""

from __future__ import annotations

import asyncio
import csv
import html
import io
import re
from typing import Any

import httpx
import pytest
from PIL import Image

from domain.budget.ballot_codes import read_code
from domain.staff.rights import StaffRole
from services.budget import codes
from services.budget.plans import photo, plans
from services.budget.rounds import round_of
from storage.budget.rounds import change_round
from tests.handlers.api.office import BOT, BUURT, FOREIGN_BUURT, Office, send_form

ROUND = {
    "title_nl": "Buurtbudget Osdorp", "title_ar": "ميزانية أوسدورب", "languages": ["nl", "ar"], "areas": BUURT,
    "amount_cents": "25.000,50", "choose_min": "3", "choose_max": "5", "rule": "most-votes-stop",
    "opens_at": "2026-12-01T09:00", "closes_at": "2026-12-21T22:00",
}  # fmt: skip
TABLE = (
    "title_nl;title_en;story_nl;place;cost\nBankjes;Benches;Zitten in de zon;Osdorpplein;12.500\nBomen;Trees;;;7.500,50"
)


async def organiser(office: Office, **mandate: Any) -> httpx.AsyncClient:
    return office.browser(await office.session(StaffRole.ORGANISER, **mandate))


async def send(
    browser: httpx.AsyncClient, page: str, action: str, fields: dict[str, Any], **files: Any
) -> httpx.Response:
    """Send one of a page's forms with a file, or with a field that has several values."""
    held = held_by((await browser.get(page)).text)
    return await browser.post(action, data={**held, **fields}, files=files or None)


def held_by(page: str) -> dict[str, str]:
    """What a form of a page holds that nobody sees."""
    return dict(re.findall(r'name="(csrf|version|once)" value="([^"]*)"', page))


def picture(**exif: str) -> bytes:
    image, out = Image.new("RGB", (40, 30), "teal"), io.BytesIO()
    data = Image.Exif()
    data[0x010E] = "made at 52.36, 4.78"
    image.save(out, "JPEG", exif=data)
    return out.getvalue()


async def test_a_round_is_made_changed_and_shown(office: Office) -> None:
    async with await organiser(office) as browser:
        made = await send(browser, "/rounds/new", "/rounds/new", ROUND)
        assert made.status_code == 303, made.text
        path = made.headers["location"].partition("?")[0]
        page = (await browser.get(made.headers["location"])).text
        assert "De ronde is gemaakt" in page
        assert "€\u00a025.000,50" in page
        assert "1 december 2026 om 09:00" in page
        form = (await browser.get(f"{path}/change")).text
        assert 'value="25000,50"' in form
        assert 'value="2026-12-01T09:00"' in form
        assert f'name="areas" value="{BUURT}" checked' in form
        changed = await send(
            browser, f"{path}/change", f"{path}/change", {**ROUND, "gebied": "Osdorp", "amount_cents": "30000"}
        )
        assert changed.headers["location"] == f"{path}?done=changed"
        listed = (await browser.get("/rounds")).text
        assert "Buurtbudget Osdorp" in listed
        assert "Osdorp</bdi> · €\u00a030.000" in listed, "a gebied that is whole is called by its name"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"title_nl": " ", "title_ar": ""}, "Vul in minstens één taal een naam in"),
        ({"areas": "FZ99"}, "Kies minstens één gebied"),
        ({"amount_cents": "veel"}, "Het bedrag klopt niet"),
        ({"choose_min": "6"}, "Het aantal plannen om te kiezen klopt niet"),
        ({"rule": "dice"}, "Kies hoe we tellen"),
        ({"title_nl": "x" * 121}, "Gebruik hoogstens 120 tekens"),
        ({"title_nl": "\u200b", "title_ar": ""}, "Vul in minstens één taal een naam in"),
        ({"opens_at": "2027-03-28T02:30"}, "Dat uur bestaat niet"),
        ({"opens_at": "straks"}, "Vul een dag en een tijd in"),
        ({"opens_at": "2026-01-01T09:00", "closes_at": "2026-02-01T09:00"}, "Het einde is al voorbij"),
        ({"opens_at": "0001-01-01T00:00"}, "Het begin klopt niet"),
        ({"opens_at": "2036-01-01T00:00", "closes_at": "2036-02-01T00:00"}, "Het begin klopt niet"),
        ({"closes_at": "2026-12-01T08:00"}, "Het einde moet na het begin zijn"),
        ({"closes_at": "9999-12-31T23:30"}, "Het einde moet na het begin zijn"),
        ({"amount_cents": "1" + ".000" * 2000}, "Het bedrag klopt niet"),
        ({"languages": "xx"}, "Kies minstens één taal"),
    ],
)
async def test_a_mistake_is_named_and_what_was_filled_in_is_kept(
    office: Office, wrong: dict[str, str], says: str
) -> None:
    async with await organiser(office) as browser:
        answer = await send(browser, "/rounds/new", "/rounds/new", {**ROUND, **wrong})
        assert answer.status_code == 422
        assert says in answer.text
        assert "<title>Fout: Nieuwe ronde" in answer.text
        (place,) = re.findall(r'<a href="#(field-\w+)">', answer.text)
        assert re.findall(r'id="([\w-]+)" aria-invalid="true" aria-describedby="problem', answer.text) == [place]
        assert f'value="{({**ROUND, **wrong})["amount_cents"]}"' in answer.text
        assert "Er zijn nog geen rondes" in (await browser.get("/rounds")).text


async def test_an_hour_that_the_clocks_show_twice_is_the_first_of_both(office: Office) -> None:
    fields = {**ROUND, "opens_at": "2027-10-31T02:30", "closes_at": "2027-11-30T22:00"}
    async with await organiser(office) as browser:
        made = await send(browser, "/rounds/new", "/rounds/new", fields)
    async with office.database.begin() as work:
        found = await round_of(work, made.headers["location"].split("/")[2].partition("?")[0])
    assert found.opens_at.isoformat() == "2027-10-31T00:30:00+00:00"
    async with await organiser(office) as browser:
        assert "dit uur komt twee keer" in (await browser.get(f"/rounds/{found.id}")).text
        other = (await office.round()).id
        assert "dit uur komt twee keer" not in (await browser.get(f"/rounds/{other}")).text


async def test_a_plan_gets_texts_a_clean_photo_and_goes_again(office: Office) -> None:
    path = f"/rounds/{(await office.round()).id}"
    new = f"{path}/plans/new"
    fields = {"title_nl": "Bankjes", "story_ar": "مقاعد <b>", "place": "Osdorpplein", "cost_cents": "12500"}
    async with await organiser(office) as browser:
        wrong = await send(browser, new, new, fields, photo=("x.jpg", b"no photo", "image/jpeg"))
        assert wrong.status_code == 422
        assert "geen foto die we kunnen gebruiken" in wrong.text
        assert "مقاعد &lt;b&gt;</textarea>" in wrong.text
        added = await send(browser, new, new, fields, photo=("x.jpg", picture(), "image/jpeg"))
        assert added.headers["location"] == f"{path}?done=plan"
        page = (await browser.get(path)).text
        assert "Nog geen tekst in:" in page
        (plan,) = re.findall(rf'href="({path}/plans/[a-z2-7]{{26}})"', page)
        shown = await browser.get(f"{plan}/photo")
        assert (shown.headers["content-type"], b"52.36" in shown.content) == ("image/jpeg", False)
        kept = await send(browser, plan, plan, {**fields, "title_nl": "Bankjes en bomen"}, photo=("", b"", ""))
        assert kept.status_code == 303
        assert (await browser.get(f"{plan}/photo")).content == shown.content
        await send(browser, plan, plan, {**fields, "drop_photo": "yes"})
        assert (await browser.get(f"{plan}/photo")).status_code == 404
        gone = await send_form(browser, plan, f"{plan}/remove")
        assert gone.headers["location"] == f"{path}?done=removed"
        assert (await browser.get(plan)).status_code == 404


async def test_a_form_sent_twice_makes_one_round_and_a_corrected_one_is_asked_about(office: Office) -> None:
    async with await organiser(office) as browser:
        held = held_by((await browser.get("/rounds/new")).text)
        first, again = [await browser.post("/rounds/new", data={**held, **ROUND}) for _ in range(2)]
        assert first.headers["location"] == again.headers["location"]
        path = first.headers["location"].partition("?")[0]
        other = await browser.post("/rounds/new", data={**held, **ROUND, "amount_cents": "30000"})
        assert (other.status_code, "Je hebt dit al een keer opgeslagen" in other.text) == (409, True)
        assert f'<a href="{path}" target="_blank" rel="noopener">Bekijk wat er al staat' in other.text
        assert 'value="30000"' in other.text
        second = await browser.post("/rounds/new", data={**held_by(other.text), **ROUND, "amount_cents": "30000"})
        assert second.status_code == 303
        assert (await browser.get("/rounds")).text.count('class="what"') == 2


async def test_a_plan_or_file_sent_twice_is_there_once_and_a_corrected_one_is_asked_about(office: Office) -> None:
    path = f"/rounds/{(await office.round()).id}"
    new = f"{path}/plans/new"
    fields = {"title_nl": "Hekken", "cost_cents": "12500"}
    async with await organiser(office) as browser:
        held = held_by((await browser.get(new)).text)
        for _ in range(2):
            photo = {"photo": ("x.jpg", picture(), "image/jpeg")}
            assert (await browser.post(new, data={**held, **fields}, files=photo)).status_code == 303
        (plan,) = re.findall(rf'href="({path}/plans/[a-z2-7]{{26}})"', (await browser.get(path)).text)
        other = await browser.post(new, data={**held, **fields, "title_nl": "Bomen"})
        assert (other.status_code, 'value="Bomen"' in other.text) == (409, True)
        assert f'<a href="{plan}" target="_blank" rel="noopener">Bekijk wat er al staat' in other.text
        held = held_by((await browser.get(path)).text)
        for _ in range(2):
            table = {"csv": ("x.csv", TABLE.encode(), "text/csv")}
            assert (await browser.post(f"{path}/plans/import", data=held, files=table)).status_code == 303
        table = {"csv": ("x.csv", f"{TABLE}\nGras;;;;1".encode(), "text/csv")}
        other = await browser.post(f"{path}/plans/import", data=held, files=table)
        assert (other.status_code, "al een bestand gebruikt" in other.text) == (409, True)
        assert other.text.count("<li value=") == 3


async def test_who_is_second_sees_what_was_typed_and_overwrites_only_knowingly(office: Office) -> None:
    path = f"/rounds/{(await office.round(plans=1)).id}"
    async with await organiser(office) as browser:
        (plan,) = re.findall(rf'href="({path}/plans/[a-z2-7]{{26}})"', (await browser.get(path)).text)
        bench = {"title_nl": "Bankjes", "cost_cents": "12500"}
        for form, there, fields in ((f"{path}/change", path, ROUND), (plan, plan, bench)):
            held = held_by((await browser.get(form)).text)
            assert (await browser.post(form, data={**held, **fields, "title_ar": "First"})).status_code == 303
            late = await browser.post(form, data={**held, **fields, "title_ar": "Second"})
            assert (late.status_code, "Er is intussen iets veranderd" in late.text) == (409, True)
            assert 'value="Second"' in late.text
            assert f'\n<a href="{there}" target="_blank" rel="noopener">' in late.text
            assert 'value="First"' in (await browser.get(form)).text
            wrong = await browser.post(form, data={**held, **fields, "amount_cents": "x", "cost_cents": "x"})
            assert held_by(wrong.text) == held, "a mistake does not make an old page a new one"
            assert (await browser.post(form, data={**held_by(late.text), **fields})).status_code == 303


async def test_a_large_photo_is_taken_and_a_larger_file_is_not(office: Office) -> None:
    found = await office.round()
    new = f"/rounds/{found.id}/plans/new"
    image, out = Image.effect_noise((2600, 2600), 200), io.BytesIO()
    image.save(out, "PNG")
    assert 1_000_000 < len(out.getvalue()) < 10_000_000
    fields = {"title_nl": "Bankjes", "cost_cents": "12500"}
    async with await organiser(office) as browser:
        assert (await send(browser, new, new, fields, photo=("x.png", out.getvalue(), "image/png"))).status_code == 303
        assert (
            await send(browser, new, new, fields, photo=("x.png", b"x" * 11_000_000, "image/png"))
        ).status_code == 413
    async with office.database.begin() as work:
        (plan,) = await plans(work, found.id)
        kept = await photo(work, plan.id)
    assert kept is not None
    assert Image.open(io.BytesIO(kept)).size == (2048, 2048)


async def test_a_table_adds_all_plans_or_names_the_line_that_is_wrong(office: Office) -> None:
    path = f"/rounds/{(await office.round()).id}"
    action = f"{path}/plans/import"
    async with await organiser(office) as browser:
        added = await send(browser, path, action, {}, csv=("plannen.csv", TABLE.encode("utf-8-sig"), "text/csv"))
        assert added.headers["location"] == f"{path}?done=imported"
        page = (await browser.get(path)).text
        assert "€\u00a012.500" in page
        assert "12.500,00" not in page
        assert "€\u00a07.500,50" in page
        wrong = await send(browser, path, action, {}, csv=("x.csv", f"{TABLE}\nGeen;;;;gratis".encode(), "text/csv"))
        assert wrong.status_code == 409
        assert "Regel 4: De kosten kloppen niet." in wrong.text
        assert "Er is niets opgeslagen." in wrong.text
        late = await send(browser, path, action, {}, csv=("x.csv", f"{TABLE}\nNiets;;;;0".encode(), "text/csv"))
        assert "Regel 4: De kosten kloppen niet." in late.text, "a row that only the rules refuse"
        for content, says in (
            ("title_nl;cost\nCafé;1".encode("latin-1"), "Kies in Excel bij opslaan voor CSV UTF-8."),
            (b"\xff\xfex", "niet te lezen"),
            (b"", "Kies eerst een bestand"),
            (b"title_nl,cost\n", "Er staan geen plannen in het bestand."),
            (b"<b>\ny", "Regel 1: De kolom “&lt;b&gt;” kennen we niet."),
        ):
            refused = await send(browser, path, action, {}, csv=("x.csv", content, "text/csv"))
            assert says in refused.text
            assert "<details open>" in refused.text
            assert 'id="field-csv" aria-invalid="true"' in refused.text
        assert (await browser.get(path)).text.count("<li value=") == 2


async def test_a_table_may_be_what_excel_calls_unicode_text(office: Office) -> None:
    path = f"/rounds/{(await office.round()).id}"
    table = "title_nl\ttitle_ar\tcost\r\nCafé\tمقهى\t1.250,50\r\n".encode("utf-16")
    async with await organiser(office) as browser:
        await send(browser, path, f"{path}/plans/import", {}, csv=("plannen.txt", table, "text/plain"))
        page = (await browser.get(path)).text
        assert "Café" in page
        assert "€\u00a01.250,50" in page


async def test_a_plan_dearer_than_all_there_is_is_named_and_keeps_the_vote_shut(office: Office) -> None:
    path = f"/rounds/{(await office.round(plans=2)).id}"
    async with await organiser(office) as browser:
        table = b"title_nl,cost\nZwembad,25000.01\nPlein,25000"
        await send(browser, path, f"{path}/plans/import", {}, csv=("x.csv", table, "text/csv"))
        page = (await browser.get(path)).text
        assert page.count("Kost meer dan er is") == 1
        await send_form(browser, path, f"{path}/codes", count="1", code_class="resident", form="csv")
        refused = await send_form(browser, f"{path}/confirm?what=voting", f"{path}/move", to="voting")
        assert (refused.status_code, "Er is niet genoeg geld voor plan 3." in refused.text) == (409, True)


async def test_what_a_table_would_double_is_shown_first_and_only_what_is_new_is_added(office: Office) -> None:
    path = f"/rounds/{(await office.round()).id}"
    action = f"{path}/plans/import"

    async def upload(table: str) -> httpx.Response:
        return await send(browser, path, action, {}, csv=("plannen.csv", table.encode(), "text/csv"))

    async def confirm(page: str) -> httpx.Response:
        fields = re.findall(r'name="(csrf|once|seen|table)" value="([^"]*)"', page)
        held = {name: html.unescape(value) for name, value in reversed(fields)}
        return await browser.post(action, data=held, files={"csv": ("", b"", "")})

    async with await organiser(office) as browser:
        assert (await upload(TABLE)).status_code == 303
        again = await upload(TABLE)
        assert (again.status_code, "Er is niets te doen" in again.text, "<button>Sla dit op" in again.text) == (
            409, True, False,
        )  # fmt: skip
        asked = await upload(f'{TABLE.replace("7.500,50", "8.000")}\nGras "x";;"A\nB";;1')
        for kind, rows in (("new", 1), ("changed", 1), ("same", 1)):
            assert f'data-rows="{kind}">{rows}<' in asked.text
        assert "€\u00a07.500,50" in asked.text
        assert "€\u00a08.000" in asked.text
        assert (await browser.get(path)).text.count("<li value=") == 2, "nothing before it was confirmed"
        assert (await confirm(asked.text)).status_code == 303
        page = (await browser.get(path)).text
        assert (page.count("<li value="), "€\u00a08.000" in page) == (3, True)
        late = await confirm(asked.text.replace('name="once"', 'name="other"'))
        assert (late.status_code, "Er is niets te doen" in late.text) == (409, True), "what was seen is not so any more"
        assert (await browser.get(path)).text.count("<li value=") == 3


async def test_codes_made_on_another_visit_are_asked_about(office: Office) -> None:
    path = f"/rounds/{(await office.round()).id}"
    wanted = {"count": "3", "code_class": "resident", "form": "csv"}
    async with await organiser(office) as browser:
        assert (await send_form(browser, path, f"{path}/codes", **wanted)).status_code == 200
        asked = await send_form(browser, path, f"{path}/codes", **wanted)
        assert (asked.status_code, "Er zijn al codes" in asked.text) == (409, True)
        business = await send_form(browser, path, f"{path}/codes", **wanted | {"code_class": "business"})
        assert business.status_code == 200, "those are others"
        fields = dict(re.findall(r'name="(csrf|count|code_class|form|seen)" value="([^"]*)"', asked.text))
        assert (await browser.post(f"{path}/codes", data=fields)).status_code == 200
        assert (await browser.post(f"{path}/codes", data=fields)).status_code == 409, "there are 6 now"
        assert '<dt>Gemaakt</dt><dd dir="auto">9</dd>' in (await browser.get(path)).text


async def test_a_button_pressed_twice_makes_codes_once(office: Office) -> None:
    path = f"/rounds/{(await office.round()).id}"
    async with await organiser(office) as browser:
        form = {**held_by((await browser.get(path)).text), "count": "2100", "code_class": "resident", "form": "csv"}
        both = await asyncio.gather(*(browser.post(f"{path}/codes", data=form) for _ in range(2)))
        assert sorted(one.status_code for one in both) == [200, 409]
        made, asked = sorted(both, key=lambda one: one.status_code)
        assert "kwam er geen bestand" in asked.text
        assert len(made.content) == int(made.headers["content-length"])
        assert len({row["code"] for row in csv.DictReader(io.StringIO(made.text))}) == 2100
        page = (await browser.get(path)).text
        assert "<li>21 november 2026, Bewoners: 2.100 codes gemaakt · Uitgedeeld: 2100</li>" in page
        assert "codes gemaakt" in asked.text


async def test_codes_come_once_as_a_table_and_open_the_bot(office: Office) -> None:
    found = await office.round()
    path = f"/rounds/{found.id}"
    async with await organiser(office) as browser:
        made = await send_form(browser, path, f"{path}/codes", count="20", code_class="resident", form="csv")
        assert made.headers["content-disposition"] == 'attachment; filename="codes.csv"'
        assert made.headers["cache-control"] == "no-store"
        rows = list(csv.DictReader(io.StringIO(made.text)))
        assert len({read_code(row["code"]) for row in rows} - {None}) == 20
        assert all(row["link"] == f"https://t.me/{BOT}?start=vote-{read_code(row['code'])}" for row in rows)
        page = (await browser.get(path)).text
        assert "20 codes gemaakt" in page
        assert rows[0]["code"] not in page
        for count in ("0", "-1", "x", "9" * 6, "1001"):
            refused = await send_form(
                browser, path, f"{path}/codes", count=count, code_class="resident", form="letters"
            )
            assert (refused.status_code, "Kies een getal van 1 tot en met 1.000." in refused.text) == (409, True)
        batch = re.findall(r'name="batch" value="(\w+)"', page)[0]
        await send_form(browser, path, f"{path}/codes/handed-out", batch=batch, count="12")
        assert '<dt>Uitgedeeld</dt><dd dir="auto">12</dd>' in (await browser.get(path)).text
        many = await send_form(browser, path, f"{path}/codes/handed-out", batch=batch, count="21")
        assert (many.status_code, "Kies een getal van 0 tot en met 20." in many.text) == (409, True)
        async with office.database.begin() as work:
            await change_round(work, found.id, state="counting")
        late = await send_form(browser, path, f"{path}/codes/handed-out", batch=batch, count="11")
        assert (late.status_code, "Codes veranderen niet meer" in late.text) == (409, True)
        assert 'name="batch"' not in late.text


async def test_a_lost_code_is_blocked_and_replaced(office: Office) -> None:
    found = await office.round()
    path = f"/rounds/{found.id}"
    async with await organiser(office) as browser:
        made = await send_form(browser, path, f"{path}/codes", count="2", code_class="business", form="csv")
        lost, other = (row["code"] for row in csv.DictReader(io.StringIO(made.text)))
        blocked = await send_form(browser, path, f"{path}/codes/block", code=lost.lower(), replace="yes")
        (fresh,) = re.findall(r'<code dir="ltr">([0-9A-Z-]{16})</code>', blocked.text)
        assert read_code(fresh)
        assert fresh not in (await browser.get(path)).text
        assert "niet bij deze ronde" in (await send_form(browser, path, f"{path}/codes/block", code=lost)).text
        await send_form(browser, path, f"{path}/codes/block", code=other)
    async with office.database.begin() as work:
        counts = await codes.code_counts(work, found.id)
    assert (counts.made, counts.blocked) == (3, 2)


async def test_the_vote_opens_when_it_is_ready_and_then_nothing_changes(office: Office) -> None:
    found = await office.round(plans=3)
    path = f"/rounds/{found.id}"
    async with await organiser(office) as browser:
        plan = re.findall(rf'href="({path}/plans/[a-z2-7]{{26}})"', (await browser.get(path)).text)[0]
        refused = await send_form(browser, f"{path}/confirm?what=voting", f"{path}/move", to="voting")
        assert "Maak eerst codes" in refused.text
        await send_form(browser, path, f"{path}/codes", count="1", code_class="resident", form="csv")
        assert (await send_form(browser, path, f"{path}/move", to="published")).status_code == 409
        opened = await send_form(browser, f"{path}/confirm?what=voting", f"{path}/move", to="voting")
        assert opened.headers["location"] == f"{path}?done=moved"
        page = (await browser.get(path)).text
        assert "Stemmen is open" in page
        assert "in stappen van 10" in page
        assert "/plans/new" not in page
        assert f"{path}/change" not in page
        for action in (f"{path}/change", plan, f"{path}/plans/new"):
            for cents in ("1", "veel"):
                late = await send(browser, path, action, {**ROUND, "cost_cents": cents, "amount_cents": cents})
                assert (late.status_code, "verandert niet meer" in late.text) == (409, True), action
            if action == plan:
                continue  # its words can still be corrected
            shown = await browser.get(action)
            assert (shown.status_code, "verandert niet meer" in shown.text) == (409, True), action
        assert "verandert niet meer" in (await send_form(browser, path, f"{plan}/remove")).text


async def test_the_words_of_a_plan_are_corrected_while_voting_is_open_and_everybody_sees_it(office: Office) -> None:
    found = await office.round(plans=3)
    path = f"/rounds/{found.id}"
    words = {"title_nl": "Plan 1", "place": "Osdorpplein"}
    async with await organiser(office) as browser:
        await send_form(browser, path, f"{path}/codes", count="1", code_class="resident", form="csv")
        plan = re.findall(rf'href="({path}/plans/[a-z2-7]{{26}})"', (await browser.get(path)).text)[0]
        early = await send_form(browser, plan, f"{plan}/correct", **words, title_tr="1. plan", why="translation")
        assert early.status_code == 409
        await send_form(browser, f"{path}/confirm?what=voting", f"{path}/move", to="voting")
        form = (await browser.get(plan)).text
        assert 'name="cost_cents"' not in form
        assert 'type="file"' not in form
        for wrong, why in (
            (words, "Er is niets veranderd"), ({**words, "title_nl": "Plan 7", "why": "translation"}, "Kies waarom"),
            ({"title_nl": "", "title_tr": "1. plan"}, "mag niet weg"), ({**words, "title_tr": "a", "why": "x"}, "Kies"),
        ):  # fmt: skip
            refused = await send_form(browser, plan, f"{plan}/correct", **{"why": "typo", **wrong})
            assert (refused.status_code, why in refused.text) == (422, True), wrong
        sent = {**words, "title_tr": "1. plan", "why": "translation"}
        done = await send_form(browser, plan, f"{plan}/correct", **sent)
        assert done.headers["location"] == f"{path}?done=corrected"
        async with office.database.reading() as work:
            first, *_ = await plans(work, found.id)
            head = (await round_of(work, found.id)).first_head
        assert (first.title, first.cost_cents) == ({"nl": "Plan 1", "tr": "1. plan"}, 1_000_000)
        assert str(head) in (await browser.get(path)).text
        stale = await browser.post(f"{plan}/correct", data={**held_by(form), **sent, "title_tr": "Plan 1"})
        assert stale.status_code == 409
    async with office.browser() as visitor:
        page = (await visitor.get(f"/results/{found.id}/", headers={"accept-language": "nl"})).text
    assert str(head) in page
    assert "Er kwam een vertaling bij" in page


async def test_an_open_vote_gets_more_time_and_never_less(office: Office) -> None:
    found = await office.round(plans=3)
    path = f"/rounds/{found.id}"
    async with await organiser(office) as browser:
        later = {"closes_at": "2026-12-27T22:00", "why": "letters"}
        assert "alleen als het stemmen open is" in (await send_form(browser, path, f"{path}/extend", **later)).text
        await send_form(browser, path, f"{path}/codes", count="1", code_class="resident", form="csv")
        await send_form(browser, f"{path}/confirm?what=voting", f"{path}/move", to="voting")
        for wrong, says in (
            ({"closes_at": "2026-12-01T22:00"}, "moet later zijn"),
            ({"closes_at": "soon"}, "Vul een dag en een tijd in"),
            ({"closes_at": "2027-03-28T02:30"}, "Dat uur bestaat niet"),
            ({"closes_at": "9999-12-31T23:30"}, "moet later zijn"),
            ({"why": "lost"}, "Kies een reden"),
            ({"why": ""}, "Kies een reden"),
        ):
            refused = await send_form(browser, path, f"{path}/extend", **{**later, **wrong})
            assert (refused.status_code, says in refused.text) == (409, True)
            assert f'type="datetime-local" value="{({**later, **wrong})["closes_at"]}"' in refused.text
            assert ('value="letters" required checked' in refused.text) == ("why" not in wrong)
        asked = await send_form(browser, path, f"{path}/extend", **later)
        assert (asked.status_code, "Iedereen met een code kan langer stemmen" in asked.text) == (409, True)
        assert "De brieven kwamen te laat. Daarom is er meer tijd" in asked.text, "what voters will read"
        assert "→" not in (await browser.get(path)).text, "nothing before it was confirmed"
        held = re.findall(r'name="(csrf|closes_at|why|version|seen)" value="([^"]*)"', asked.text)
        done = await browser.post(f"{path}/extend", data=dict(held))
        assert done.headers["location"] == f"{path}?done=extended"
        page = (await browser.get(path)).text
        assert "→ 27 december 2026 om 22:00. De brieven kwamen te laat." in page


async def test_no_round_of_other_areas_is_seen_or_touched(office: Office) -> None:
    foreign = await office.round(areas=(FOREIGN_BUURT,))
    async with await organiser(office, areas=["Osdorp"]) as browser:
        assert "Er zijn nog geen rondes" in (await browser.get("/rounds")).text
        pages = {(await browser.get(path)).text for path in (f"/rounds/{foreign.id}", f"/rounds/{'a' * 26}")}
        assert len({re.sub(r"/rounds/\w+", "", page) for page in pages}) == 1
        made = await send(browser, "/rounds/new", "/rounds/new", {**ROUND, "areas": FOREIGN_BUURT})
        assert made.status_code == 404
