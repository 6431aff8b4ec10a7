"""Importing the shapes of the neighbourhoods: the whole file or nothing, with a clear message about what is wrong."""

import copy
import json
from typing import Any

import pytest

from domain.neighbourhoods import ALL, BY_CODE, containing
from services.signals import areas
from services.signals.areas import BadShapes, read_shapes
from storage.engine.database import Database
from tests.parts import shared_data

SQUARE = [[4.80, 52.36], [4.81, 52.36], [4.81, 52.37], [4.80, 52.37], [4.80, 52.36]]
HOLE = [[4.804, 52.364], [4.806, 52.364], [4.806, 52.366], [4.804, 52.366], [4.804, 52.364]]
FAR = [[4.84, 52.34], [4.85, 52.34], [4.85, 52.35], [4.84, 52.34]]


def feature(code: str = "FK01", *rings: Any, **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature: a polygon of these rings, or one square. properties: in place of the code."""
    geometry = {"type": "Polygon", "coordinates": list(rings) or [SQUARE]}
    return {"type": "Feature", "properties": properties or {"code": code}, "geometry": geometry}


def collection(*features: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


async def test_a_place_is_found_in_its_shape_and_not_in_its_holes(database: Database) -> None:
    several = feature("FK02")
    several["geometry"] = {"type": "MultiPolygon", "coordinates": [[FAR]]}
    async with database.begin() as work:
        assert await areas.shapes(work) == {}
        assert await areas.import_shapes(work, collection(feature("FK01", SQUARE, HOLE), several)) == 2
        shapes = await areas.shapes(work)
    assert containing(4.801, 52.361, shapes) == BY_CODE["FK01"]
    assert containing(4.805, 52.365, shapes) is None
    assert containing(4.848, 52.341, shapes) == BY_CODE["FK02"]
    assert containing(4.9, 52.4, shapes) is None


async def test_an_import_takes_the_place_of_the_one_before_and_a_bad_one_changes_nothing(database: Database) -> None:
    async with database.begin() as work:
        await areas.import_shapes(work, collection(feature("FK01"), feature("FK02")))
        await areas.import_shapes(work, collection(feature("FK03")))
        with pytest.raises(BadShapes):
            await areas.import_shapes(work, collection(feature("FK04"), feature("FK05", SQUARE[:3])))
        assert set(await areas.shapes(work)) == {"FK03"}


@pytest.mark.parametrize(
    "properties", [{"code": "FK01"}, {"Buurtcode": "FK01"}, {"buurt_code": "fk01"}, {"BUURTCODE": "BU0363FK01"}]
)
def test_a_code_is_found_under_its_usual_names(properties: dict[str, str]) -> None:
    assert set(read_shapes(collection(feature(**properties)))) == {"FK01"}


def test_other_parts_of_the_city_are_left_out() -> None:
    assert set(read_shapes(collection(feature("AA01"), feature("FK01")))) == {"FK01"}


def broken(change: str, value: Any) -> dict[str, Any]:
    """A good feature, then one with something else at `change`."""
    bad = copy.deepcopy(feature("FK02"))
    place: Any = bad
    *way, last = change.split("/")
    for part in way:
        place = place[int(part)] if part.isdecimal() else place[part]
    place[int(last) if last.isdecimal() else last] = value
    return collection(feature("FK01"), bad)


@pytest.mark.parametrize(
    ("features", "says"),
    [
        (None, "no GeoJSON FeatureCollection"),
        ([], "no GeoJSON FeatureCollection"),
        ({"type": "Feature"}, "no GeoJSON FeatureCollection"),
        ({"type": "FeatureCollection"}, "no list of features"),
        (collection(), "no neighbourhood of Nieuw-West"),
        (collection(feature("AA01")), "no neighbourhood of Nieuw-West"),
        (collection(feature("FK01"), feature("FK01")), "feature 2: FK01 comes a second time"),
        (collection(feature("FK01"), 3), "feature 2: it has no code"),
        (broken("properties", None), "feature 2: it has no code"),
        (broken("properties/code", 5), "feature 2: it has no code"),
        (broken("geometry", None), "feature 2: its geometry is missing"),
        (broken("geometry/type", "Point"), "feature 2: its geometry is Point"),
        (broken("geometry/coordinates", []), "a ring is not closed|no rings|no points"),
        (broken("geometry/coordinates", 7), "feature 2: its coordinates are no rings"),
        (broken("geometry/coordinates/0", 7), "feature 2: its coordinates are no rings"),
        (broken("geometry/coordinates/0/1", [4.8]), r"feature 2: a point is not \[longitude, latitude\]"),
        (broken("geometry/coordinates/0/1", ["4.8", 52.3]), r"feature 2: a point is not \[longitude, latitude\]"),
        (broken("geometry/coordinates/0/1", [52.36, 4.8]), "feature 2: a point lies outside Amsterdam"),
        (broken("geometry/coordinates/0/1", [115000, 487000]), "feature 2: a point lies outside Amsterdam"),
        (broken("geometry/coordinates/0/1", [float("nan"), 52.3]), "feature 2: a point lies outside Amsterdam"),
        (broken("geometry/coordinates/0/1", [10**400, 52.3]), "feature 2: a point lies outside Amsterdam"),
        (broken("geometry/coordinates/0/4", [4.80, 52.361]), "feature 2: a ring is not closed"),
    ],
)
def test_what_is_wrong_is_said_with_the_number_of_the_feature(features: object, says: str) -> None:
    with pytest.raises(BadShapes, match=says):
        read_shapes(features)


async def test_the_citys_own_file_can_be_imported_and_holds_all_its_label_points(database: Database) -> None:
    features = json.loads(shared_data("geo/nieuw_west_buurten.geojson").read_text(encoding="utf-8"))
    async with database.begin() as work:
        assert await areas.import_shapes(work, features) == len(ALL) == 73
        shapes = await areas.shapes(work)
    found = [containing(one.longitude, one.latitude, shapes) for one in ALL]
    assert sum(there == one for there, one in zip(found, ALL, strict=True)) >= 70
