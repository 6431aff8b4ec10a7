"""A point on the map is read in the ways that people paste it; anything else is refused."""

import pytest

from domain.coordinates import point_of

POINT = (52.3601, 4.8012)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("52.3601", "4.8012"),
        ("52,3601", "4,8012"),
        ("52.3601, 4.8012", ""),
        ("", "52.3601,4.8012"),
        ("(52.3601 4.8012)", ""),
        ("52,3601; 4,8012", ""),
        ("52,3601, 4,8012", ""),
        ("52.3601° N, 4.8012° E", ""),
        ("N 52.3601, E 4.8012", ""),
        ("52.3601°N", "4.8012°O"),
        ("\u200e52.3601,\u00a04.8012", ""),
        ("٥٢٫٣٦٠١", "٤٫٨٠١٢"),
        ("https://www.google.com/maps/@52.3601,4.8012,17z", ""),
        ("https://www.google.com/maps?q=52.3601%2C4.8012", ""),
        ("https://www.openstreetmap.org/#map=17/52.3601/4.8012", ""),
        ("https://www.openstreetmap.org/?mlat=52.3601&mlon=4.8012#map=12/52.0/4.0", ""),
        ("geo:52.3601,4.8012", ""),
    ],
)
def test_a_point_is_read(latitude: str, longitude: str) -> None:
    assert point_of(latitude, longitude) == POINT


@pytest.mark.parametrize(
    "latitude",
    [
        "52.36",
        "52,36",
        "veel",
        "52.36, x",
        "52.36, 4.80, 3",
        "https://maps.example/",
        "N 52.36 N, 4.80",
        "nan, nan",
        "1" * 5000,
        "1.1" + " " * 1990 + "x",
        "1.1" + " ," * 900,
    ],
)
def test_what_is_no_point_is_refused(latitude: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        point_of(latitude, "")
