"""A guest's way: the list, a poster, how many people, the line, the map, the calendar, and no longer coming."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from domain.staff.rights import StaffRole
from domain.wall_clock import TIMEZONE
from handlers.chat.links import DeepLink, link_of
from services.meetings import planning
from tests.handlers.chat.phones import Bench, Phone
from tests.lives import somebody_of_the_staff
from tests.services.meetings.test_planning import PLAN


async def planned(bench: Bench, **other: object) -> str:
    """A published meeting; its id."""
    async with bench.database.begin() as work:
        staff = await somebody_of_the_staff(work, StaffRole.ORGANISER)
        meeting_id = await planning.plan(work, staff, replace(PLAN, **other))  # type: ignore[arg-type]
        await planning.publish(work, staff, meeting_id, 1)
    return meeting_id


async def guest(bench: Bench, number: int) -> Phone:
    """A resident past the first contact."""
    phone = bench.phone(number)
    await phone.arrives()
    return phone


async def test_the_list_leads_to_a_meeting_and_to_a_place_there(bench: Bench, phone: Phone) -> None:
    await planned(bench)
    await phone.arrives()
    await phone.taps("Bijeenkomsten")
    assert "28 november 2026 om 14:00" in phone.last.text
    await phone.taps("Open huis")
    assert "Er zijn nog 8 plekken." in phone.last.text
    assert "De Honingraat, Osdorpplein 1" in phone.last.text
    await phone.taps("1. Ik kom")
    await phone.says("3")
    assert "met 3 mensen" in phone.last.text
    assert "van tevoren een bericht" in phone.last.text
    await phone.taps("Ander aantal")
    await phone.taps("alleen")
    assert "Je komt alleen." in phone.last.text
    await phone.taps("Ik kom niet meer")
    assert "niet meer op de lijst" in phone.last.text
    await phone.says("/agenda")
    await phone.says("1")
    assert "Er zijn nog 8 plekken." in phone.last.text


async def test_nothing_planned_is_said_so_and_the_list_turns_its_pages(bench: Bench, phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/ajanda")
    assert "geen bijeenkomsten" in phone.last.text
    for days in range(6):
        await planned(bench, starts=PLAN.starts + timedelta(days=days), ends=PLAN.ends + timedelta(days=days))
    await phone.says("/agenda")
    assert phone.last.text.count("De Honingraat") == 4
    await phone.taps("Meer")
    assert phone.last.text.count("De Honingraat") == 2
    await phone.taps("Meer")
    assert phone.last.text.count("De Honingraat") == 4


@pytest.mark.parametrize("payload", ["meet-{}", "tr-meet-{}", "meet_{}"])
async def test_a_poster_opens_the_meeting_after_the_first_contact(bench: Bench, phone: Phone, payload: str) -> None:
    meeting_id = await planned(bench)
    await phone.says(f"/start {payload.format(meeting_id)}")
    if not payload.startswith("tr"):
        await phone.taps("Türkçe")
    await phone.presses("g:accept:", phone.last.id)
    assert "Açık ev" in phone.last.text
    assert "8 yer kaldı" in phone.last.text


def test_a_poster_s_link_has_at_most_64_characters_and_names_its_meeting() -> None:
    payload = f"tr-FA08-meet-{'a' * 26}"
    assert link_of(payload) == DeepLink("tr", "FA08", "meeting", "a" * 26)
    assert len(payload) <= 64
    assert link_of("meet-nonsense") == DeepLink(None, None, "meeting", "")


async def test_an_unknown_meeting_and_a_draft_answer_alike_and_kindly(bench: Bench, phone: Phone) -> None:
    async with bench.database.begin() as work:
        staff = await somebody_of_the_staff(work, StaffRole.ORGANISER)
        draft = await planning.plan(work, staff, PLAN)
    await phone.arrives()
    said = set()
    for meeting_id in (draft, "a" * 26, ""):
        await phone.says(f"/start meet-{meeting_id}")
        said.add(phone.last.text)
        for deed in ("meeting", "come", "venue", "calendar"):
            await phone.presses(f"g:{deed}:{meeting_id}", phone.last.id)
            said.add(phone.last.text)
    assert said == {"Deze bijeenkomst vind ik niet. Kijk bij alle bijeenkomsten."}
    await phone.presses(f"g:stay_away:{draft}", phone.last.id)
    assert "niets bewaard" in phone.last.text


async def test_when_it_is_full_the_rest_waits_in_line_and_moves_up(bench: Bench) -> None:
    meeting_id = await planned(bench, capacity=2)
    first, second, third = [await guest(bench, number) for number in (1, 2, 3)]
    for phone, people in ((first, "2"), (second, "1"), (third, "1")):
        await phone.presses(f"g:come:{meeting_id}", phone.last.id)
        await phone.says(people)
    assert "op plaats 1" in second.last.text
    assert "op plaats 2" in third.last.text
    await first.taps("Ander aantal")
    await first.says("5")
    assert "geen plek voor meer mensen" in first.last.text
    assert "met 2 mensen" in first.last.text
    other = await guest(bench, 4)
    await other.presses(f"g:meeting:{meeting_id}", other.last.id)
    assert "Er is nu geen plek" in other.last.text
    await first.presses(f"g:stay_away:{meeting_id}", first.last.id)
    await second.presses(f"g:meeting:{meeting_id}", second.last.id)
    assert "Je staat op de lijst. Je komt alleen." in second.last.text


async def test_a_party_too_large_for_what_is_left_hears_how_many_places_there_are(bench: Bench) -> None:
    meeting_id = await planned(bench, capacity=4)
    first, second, third = [await guest(bench, number) for number in (1, 2, 3)]
    for phone, people in ((first, "3"), (second, "2"), (third, "1")):
        await phone.presses(f"g:come:{meeting_id}", phone.last.id)
        await phone.says(people)
    assert "geen plek voor 2 mensen. Je staat op de wachtlijst, op plaats 1." in second.last.text
    assert "Er is nog 1 plek." in second.last.text
    # That place is for the head of the line.
    assert "op plaats 2" in third.last.text
    assert "Er is nog" not in third.last.text
    await third.presses(f"g:meeting:{meeting_id}", third.last.id)
    assert "Er is nog" not in third.last.text
    await second.presses(f"g:meeting:{meeting_id}", second.last.id)
    assert "Er is nog 1 plek." in second.last.text
    await second.taps("Ander aantal")
    await second.taps("alleen")
    assert "Je staat op de lijst. Je komt alleen." in second.last.text
    await third.presses(f"g:meeting:{meeting_id}", third.last.id)
    assert not [said for said in ("Het is vol", "Er is nog") if said in third.last.text]


async def test_the_place_comes_as_a_map_or_in_words(bench: Bench, phone: Phone) -> None:
    await phone.arrives()
    await phone.presses(f"g:venue:{await planned(bench)}", phone.last.id)
    venue = phone.last.screen.venue
    assert venue is not None
    assert (venue.latitude, venue.longitude, venue.title) == (52.3579, 4.8053, "De Honingraat")
    without = replace(PLAN.details, point=None, access={"nl": "Er is een lift."})
    await phone.presses(f"g:venue:{await planned(bench, details=without)}", phone.last.id)
    assert "Osdorpplein 1" in phone.last.text
    assert "Er is een lift." in phone.last.text


async def test_a_calendar_file_that_waits_keeps_nobody_from_their_own_data(bench: Bench, phone: Phone) -> None:
    meeting_id = await planned(bench)
    await phone.arrives()
    bench.silent = True
    await phone.presses(f"g:calendar:{meeting_id}", phone.last.id)
    await phone.says("/mijngegevens")
    bench.silent = False
    await bench.speak()
    names = [one.screen.document.name for one in phone.messages if one.screen.document]
    assert names == ["buurtstem.ics", "buurtstem.json"]


async def test_the_calendar_file_keeps_its_uid_and_counts_the_moves(bench: Bench, phone: Phone) -> None:
    meeting_id = await planned(bench)
    await phone.arrives()
    found = []
    for version, act in ((2, "change"), (3, "cancel"), (4, "")):
        await phone.presses(f"g:calendar:{meeting_id}", phone.last.id)
        document = phone.last.screen.document
        assert document is not None
        assert document.name == "buurtstem.ics"
        found.append(document.content)
        async with bench.database.begin() as work:
            staff = await somebody_of_the_staff(work, StaffRole.ORGANISER)
            later = replace(PLAN, ends=PLAN.ends + timedelta(hours=1))
            if act == "change":
                await planning.change(work, staff, meeting_id, later, version)
            elif act == "cancel":
                await planning.cancel(work, staff, meeting_id, version)
    assert [re.findall(r"METHOD:(\w+)", one) for one in found] == [["PUBLISH"], ["PUBLISH"], ["CANCEL"]]
    assert [re.findall(r"SEQUENCE:(\d)", one) for one in found] == [["0"], ["1"], ["2"]]
    assert len({re.findall(r"UID:(\S+)", one)[0] for one in found}) == 1


async def test_a_cancelled_meeting_says_so_and_takes_nobody(bench: Bench, phone: Phone) -> None:
    meeting_id = await planned(bench)
    async with bench.database.begin() as work:
        await planning.cancel(work, await somebody_of_the_staff(work, StaffRole.ORGANISER), meeting_id, 2)
    await phone.arrives()
    await phone.says("/agenda")
    assert "Gaat niet door." in phone.last.text
    await phone.says("1")
    assert "gaat niet door" in phone.last.text
    assert "Ik kom" not in " ".join(phone.last.buttons)
    await phone.presses(f"g:come:{meeting_id}", phone.last.id)
    assert "niet meer opgeven" in phone.last.text


async def test_a_meeting_that_is_cancelled_while_one_answers_takes_nobody(bench: Bench, phone: Phone) -> None:
    meeting_id = await planned(bench)
    await phone.arrives()
    await phone.presses(f"g:come:{meeting_id}", phone.last.id)
    async with bench.database.begin() as work:
        await planning.cancel(work, await somebody_of_the_staff(work, StaffRole.ORGANISER), meeting_id, 2)
    await phone.says("2")
    assert "niet meer opgeven" in phone.last.text


async def test_stopping_at_how_many_changes_nothing(bench: Bench, phone: Phone) -> None:
    meeting_id = await planned(bench)
    await phone.arrives()
    await phone.presses(f"g:come:{meeting_id}", phone.last.id)
    await phone.says("met z'n allen")
    assert "begrijp ik niet" in phone.last.text
    await phone.taps("Stoppen")
    assert "niets veranderd" in phone.last.text
    await phone.presses(f"g:meeting:{meeting_id}", phone.last.id)
    assert "Er zijn nog 8 plekken." in phone.last.text


async def test_a_party_larger_than_the_room_hears_how_many_fit_and_chooses_again(bench: Bench, phone: Phone) -> None:
    meeting_id = await planned(bench, capacity=4)
    await phone.arrives()
    await phone.says(f"/start meet-{meeting_id}")
    await phone.taps("1. Ik kom")
    await phone.says("6")
    assert "Hier passen 4 mensen in. Kies een kleiner aantal." in phone.last.text
    await phone.says("5")
    assert "Hier passen 4 mensen in." in phone.last.text
    assert "verder" not in phone.last.text
    await phone.says("1")
    assert "Je komt alleen." in phone.last.text


async def test_who_waits_and_asks_for_more_than_the_room_holds_keeps_the_place_in_line(bench: Bench) -> None:
    meeting_id = await planned(bench, capacity=2)
    first, second = [await guest(bench, number) for number in (1, 2)]
    for phone in (first, second):
        await phone.presses(f"g:come:{meeting_id}", phone.last.id)
        await phone.says("2")
    await second.taps("Ander aantal")
    await second.says("3")
    assert "Hier passen 2 mensen in." in second.last.text
    assert "op plaats 1" in second.last.text
    assert "Met hoeveel mensen" in second.last.text


async def test_who_signs_up_an_hour_before_is_promised_no_message(bench: Bench, phone: Phone) -> None:
    meeting_id = await planned(bench)
    bench.now = PLAN.starts.replace(tzinfo=TIMEZONE).astimezone(UTC) - timedelta(hours=1)
    await phone.arrives()
    await phone.says(f"/start meet-{meeting_id}")
    await phone.taps("1. Ik kom")
    await phone.says("1")
    assert "Je komt alleen." in phone.last.text
    assert "van tevoren een bericht" not in phone.last.text


async def test_who_stops_and_still_stands_on_a_list_reads_that_nobody_will_tell_them(
    bench: Bench, phone: Phone
) -> None:
    meeting_id = await planned(bench)
    await phone.arrives()
    await phone.says("/stop")
    assert "/agenda" not in phone.last.text
    await phone.presses(f"g:come:{meeting_id}", phone.last.id)
    await phone.says("2")
    await phone.says("/stop")
    assert "Je staat nog op de lijst van een bijeenkomst." in phone.last.text
    await phone.taps("Alle bijeenkomsten")
    assert "De Honingraat" in phone.last.text
    bench.now = PLAN.ends.replace(tzinfo=TIMEZONE).astimezone(UTC)
    await phone.says("/stop")
    assert "/agenda" not in phone.last.text


async def test_a_half_finished_report_casts_no_doubt_on_a_place_that_was_given(bench: Bench, phone: Phone) -> None:
    meeting_id = await planned(bench)
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    await phone.presses(f"g:come:{meeting_id}", phone.last.id)
    await phone.says("2")
    assert "Je staat op de lijst" in phone.messages[-2].text
    assert "ook nog met iets anders bezig" in phone.last.text
    await phone.taps("Verder gaan")
    assert "Waar gaat het over?" in phone.last.text
