"""Amounts are read to the cent in the ways that people write them; anything else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import cents_of, euros_of


@pytest.mark.parametrize(
    ("written", "cents"),
    [("12500", 1_250_000), ("12.500", 1_250_000), ("12 500", 1_250_000), ("€ 12.500,00", 1_250_000),
     ("12500.50", 1_250_050), (" €1.234.567,89 ", 123_456_789), ("0", 0), ("€\u00a05", 500),
     # As spreadsheets and people write them.
     ("1250,5", 125_050), ("1.250,5", 125_050), ("12.5", 1_250), ("€ 5.000,-", 500_000), ("5000,--", 500_000),
     ("5.000,–", 500_000), ("1,000.50", 100_050), ("€1,234,567.89", 123_456_789), ("1,000.5", 100_050),
     ("12\u202f500", 1_250_000), ("12\u2009500,5", 1_250_050), ("12.500 €", 1_250_000), ("EUR 12.500", 1_250_000),
     ("12500 euro", 1_250_000), ("\u200e€ 12.500", 1_250_000), ("50000,-", 5_000_000), ("5.000,\u2212", 500_000),
     ("١٢٥٠٠", 1_250_000), ("١٢٬٥٠٠٫٥٠ €", 1_250_050), ("１２５００", 1_250_000), ("12’500", 1_250_000),
     ("\u2066€1,234.50\u2069", 123_450), ("\ufeff7500", 750_000)],
)  # fmt: skip
def test_an_amount_is_read(written: str, cents: int) -> None:
    assert cents_of(written) == cents


@pytest.mark.parametrize(
    "written",
    [
        "",
        "€",
        "-5",
        "1,000",
        "1,23.50",
        "1,000,50",
        "12,",
        "12,-5",
        "1.23.456",
        "12.5000",
        "1e5",
        "veel",
        "١٢,",
        "€ 5 €",
        "5€5",
        "EURO",
        "12 euro 50",
        "9" * 11,
        "5\n6",
        "1" + ".000" * 4,
        "1" + ".000" * 2000,
    ],
)
def test_what_is_no_amount_is_none(written: str) -> None:
    assert cents_of(written) is None


@given(st.integers(0, 10**11))
def test_what_is_shown_in_a_form_is_read_again(cents: int) -> None:
    assert cents_of(euros_of(cents)) == cents
