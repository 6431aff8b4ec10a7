"""A handler works through the worklist with pages and forms alone."""

from __future__ import annotations

import re
from html import unescape

from domain.screens import Text
from domain.signals.workflow import GivenFile, Kind, Report
from domain.staff.rights import StaffRole
from handlers.telegram.reaches import reach_of
from services.signals import attachments, reporting
from storage.signals.cases import attachments_of
from tests.handlers.api.office import STORY, Office, send_form

REPORTER = reach_of(4711)
ARABIC = "لم يُسمح لي بدخول المقهى. <b>كودي</b> SNW-7K2M-Q9RX"


async def test_the_worklist_names_no_words_and_leads_to_the_reason(office: Office) -> None:
    signal = await office.report()
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        page = (await browser.get("/signals")).text
        assert f'href="/signals/{signal}"' in page
        assert "Wildeman" in page
        assert "Nieuw" in page
        assert STORY not in page
        asked = (await browser.get(f"/signals/{signal}")).text
        assert re.findall(r'name="reason" value="(\w+)"', asked) == ["handling", "supervision", "request_of_reporter"]
        assert STORY not in asked
        assert STORY in (await browser.get(f"/signals/{signal}?reason=handling")).text
        assert STORY in (await browser.get(f"/signals/{signal}")).text


async def test_one_s_place_in_the_worklist_is_kept_through_a_signal_and_back(office: Office) -> None:
    signal = await office.report()
    here, place = "/signals?kind=discrimination&page=1", signal[:4].upper()
    back = f'<a href="{here.replace("&", "&amp;")}#{place}">Terug naar de meldingen</a>'
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        listed = (await browser.get(here)).text
        assert f'id="{place}"' in listed
        assert f"Nummer {place}" in listed
        (path,) = (unescape(found) for found in re.findall(r'href="(/signals/[^"]+)"', listed))
        asked = (await browser.get(path)).text
        assert back in asked
        came = unescape(re.findall(r'name="from" value="([^"]*)"', asked)[0])
        assert back in (await browser.get(f"/signals/{signal}", params={"reason": "handling", "from": came})).text
        moved = await send_form(browser, path, path.replace("?", "/move?"), to="in_review")
        assert back in (await browser.get(moved.headers["location"])).text
        refused = await send_form(browser, path, path.replace("?", "/answer?"), words=" ", language="nl")
        assert (refused.status_code, back in refused.text) == (422, True)
        foreign = (await browser.get(f"/signals/{signal}", params={"from": "//elsewhere.example/"})).text
        assert "elsewhere" not in re.sub(r'name="back" value="[^"]*"', "", foreign)


async def test_a_move_that_leads_nowhere_else_asks_once(office: Office) -> None:
    signal = await office.report()
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        page = (await browser.get(f"/signals/{signal}?reason=handling")).text
    assert re.findall(r'name="to" value="(\w+)" class="choice"', page) == ["in_review"]
    (asked,) = re.findall(r"<summary>Dubbel</summary>(.+?)</details>", page, re.DOTALL)
    assert "Dit kun je niet terugdraaien." in asked
    assert "Ja, dit wordt: Dubbel" in asked


async def test_filters_that_can_not_be_are_no_filters(office: Office) -> None:
    await office.report()
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        for query in ("?status=x&kind=y&area=z&page=-1", "?page=99999999999", "?kind=%00", "?status="):
            page = await browser.get(f"/signals{query}")
            assert page.status_code == 200
            assert "1 melding" in page.text
        assert "Hier zijn geen meldingen" in (await browser.get("/signals?kind=damp")).text


async def test_a_residents_words_are_shown_as_they_are_in_their_own_direction(office: Office) -> None:
    signal = await office.report(story=ARABIC, language="ar")
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        page = (await browser.get(f"/signals/{signal}?reason=handling")).text
    assert "<b>كودي" not in page
    found = re.findall(r'<p class="words" dir="auto" lang="ar">(.+?)</p>', page)
    assert [unescape(words) for words in found] == [ARABIC]


async def test_an_answer_goes_out_once_even_when_sent_twice(office: Office) -> None:
    signal = await office.report(resident=REPORTER)
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        page = (await browser.get(f"/signals/{signal}?reason=handling")).text
        form = dict(reversed(re.findall(r'name="(csrf|version|once)" value="([^"]*)"', page)))
        for _ in range(2):
            sent = await browser.post(f"/signals/{signal}/answer", data={**form, "words": "Dank je.", "language": "nl"})
            assert sent.headers["location"] == f"/signals/{signal}?done=answered"
        assert "Je antwoord is verstuurd" in (await browser.get(sent.headers["location"])).text
    ((chat, screen),) = await office.told()
    assert (chat, screen.lines) == (REPORTER, (Text("signals.news.title"),))


async def test_another_answer_from_the_same_page_is_kept_in_the_form_and_can_then_be_sent(office: Office) -> None:
    path = f"/signals/{await office.report(resident=REPORTER)}"
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        page = (await browser.get(f"{path}?reason=handling")).text
        form = dict(reversed(re.findall(r'name="(csrf|version|once)" value="([^"]*)"', page)))
        await browser.post(f"{path}/answer", data={**form, "words": "Dank je.", "language": "nl"})
        again = await browser.post(f"{path}/answer", data={**form, "words": "<Teşekkürler>", "language": "tr"})
        assert again.status_code == 409
        assert "Je hebt al een antwoord verstuurd" in again.text
        assert "&lt;Teşekkürler&gt;</textarea>" in again.text
        assert '<option value="tr" lang="tr" selected>' in again.text
        form = dict(reversed(re.findall(r'name="(csrf|version|once)" value="([^"]*)"', again.text)))
        sent = await browser.post(f"{path}/answer", data={**form, "words": "<Teşekkürler>", "language": "tr"})
        assert sent.headers["location"] == f"{path}?done=answered"
    assert len(await office.told()) == 2


async def test_a_standard_reply_and_a_move_need_one_press_each(office: Office) -> None:
    signal = await office.report(resident=REPORTER, language="tr")
    path = f"/signals/{signal}"
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        await browser.get(f"{path}?reason=handling")
        assert (await send_form(browser, path, f"{path}/answer", reply="busy")).status_code == 303
        assert (await send_form(browser, path, f"{path}/move", to="in_review")).status_code == 303
        page = (await browser.get(path)).text
    assert "Bildiriminiz üzerinde" in page
    assert '<p class="state">Wordt gelezen</p>' in page
    assert [chat for chat, _ in await office.told()] == [REPORTER] * 2


async def test_who_is_second_sees_what_changed_and_keeps_what_was_written(office: Office) -> None:
    signal = await office.report()
    path = f"/signals/{signal}"
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        page = (await browser.get(f"{path}?reason=handling")).text
        form = dict(reversed(re.findall(r'name="(csrf|version|once)" value="([^"]*)"', page)))
        await browser.post(f"{path}/move", data={**form, "to": "in_review"})
        late = await browser.post(f"{path}/answer", data={**form, "words": "Mijn <lange> antwoord", "language": "nl"})
        assert late.status_code == 409
        assert "Er is intussen iets veranderd" in late.text
        assert "Mijn &lt;lange&gt; antwoord</textarea>" in late.text
        assert (await browser.post(f"{path}/move", data={**form, "to": "in_review"})).status_code == 409
        assert (await send_form(browser, path, f"{path}/move", to="resolved")).status_code == 409
        assert (await send_form(browser, path, f"{path}/move", to="nowhere")).status_code == 409
        assert (await send_form(browser, path, f"{path}/answer", words=" ", language="nl")).status_code == 422


async def test_who_was_signed_out_meanwhile_gets_back_what_was_written_and_returns_to_the_signal(
    office: Office,
) -> None:
    path = f"/signals/{await office.report()}"
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        await browser.get(f"{path}?reason=handling")
        page = (await browser.get(path)).text
        form = dict(reversed(re.findall(r'name="(csrf|version|once)" value="([^"]*)"', page)))
        office.clock.move(days=2)
        late = await browser.post(f"{path}/answer", data={**form, "words": "Mijn <lange> antwoord", "language": "nl"})
        assert late.status_code == 401
        assert "niet verstuurd" in late.text
        assert "Mijn &lt;lange&gt; antwoord</textarea>" in late.text
        assert f'name="next" value="{path}"' in late.text
        moved = await browser.post(f"{path}/move", data={**form, "to": "in_review"})
        assert moved.headers["location"] == f"/sign-in?next={path}"
        forged = await browser.post(f"{path}/answer", data={"csrf": "x", "words": "Bel 0900-FRAUDE", "language": "nl"})
        assert forged.headers["location"] == f"/sign-in?next={path}"


async def test_what_was_not_asked_is_not_told(office: Office) -> None:
    asked, nuisance = await office.report(), await office.report(kind=Kind.NUISANCE)
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        assert "Wil hulp" in (await browser.get(f"/signals/{asked}?reason=handling")).text
        page = (await browser.get(f"/signals/{nuisance}?reason=handling")).text
        assert "Wil hulp" not in page
        assert "De melder is" not in page


async def test_codes_are_ticked_and_kept(office: Office) -> None:
    signal = await office.report()
    nuisance = await office.report(kind=Kind.NUISANCE)
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        for path in (f"/signals/{signal}", f"/signals/{nuisance}"):
            await browser.get(f"{path}?reason=handling")
        path = f"/signals/{signal}"
        assert (await send_form(browser, path, f"{path}/codes", grounds="godsdienst")).status_code == 303
        assert 'value="godsdienst" checked' in (await browser.get(path)).text
        assert (await send_form(browser, path, f"{path}/codes", grounds="faith")).status_code == 422
        path = f"/signals/{nuisance}"
        assert (await send_form(browser, path, f"{path}/codes", group="afval")).status_code == 303
        assert '<option value="afval" selected' in (await browser.get(path)).text


async def test_a_photo_is_shown_to_who_opened_the_signal_today(office: Office) -> None:
    signal = await office.report(resident=REPORTER)
    async with office.database.begin() as work:
        await reporting.add(work, REPORTER, signal, "", (GivenFile("photo", "file"), GivenFile("voice", "file", 12)))
        for one in await attachments_of(work, signal):
            media_type = "image/jpeg" if one.kind == "photo" else "text/html"
            await attachments.keep(work, one.id, attachments.StoredFile(media_type, b"content"))
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        page = (await browser.get(f"/signals/{signal}?reason=handling")).text
        photo = re.findall(r'<img class="photo"[^>]+src="([^"]+)"', page)[0]
        voice = re.findall(r'<audio [^>]+src="([^"]+)"', page)[0]
        assert "Spraakbericht, 0:12</p>" in page
        shown = await browser.get(photo)
        assert (shown.content, shown.headers["content-type"]) == (b"content", "image/jpeg")
        assert (await browser.get(voice)).headers["content-type"] == "application/octet-stream"
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        assert (await browser.get(photo)).status_code == 403


async def test_a_cut_line_and_a_withdrawal_are_told(office: Office) -> None:
    cut, withdrawn = await office.report(resident=REPORTER), await office.report(resident=REPORTER)
    async with office.database.begin() as work:
        await reporting.withdraw(work, REPORTER, withdrawn)
        await reporting.cut_line(work, REPORTER, cut)
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        assert "krijgt geen bericht meer" in (await browser.get(f"/signals/{cut}?reason=handling")).text
        page = (await browser.get(f"/signals/{withdrawn}?reason=handling")).text
        assert "Ingetrokken" in page
        assert "<textarea" not in page
        path = f"/signals/{withdrawn}"
        assert (await send_form(browser, path, f"{path}/answer", words="Hallo", language="nl")).status_code == 409


async def test_a_day_is_told_as_a_day_and_own_words_as_they_are(office: Office) -> None:
    shown = []
    for when in ("2026-11-20", "<vorige week>"):
        async with office.database.begin() as work:
            report = Report(Kind.NUISANCE, STORY, "nl", when=when)
            signal = (await reporting.report(work, REPORTER, report)).signal_id
        async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
            page = (await browser.get(f"/signals/{signal}?reason=handling")).text
        shown += re.findall(r'<dt>Wanneer</dt><dd dir="auto">(.+?)</dd>', page)
    assert shown == ["20 november 2026", "&lt;vorige week&gt;"]
