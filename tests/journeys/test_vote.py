"""The second street: staff make a round, residents vote in four languages, and anybody can recount the result."""

import asyncio
import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageDraw
from selenium.webdriver import Chrome

from bot.process.clock import make_clock
from domain.budget.ballot_codes import shown
from locales.texts import LANGUAGES, bare, say
from simulator.phone import Phone
from tests.browser import start_browser
from tests.journeys.demo import Demo
from tests.journeys.screens import Page, PhoneOnPage

ORGANISER = "rondes@demo.example"
LASTS = timedelta(hours=2)
AMOUNT, COSTS = 30_000_00, (9_000_00, 12_000_00, 6_000_00, 8_000_00, 2_500_00, 4_000_00)
TITLES = (
    ("Speeltuin opknappen", "Repair the playground", "Oyun parkı yenilensin", "إصلاح ملعب الأطفال"),
    ("Buurtkeuken", "Neighbourhood kitchen", "Mahalle mutfağı", "مطبخ الحي"),
    ("Bankjes in het park", "Benches in the park", "Parka banklar", "مقاعد في الحديقة"),
    ("Fietsles voor vrouwen", "Cycling lessons for women", "Kadınlara bisiklet dersi", "دروس دراجة للنساء"),
    ("Moestuin", "Vegetable garden", "Sebze bahçesi", "حديقة خضار"),
    ("Huiswerkhulp", "Homework help", "Ödev yardımı", "مساعدة في الواجبات"),
)
# The final choices of sixteen residents, so that no tie decides which plans are funded.
CHOICES = (
    *[(1, 2, 3)] * 6, *[(1, 2, 5)] * 4, *[(1, 4, 5)] * 3, *[(1, 3, 4, 6)] * 2, (2, 3, 5, 6),
)  # fmt: skip
ON_THE_PAGE = (1, 2, 6)
Chat = dict[str, Any]


def test_a_round_is_voted_counted_published_and_counted_again(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    with Demo(tmp_path, CLOCK=f"file:{clock}") as demo:
        chrome = start_browser(tmp_path / "chromium", width=1280, height=1000)
        try:
            _walk(demo, chrome, clock)
        finally:
            chrome.quit()


def _walk(demo: Demo, chrome: Chrome, clock: Path) -> None:
    # Given a round with six plans in four languages, one with a photo, and twenty codes
    printed = demo.command("staff", "create", ORGANISER, "--role", "organiser")
    (link,) = re.findall(r"http\S+", printed)
    token = demo.command("staff", "token", ORGANISER).split()[-1]
    api = httpx.Client(base_url=f"{demo.url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    with api:
        made = _made(api.post("/rounds", json=_round()))
        for number in range(5):
            _made(api.post(f"/rounds/{made['id']}/plans", json=_plan(number)))
        chrome.get(link)
        _plan_with_photo(Page(chrome), demo, made["id"])
        codes = _made(api.post(f"/rounds/{made['id']}/codes", json={"count": 20}))["codes"]
        _made(api.post(f"/rounds/{made['id']}/moves", json={"to": "voting"}))

        # When two residents vote on their phones, with the letter's link and by hand
        cast: dict[str, tuple[int, ...]] = {}
        chrome.get(demo.telegram)
        phones = {"nl": PhoneOnPage(chrome, "Ans", "Nederlands"), "ar": PhoneOnPage(chrome, "أمينة", "العربية")}
        for code, (language, phone) in zip(codes, phones.items(), strict=False):
            _votes_on_the_page(phone, language, code)
            cast[code] = ON_THE_PAGE

        # And sixteen more in four languages, of whom three change their vote, one mistypes, one types a used code
        receipt = asyncio.run(_all_vote(demo.telegram, codes[2:18], cast))

        # And the time of the vote is over
        clock.write_text(str(LASTS.total_seconds() + 1))
        _until(lambda: api.get(f"/rounds/{made['id']}").json()["state"] == "published", "the result", 60)

        # Then residents read it in the bot and on the public page
        for language, phone in phones.items():
            _reads_the_result(phone, demo, language, made["id"])

    # And every last ballot is there once, with the receipt that was noted, and everybody can count them again
    folder = demo.folder / "data" / "published" / made["id"]
    ballots = list(csv.DictReader(io.StringIO((folder / "ballots.csv").read_text())))
    assert Counter(row["choices"] for row in ballots) == Counter(" ".join(map(str, one)) for one in cast.values())
    assert {row["receipt"]: row["choices"] for row in ballots}[receipt] == "1 2 3"
    results = json.loads((folder / "results.json").read_text())
    assert results["result"]["winners"] == _winners(cast.values())
    assert results["codes"] == {"made": 20, "handed_out": 20, "used": 18, "blocked": 0}
    assert "18" in demo.command("verify", str(folder))


def _round() -> dict[str, Any]:
    title = {"nl": "Buurtbudget Osdorp", "en": "Osdorp budget", "tr": "Osdorp bütçesi", "ar": "ميزانية أوسدورب"}
    now = make_clock("")()
    return {
        "title": title, "areas": ["FK01"], "amount_cents": AMOUNT, "languages": list(LANGUAGES),
        "opens_at": now.isoformat(), "closes_at": (now + LASTS).isoformat(),
    }  # fmt: skip


def _plan(number: int) -> dict[str, Any]:
    titles = dict(zip(LANGUAGES, TITLES[number], strict=True))
    story = {"nl": "Bewoners doen het samen.", "ar": "يقوم به السكان معا."}
    return {"title": titles, "story": story, "place": "Osdorpplein", "cost_cents": COSTS[number]}


def _plan_with_photo(console: Page, demo: Demo, round_id: str) -> None:
    photo = demo.folder / "photo.jpg"
    image = Image.new("RGB", (800, 500), (120, 170, 210))
    ImageDraw.Draw(image).rectangle((200, 200, 600, 420), fill=(90, 60, 40))
    image.save(photo, "JPEG")
    console.browser.get(f"{demo.url}/rounds/{round_id}/plans/new")
    for language, title in zip(LANGUAGES, TITLES[5], strict=True):
        console.fill(f"input[name=title_{language}]", title)
    console.fill("textarea[name=story_nl]", "Elke dinsdag na school, in de bibliotheek.")
    console.fill("textarea[name=story_ar]", "كل ثلاثاء بعد المدرسة في المكتبة.")
    console.fill("input[name=place]", "Bibliotheek Osdorp")
    console.fill("input[name=cost_cents]", "4000")
    console.find("input[name=photo]").send_keys(str(photo))
    console.click("form.form button")
    console.find("h1", "Osdorp")


def _votes_on_the_page(phone: PhoneOnPage, language: str, code: str) -> None:
    phone.begins()
    phone.taps(f"g:language:{language}")
    phone.taps("g:accept:")
    phone.taps("g:vote:")
    phone.sees(bare(say(language, "budget.code.ask")))
    phone.picture(f"vote-code-{language}")
    phone.says(shown(code).lower())
    phone.sees(bare(say(language, "budget.ballot.nothing")))
    for number in ON_THE_PAGE:
        _taps_plan(phone, f"g:choose:{number}.")
    phone.picture(f"vote-ballot-{language}")
    phone.taps("g:my_choice:")
    phone.find('[data-data="g:cast:"]')
    phone.picture(f"vote-choice-{language}")
    phone.click('[data-data="g:ballot:0"]')
    phone.click('[data-data^="g:read:"]')
    phone.find('[data-data^="g:plan:"]')  # the plans to read about are there now
    _taps_plan(phone, "g:plan:6.", "g:read:")
    phone.find(".bot img")
    phone.picture(f"vote-plan-{language}")
    phone.click('[data-data^="g:choose:6."]')
    phone.wait(lambda: "✅" not in phone.find(".bot .words", "4").text, "the plan to be taken out")
    phone.click('[data-data^="g:choose:6."]')
    phone.click('[data-data^="g:ballot:"]')
    phone.taps("g:my_choice:")
    phone.taps("g:cast:")
    phone.find('[data-data^="g:receipt:"]')
    phone.picture(f"vote-cast-{language}")
    phone.taps("g:secret:")
    phone.sees(say(language, "budget.secret.other_phone"))
    phone.picture(f"vote-secret-{language}")


def _taps_plan(phone: PhoneOnPage, data: str, pages: str = "g:ballot:") -> None:
    """Tap a plan, turning to the other page where needed; when it is a choice, wait until the plan is ticked.

    pages: how the data of the button that turns the page begin.
    """
    selector = f'[data-data^="{data}"]'
    if not phone.browser.find_elements("css selector", f"{phone.css} {selector}"):
        phone.click(f'[data-data^="{pages}"]')
    phone.click(selector)
    if data.startswith("g:choose:"):
        phone.wait(lambda: "✅" in phone.find(selector).text, "the plan to be chosen")


async def _all_vote(url: str, codes: Sequence[str], cast: dict[str, tuple[int, ...]]) -> str:
    """Let all of them vote at the same time, and note what each chose in `cast`; the receipt of the first."""
    voters = [await Phone.new(url, name=f"Bewoner {at}", language_code=LANGUAGES[at % 4]) for at in range(len(codes))]
    told = await asyncio.gather(*(_votes(voter, at, codes, cast) for at, voter in enumerate(voters)))
    for voter in voters:
        await voter.close()
    return told[0]


async def _votes(phone: Phone, at: int, codes: Sequence[str], cast: dict[str, tuple[int, ...]]) -> str:
    language = LANGUAGES[at % 4]
    await phone.starts(f"vote-{codes[at]}" if at % 2 else None)
    await _press(phone, f"g:language:{language}")
    await _press(phone, "g:accept:")
    if at == 3:
        await phone.says("00000-00000-0001")
        await _sees(phone, say(language, "budget.code.wrong"))
    if at == 5:
        await _opens(phone, next(iter(cast)))
        await _sees(phone, say(language, "budget.ballot.voted"))
    if at in (2, 4, 6):
        await _opens(phone, codes[at])
        await _casts(phone, (4, 5, 6))
        await _opens(phone, codes[at])
        await _sees(phone, say(language, "budget.ballot.voted"))
    elif at % 2 == 0 or at in (3, 5):
        await _opens(phone, codes[at])
    cast[codes[at]] = CHOICES[at]
    await _casts(phone, CHOICES[at])
    return await _receipt(phone, language)


async def _opens(phone: Phone, code: str) -> None:
    """Type a code, and wait for a new ballot."""
    before = _newest(await phone.chat()).get("message_id")
    await phone.says(shown(code))
    await _until_chat(
        phone, lambda chat: _newest(chat).get("message_id") != before and _button(chat, "g:my_choice:") is not None
    )


async def _casts(phone: Phone, choices: Sequence[int]) -> None:
    await _until_chat(phone, lambda chat: _button(chat, "g:my_choice:") is not None)
    for number in choices:
        if _button(await phone.chat(), f"g:choose:{number}.") is None:
            await _press(phone, "g:ballot:")
        await _press(phone, f"g:choose:{number}.")
        await _until_chat(phone, partial(_chosen, number))
    await _press(phone, "g:my_choice:")
    await _press(phone, "g:cast:")
    await _until_chat(phone, lambda chat: _button(chat, "g:receipt:") is not None)


async def _receipt(phone: Phone, language: str) -> str:
    await _press(phone, "g:receipt:")
    before, _, after = bare(say(language, "budget.receipt.number", {"receipt": "|"})).partition("|")
    message = await _sees(phone, before)
    return bare(message["text"]).split("\n")[0].removeprefix(before).removesuffix(after)


async def _press(phone: Phone, data: str) -> None:
    """Wait for a button on the newest message whose data begin with `data`, and press it."""
    chat = await _until_chat(phone, lambda chat: _button(chat, data) is not None)
    found = _button(chat, data)
    assert found is not None
    await phone.act("press", message_id=found[0], data=found[1])


async def _sees(phone: Phone, words: str) -> Chat:
    chat = await _until_chat(phone, lambda chat: _with(chat, bare(words)) is not None)
    found = _with(chat, bare(words))
    assert found is not None
    return found


async def _until_chat(phone: Phone, condition: Callable[[Chat], bool]) -> Chat:
    async with asyncio.timeout(90):
        chat = await phone.chat()
        while not condition(chat):
            chat = await phone.chat(wait=1.0)
        return chat


def _newest(chat: Chat) -> Mapping[str, Any]:
    """The newest message of the bot that has buttons; empty where there is none."""
    found = [one for one in chat["messages"] if one["from"] == "bot" and one.get("buttons")]
    return found[-1] if found else {}


def _button(chat: Chat, data: str) -> tuple[int, str, str] | None:
    message = _newest(chat)
    for row in message.get("buttons", []):
        for button in row:
            if button.get("data", "").startswith(data):
                return message["message_id"], button["data"], button["text"]
    return None


def _chosen(number: int, chat: Chat) -> bool:
    found = _button(chat, f"g:choose:{number}.")
    return found is not None and "✅" in found[2]


def _with(chat: Chat, words: str) -> Chat | None:
    said = [one for one in chat["messages"] if one["from"] == "bot" and words in bare(one.get("text", ""))]
    return said[-1] if said else None


def _reads_the_result(phone: PhoneOnPage, demo: Demo, language: str, round_id: str) -> None:
    chrome = phone.browser
    chrome.set_window_size(1280, 1000)
    chrome.get(demo.telegram)
    phone.says("/stem")
    phone.taps(f"g:result:{round_id}")
    phone.sees(bare(say(language, "budget.result.ballots", count=18)))
    phone.picture(f"vote-result-{language}")
    phone.taps(f"g:result:{round_id}.0")
    phone.sees(bare(say(language, "budget.why.funded")))
    phone.picture(f"vote-plans-{language}")
    chrome.set_window_size(360, 800)
    chrome.get(f"{demo.url}/results/{round_id}/{language}.html")
    page = Page(chrome)
    page.find("h1")
    page.picture(f"result-page-360-{language}")


def _winners(ballots: Any) -> list[int]:
    """The numbers of the funded plans: most votes first, until a plan does not fit. Ties must not matter here."""
    votes = Counter(number for ballot in ballots for number in ballot)
    winners, left = [], AMOUNT
    for number, _ in votes.most_common():
        if COSTS[number - 1] > left:
            break
        winners.append(number)
        left -= COSTS[number - 1]
    return sorted(winners)


def _made(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _until(condition: Callable[[], bool], what: str, seconds: float) -> None:
    async def wait() -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.3)

    try:
        asyncio.run(wait())
    except TimeoutError:
        raise AssertionError(f"waited {seconds} s for {what}") from None
