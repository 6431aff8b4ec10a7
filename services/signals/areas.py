"""The shapes of the neighbourhoods: imported from GeoJSON, used to tell in which one a shared place lies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from typing import Any

from domain.neighbourhoods import BY_CODE, Polygons, Ring
from domain.refusals import Invalid
from services.work import Work
from storage.signals import areas

# The corners of Amsterdam in degrees (WGS84): (west, east), (south, north).
LONGITUDES, LATITUDES = (4.6, 5.2), (52.2, 52.5)
_CODE_NAMES = ("code", "buurtcode", "buurt_code")
_NATIONAL_PREFIX = "BU0363"  # Statistics Netherlands puts it before Amsterdam's own code


class BadShapes(Invalid):
    """A file that can't be imported. The message says which feature is wrong and why."""


async def import_shapes(work: Work, features: object) -> int:
    """Put the shapes of a GeoJSON FeatureCollection (parsed) in place of all former ones; returns how many.

    Features outside Nieuw-West are left out. Raises BadShapes: then nothing was changed.
    """
    shapes = read_shapes(features)
    await areas.put_shapes(work, {code: json.dumps(rings, separators=(",", ":")) for code, rings in shapes.items()})
    return len(shapes)


async def shapes(work: Work) -> Polygons:
    """The rings of each neighbourhood that has a shape, as domain.neighbourhoods.containing takes them."""
    return {
        code: [[(x, y) for x, y in ring] for ring in json.loads(rings)]
        for code, rings in (await areas.all_shapes(work)).items()
    }


def read_shapes(features: object) -> dict[str, list[Ring]]:
    """The rings of each known neighbourhood. Raises BadShapes."""
    if not isinstance(features, Mapping) or features.get("type") != "FeatureCollection":
        raise BadShapes("it is no GeoJSON FeatureCollection")
    listed = features.get("features")
    if not isinstance(listed, list):
        raise BadShapes("it has no list of features")
    found: dict[str, list[Ring]] = {}
    for number, feature in enumerate(listed, 1):
        try:
            code = _code(feature)
            if code in found:
                raise BadShapes(f"{code} comes a second time")
            if code in BY_CODE:
                found[code] = _rings(feature.get("geometry"))
        except BadShapes as error:
            raise BadShapes(f"feature {number}: {error}") from None
    if not found:
        raise BadShapes("it holds no neighbourhood of Nieuw-West (codes such as FA01)")
    return found


def _code(feature: Any) -> str:
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    if isinstance(properties, Mapping):
        by_name = {str(name).lower(): value for name, value in properties.items()}
        for name in _CODE_NAMES:
            if isinstance(by_name.get(name), str):
                return str(by_name[name]).strip().upper().removeprefix(_NATIONAL_PREFIX)
    raise BadShapes(f"it has no code: a property named {', '.join(_CODE_NAMES[:-1])} or {_CODE_NAMES[-1]}")


def _rings(geometry: Any) -> list[Ring]:
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    match kind:
        case "Polygon":
            polygons = [geometry.get("coordinates")]
        case "MultiPolygon":
            polygons = geometry.get("coordinates")
        case _:
            raise BadShapes(f"its geometry is {kind or 'missing'}: it must be Polygon or MultiPolygon")
    if not isinstance(polygons, list) or not polygons or not all(isinstance(one, list) and one for one in polygons):
        raise BadShapes("its coordinates are no rings")
    # A point in several rings at once is inside by parity, so all polygons' rings may stand in one list.
    return [_ring(ring) for ring in chain.from_iterable(polygons)]


def _ring(ring: Any) -> Ring:
    if not isinstance(ring, list):
        raise BadShapes("its coordinates are no rings")
    points = [_point(point) for point in ring]
    if len(points) < 4 or points[0] != points[-1]:
        raise BadShapes("a ring is not closed: it needs four points or more, the last one like the first")
    return points


def _point(point: Any) -> tuple[float, float]:
    if not isinstance(point, list) or len(point) < 2 or not all(type(one) in (int, float) for one in point[:2]):
        raise BadShapes("a point is not [longitude, latitude]")
    x, y = point[:2]
    if not (LONGITUDES[0] <= x <= LONGITUDES[1] and LATITUDES[0] <= y <= LATITUDES[1]):
        raise BadShapes("a point lies outside Amsterdam: export it as WGS84 (EPSG:4326), longitude first")
    return float(x), float(y)
