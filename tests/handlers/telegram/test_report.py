"""A report from the first contact to the answer."""

import re

from tests.handlers.telegram.phones import Phone


def code_on(phone: Phone) -> str:
    found = re.search(r"SNW-\w{4}-\w{4}", phone.last.text)
    assert found, phone.last.text
    return found[0]


async def test_a_simple_report_takes_eight_taps_or_fewer(phone: Phone) -> None:
    taps = 1
    await phone.says("/start")
    for label in ("Nederlands", "Ik snap het", "Iets melden"):
        await phone.taps(label)
        taps += 1
    await phone.says("Elke nacht harde muziek op het plein.")
    await phone.taps("Overlast")
    await phone.says("wildemanbuurt")
    await phone.taps("Vandaag")
    await phone.taps("Versturen")
    taps += 3
    assert "ontvangen" in phone.last.text
    assert code_on(phone)
    assert taps <= 8
