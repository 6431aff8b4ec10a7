"""The first street: two residents report, a handler answers on the console and by the API, all in their languages."""

import json
import shutil
import subprocess
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from domain.staff.rights import StaffRole
from locales.texts import bare, say
from services.upkeep.binding import DEMO_STAFF
from tests.browser import start_browser
from tests.journeys.demo import Demo
from tests.journeys.screens import Page, PhoneOnPage
from tests.parts import missing

CURL = ("curl", "--silent", "--show-error", "--fail-with-body")


def curl(url: str, token: str, body: object = None) -> dict[str, object]:
    """Ask the API with curl, as a partner's program may: POST with a body, else GET; the JSON answer as a dict."""
    sent = ("--json", json.dumps(body)) if body is not None else ()
    done = subprocess.run(
        [*CURL, "-H", f"Authorization: Bearer {token}", *sent, url], check=True, capture_output=True, text=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_two_residents_report_and_are_answered(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        missing("curl", "apt-get install curl")
    with Demo(tmp_path) as demo:
        chrome = start_browser(tmp_path / "chromium", width=1280, height=1000)
        try:
            _walk(demo, chrome)
        finally:
            chrome.quit()


def _walk(demo: Demo, chrome: Chrome) -> None:
    from_page = Page(chrome)
    chrome.get(demo.telegram)

    # Given two residents, one Dutch and one Arabic, who have never used the bot
    ans = PhoneOnPage(chrome, "Ans", "Nederlands")
    amina = PhoneOnPage(chrome, "أمينة", "العربية")

    # When both choose their language, read the warning, and report
    for phone, language in ((ans, "nl"), (amina, "ar")):
        phone.begins()
        phone.taps(f"g:language:{language}")
        phone.find('[data-data="g:accept:"]')
        phone.picture(f"warning-{language}")
        phone.taps("g:accept:")
        phone.taps("g:report:")
    ans.says("Elke nacht staan er brommers te draaien voor de deur.")
    ans.taps("nuisance")
    ans.picture("report-where-nl")
    ans.taps("_summary")
    ans.picture("report-summary-nl")
    ans.taps("send")
    amina.says("لم يسمحوا لي بدخول المقهى بسبب حجابي.")
    amina.taps("discrimination")
    amina.picture("report-where-ar")
    amina.taps("_summary")
    amina.picture("report-summary-ar")
    amina.taps("send")

    # Then each gets a code, in their own language
    received = "signals.receipt.received"
    ans.sees(bare(say("nl", received)))
    amina.sees("SNW-")
    assert bare(say("ar", received)) in bare(amina.find(".bot .words", "SNW-").text)
    from_page.picture("receipts")

    # When a handler opens the worklist by the printed link and answers Ans on her page
    tabs = chrome.current_window_handle
    chrome.switch_to.new_window("tab")
    chrome.get(demo.link)
    console = Page(chrome)
    console.click(".list a")
    console.find(".worklist")
    console.picture("worklist")
    _open(console, "voor de deur")
    console.fill("textarea[name=words]", "Wij sturen vanavond een handhaver langs.")
    console.click("form[action$='/answer'] button")
    console.find(".turn.team .words", "handhaver")
    console.picture("signal")

    # And a program answers Amina by the API
    token = demo.command("staff", "token", DEMO_STAFF[StaffRole.HANDLER]).strip().splitlines()[-1].split()[-1]
    listed = curl(f"{demo.url}/api/v1/signals?kind=discrimination", token)
    rows = listed["signals"]
    assert isinstance(rows, list)
    for row in rows:
        case = curl(f"{demo.url}/api/v1/signals/{row['id']}?reason=handling", token)
        if "المقهى" in json.dumps(case, ensure_ascii=False) and not case.get("line_cut"):
            answer = {"words": "شكرًا لك. سنتصل بصاحب المقهى.", "language": "ar"}
            curl(f"{demo.url}/api/v1/signals/{row['id']}/answers", token, answer)

    # Then both are told neutrally, open the answer, and reply
    chrome.switch_to.window(tabs)
    for phone, part, reply in (
        (ans, "handhaver", "Dank u wel. Het is nu stil."),
        (amina, "بصاحب المقهى", "شكرًا جزيلاً."),
    ):
        phone.find('[data-data^="g:follow:"]')
        phone.click('[data-data^="g:follow:"]')
        phone.sees(part)
        phone.picture(f"dialogue-{phone.css[16:-2]}")
        phone.click('[data-data^="g:add:"]')
        phone.says(reply)
        phone.taps("send")
    from_page.picture("replied")

    # And the handler reads the reply
    chrome.switch_to.window(chrome.window_handles[-1])
    chrome.refresh()
    console.wait(lambda: _refreshed(console, "Het is nu stil"), "the reply on the console")
    console.picture("signal-replied")

    # When Ans erases everything
    chrome.switch_to.window(tabs)
    ans.says("/wis")
    ans.taps("yes")
    ans.sees(bare(say("nl", "people.erase.done")))
    from_page.picture("erased")

    # Then her signal is gone for the handler, and Amina's is still there
    chrome.switch_to.window(chrome.window_handles[-1])
    chrome.refresh()
    console.wait(lambda: "Het is nu stil" not in chrome.page_source, "the signal to be gone")
    chrome.set_window_size(360, 800)
    chrome.get(f"{demo.url}/signals")
    console.picture("worklist-360")


def _refreshed(console: Page, words: str) -> bool:
    if words in console.browser.page_source:
        return True
    console.browser.refresh()
    return False


def _open(console: Page, words: str) -> None:
    """Open the signals one after another, each with a reason, until the one with these words is found."""
    links = console.browser.find_elements(By.CSS_SELECTOR, "a[href^='/signals/'], a[href*='/signals/']")
    for address in {str(link.get_attribute("href")) for link in links}:
        console.browser.get(f"{address}?reason=handling")
        console.find(".dialogue")
        if words in console.browser.page_source:
            return
    raise AssertionError(f"no signal with {words!r}")
