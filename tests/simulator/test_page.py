"""The phone page in a browser: several residents, their languages, keyboards, edits, toasts, right to left."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from simulator import samples
from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.client import Bot

T = TypeVar("T")
KEYBOARD = {
    "inline_keyboard": [[{"text": "إزعاج", "callback_data": "o"}, {"text": "Site", "url": "https://example.org/"}]]
}


class Page:
    """One resident's phone on the page. Waits run in a thread, so that the bot can answer meanwhile."""

    def __init__(self, browser: Chrome, resident: int) -> None:
        self.browser = browser
        self.css = f'[data-resident="{resident}"]'

    async def find(self, css: str, words: str = "") -> WebElement:
        """The last visible element with those words, as soon as it is there."""

        def visible(_: WebDriver) -> WebElement | Literal[False]:
            found = self.browser.find_elements(By.CSS_SELECTOR, f"{self.css} {css}")
            return next((each for each in reversed(found) if each.is_displayed() and words in each.text), False)

        return await self.wait(visible)

    async def wait(self, condition: Callable[[WebDriver], Literal[False] | T]) -> T:
        replaced = [StaleElementReferenceException]  # the page may replace an element while we look at it
        waiting = WebDriverWait(self.browser, 10, 0.05, ignored_exceptions=replaced)
        return await asyncio.to_thread(waiting.until, condition)

    async def click(self, css: str, words: str = "") -> None:
        await asyncio.to_thread((await self.find(css, words)).click)

    async def gone(self, css: str) -> None:
        await self.wait(lambda _: not self.browser.find_elements(By.CSS_SELECTOR, f"{self.css} {css}"))


async def test_a_resident_is_added_on_the_page_and_talks_with_the_bot(
    browser: Chrome, telegram: Telegram, bot: Bot
) -> None:
    await asyncio.to_thread(browser.get, telegram.url)
    form = browser.find_element(By.CSS_SELECTOR, '[data-action="add-resident"]')
    form.find_element(By.NAME, "name").send_keys("أمينة")
    Select(form.find_element(By.NAME, "language_code")).select_by_visible_text("العربية")
    form.find_element(By.TAG_NAME, "button").click()
    page = Page(browser, 0)
    page.css = "[data-resident]"
    await page.click('[data-action="settings"]')
    (await page.find("[name=payload]")).send_keys("ar_wildeman")
    await page.click('[data-action="start"] button')
    message = (await bot.updates())[0]["message"]
    assert (message["text"], message["from"]["language_code"]) == ("/start ar_wildeman", "ar")

    chat = message["chat"]["id"]
    text = "<b>مرحبًا</b> في Buurtstem"
    sent = await bot("sendMessage", chat_id=chat, text=text, parse_mode="HTML", reply_markup=KEYBOARD)
    words = await page.find(".bot .words", "مرحبًا")
    assert words.find_element(By.TAG_NAME, "b").text == "مرحبًا"
    assert words.get_attribute("dir") == "auto"
    box, inner = words.rect, words.find_element(By.TAG_NAME, "b").rect
    assert inner["x"] + inner["width"] > box["x"] + box["width"] - 5  # it begins at the right edge

    await page.click('[data-action="press"]', "إزعاج")
    query = (await bot.updates())[0]["callback_query"]["id"]
    await bot("answerCallbackQuery", callback_query_id=query, text="تم")
    await page.find(".toasts", "تم")
    await bot("editMessageText", chat_id=chat, message_id=sent["message_id"], text="شكرًا")
    await page.find(f'[data-message="{sent["message_id"]}"]', "شكرًا")
    await page.gone('[data-action="press"]')

    box_to_write = await page.find("textarea")
    box_to_write.send_keys("السلام عليكم\n")
    assert (await bot.updates())[0]["message"]["text"] == "السلام عليكم"
    untyped: Any = browser
    assert untyped.get_log("browser") == []


async def test_everything_can_be_sent_with_one_thumb(
    browser: Chrome, telegram: Telegram, bot: Bot, amina: Phone, tmp_path: Path
) -> None:
    metrics = {"width": 360, "height": 720, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    await bot("setMyCommands", commands=[{"command": "wis", "description": "Alles wissen"}])
    await asyncio.to_thread(browser.get, telegram.url)
    page = Page(browser, amina.id)
    picture = tmp_path / "huis.jpg"
    picture.write_bytes(samples.PHOTO)

    await page.click('[data-action="attach"]')
    (await page.find("[data-action=photo] [name=file]")).send_keys(str(picture))
    await page.click('[data-action="photo"] button')
    assert "photo" in (await bot.updates())[0]["message"]
    for action, field in (("voice", "voice"), ("location", "location"), ("contact", "contact")):
        await page.click('[data-action="attach"]')
        await page.click(f'[data-action="{action}"] button')
        assert field in (await bot.updates())[0]["message"]
    await page.click('[data-action="menu"]')
    await page.click('[data-command="wis"]')
    assert (await bot.updates())[0]["message"]["text"] == "/wis"

    await bot("sendMessage", chat_id=amina.id, text="Waar?", reply_markup={"keyboard": [[{"text": "Thuis"}]]})
    await page.click('[data-action="key"]', "Thuis")
    assert (await bot.updates())[0]["message"]["text"] == "Thuis"
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    assert wide <= 360
    unnamed = browser.execute_script(
        "return [...document.querySelectorAll('button')].filter(b => !b.textContent.trim() && !b.ariaLabel).length"
    )
    assert unnamed == 0


async def test_blocking_deleting_and_alerts_on_the_page(
    browser: Chrome, telegram: Telegram, bot: Bot, amina: Phone, bilal: Phone
) -> None:
    await asyncio.to_thread(browser.get, telegram.url)
    page, other = Page(browser, amina.id), Page(browser, bilal.id)
    await bot("sendMessage", chat_id=amina.id, text="geheim", reply_markup=KEYBOARD)
    await page.click('[data-action="press"]')
    query = (await bot.updates())[0]["callback_query"]["id"]
    await bot("answerCallbackQuery", callback_query_id=query, text="Let op", show_alert=True)
    await page.find(".alert", "Let op")
    await page.click('[data-action="close-alert"]')
    await page.click(".bot [data-action=delete]")
    await page.gone(".bot")
    await page.click('[data-action="settings"]')
    await page.click('[data-action="block"]')
    assert "my_chat_member" in (await bot.updates())[0]
    await page.find('[data-action="begin"]')
    await other.find("textarea")


def test_the_page_fetches_nothing_from_outside() -> None:
    folder = Path(samples.__file__).parent / "page"
    text = "".join(path.read_text() for path in folder.iterdir())
    assert "http://" not in text
    assert "https://" not in text
