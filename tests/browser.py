"""A headless Chromium of the tests' own: empty profile, no network but 127.0.0.1, gone afterwards."""

import os
import shutil
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.parts import missing

QUIET = (
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


def start_browser(profile: Path, *, width: int = 1280, height: int = 900, language: str = "nl") -> Chrome:
    """Start Chromium with its profile in the empty folder `profile`; the caller quits it.

    Skips the calling test when Chromium or its driver is not installed.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        missing("Chromium", "apt-get install chromium chromium-driver")
    options = ChromeOptions()
    options.binary_location = chromium
    for flag in (*QUIET, f"--user-data-dir={profile}", f"--window-size={width},{height}", f"--lang={language}"):
        options.add_argument(flag)
    if os.geteuid() == 0:  # Chromium's sandbox refuses to run as root
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # At another moment (tests/at_moment.sh) faketime must stay out of Chromium, which crashes with it.
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    return Chrome(options=options, service=Service(driver, env=environment))
