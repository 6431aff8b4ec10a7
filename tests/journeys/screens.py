"""Browser helpers for the phone page and the console, which act as a person does: look, tap, type, wait."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from locales.direction import bare

SECONDS = 30
T = TypeVar("T")


class Page:
    """The part of the page in the browser that the selector `css` names."""

    def __init__(self, browser: Chrome, css: str = "body") -> None:
        self.browser = browser
        self.css = css

    def wait(self, condition: Callable[[], T | Literal[False] | None], what: str) -> T:
        """Wait until the condition holds; its result. Raises TimeoutException after 30 s, which names `what`."""
        waiting = WebDriverWait(self.browser, SECONDS, 0.1, ignored_exceptions=[StaleElementReferenceException])
        return waiting.until(lambda _: condition(), message=f"waiting for {what}")  # type: ignore[return-value]

    def find(self, css: str, words: str = "") -> WebElement:
        """Wait for a visible element with those words, direction marks ignored; the last one if there are several."""

        def visible() -> WebElement | Literal[False]:
            found = self.browser.find_elements(By.CSS_SELECTOR, f"{self.css} {css}")
            return next((one for one in reversed(found) if one.is_displayed() and bare(words) in bare(one.text)), False)

        return self.wait(visible, f"{self.css} {css} with {words!r}")

    def click(self, css: str, words: str = "") -> None:
        """Click such an element; try again when the page was redrawn between finding and clicking it."""

        def tapped() -> bool:
            element = self.find(css, words)
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            element.click()
            return True

        self.wait(tapped, f"a tap on {css} {words}")

    def fill(self, css: str, text: str) -> None:
        """Type into a field."""
        field = self.find(css)
        field.clear()
        field.send_keys(text)

    def picture(self, name: str) -> None:
        """Take a screenshot into the folder that the variable SCREENSHOTS names; without it, do nothing."""
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.browser.save_screenshot(f"{folder}/{name}.png")


class PhoneOnPage(Page):
    """One resident's phone."""

    def __init__(self, browser: Chrome, name: str, language: str) -> None:
        """Add the resident by the form on the page. language: as the form names it, such as "Nederlands"."""
        super().__init__(browser)
        before = len(browser.find_elements(By.CSS_SELECTOR, "[data-resident]"))
        form = self.find('form[data-action="add-resident"]')
        form.find_element(By.NAME, "name").clear()
        form.find_element(By.NAME, "name").send_keys(name)
        Select(form.find_element(By.NAME, "language_code")).select_by_visible_text(language)
        form.find_element(By.TAG_NAME, "button").click()
        phones = self.wait(
            lambda: (found := browser.find_elements(By.CSS_SELECTOR, "[data-resident]"))[before:] and found, "a phone"
        )
        self.css = f'[data-resident="{phones[-1].get_attribute("data-resident")}"]'

    def begins(self) -> None:
        """Press START."""
        self.click('[data-action="begin"]')

    def taps(self, value: str) -> None:
        """Tap the newest button that carries `value`: a deed (`g:report:`) or an answer (`nuisance`)."""
        self.click(f'[data-data="{value}"], {self.css} [data-data^="a:"][data-data$=":{value}"]')

    def says(self, text: str) -> None:
        """Write a message."""
        self.fill('form[data-action="send"] textarea', text)
        self.click('form[data-action="send"] .send')

    def sees(self, words: str) -> str:
        """Wait for a message of the bot with those words; its whole text."""
        return self.find(".bot .words", words).text
