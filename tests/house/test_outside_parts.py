"""The outside programs that tests need: PostgreSQL, Chromium, and what is said when one is missing."""

import signal
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests import parts, postgres
from tests.postgres import start_postgres


def test_a_postgresql_of_our_own_keeps_its_rows_over_a_crash() -> None:
    server = start_postgres()
    try:
        assert server.sql("SHOW fsync") == "on"
        server.sql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        address = server.url()
        server.stop(signal.SIGQUIT)
        server.start()
        assert server.url() == address
        assert server.sql("SELECT n FROM kept") == "7"
    finally:
        server.remove()
    assert not server.folder.exists()


def test_a_browser_shows_a_local_page(browser: Chrome, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><title>Buurtstem</title><p dir=auto>مرحبا</p>")
    browser.get(page.as_uri())
    assert browser.title == "Buurtstem"


def test_a_missing_part_skips_with_one_line_that_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_programs", lambda: None)
    monkeypatch.setattr(parts, "REQUIRE_ALL", False)
    with pytest.raises(pytest.skip.Exception, match=r"^PostgreSQL is missing: apt-get install postgresql$"):
        start_postgres()


def test_a_missing_part_fails_when_every_part_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "REQUIRE_ALL", True)
    with pytest.raises(pytest.fail.Exception, match=r"^Chromium is missing: apt-get install"):
        parts.missing("Chromium", "apt-get install chromium")
