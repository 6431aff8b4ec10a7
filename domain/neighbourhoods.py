"""The 73 neighbourhoods (buurten) of Amsterdam Nieuw-West, and which of them holds a point of the map.

Codes, names and label points (WGS84 longitude and latitude) are the municipality's, division of 2022.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Ring = Sequence[tuple[float, float]]  # (longitude, latitude); the first point need not be repeated
Polygons = Mapping[str, Sequence[Ring]]  # code -> outer ring, then its holes

FARTHEST_KM = 5.0
_KM_A_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """One buurt: its code ("FK01"), name, wijk, gebied, and label point."""

    code: str
    name: str
    district: str
    area: str
    longitude: float
    latitude: float

    @property
    def spoken(self) -> str:
        """The name as residents read it, without abbreviations."""
        return self.name.replace("e.o.", "en omgeving")


# (gebied, wijk) -> (code, buurt, longitude, latitude)
_FACTS = {
    ("Sloterdijk Nieuw-West", "Sloterdijk Nieuw-West"): (
        ("FA01", "Sloterdijk De Heining", 4.765231, 52.394142),
        ("FA02", "Sloterdijk Poort-Noord", 4.789091, 52.394765),
        ("FA03", "Sloterdijk Poort-Zuid", 4.7949, 52.392267),
        ("FA04", "Sloterdijk Rhônepark", 4.826302, 52.390744),
        ("FA05", "Sloterdijk Donauhoek", 4.837613, 52.393397),
        ("FA06", "Bretten-West", 4.780298, 52.385863),
        ("FA07", "Bretten-Oost", 4.816708, 52.386144),
        ("FA08", "Sloterdijk Stationskwartier", 4.839487, 52.390173),
    ),
    ("Geuzenveld, Slotermeer", "Geuzenveld"): (
        ("FB01", "Osdorper Binnenpolder", 4.780739, 52.3769),
        ("FB02", "De Eendracht", 4.790866, 52.382244),
        ("FB03", "Ruys de Beerenbrouckbuurt", 4.801233, 52.381421),
        ("FB04", "Eendrachtspark", 4.810112, 52.381531),
        ("FB05", "Van Tijenbuurt", 4.795089, 52.376592),
        ("FB06", "Dudokbuurt", 4.799904, 52.377916),
        ("FB07", "Bakemabuurt", 4.805438, 52.378113),
        ("FB08", "Wegener Sleeswijkbuurt", 4.804779, 52.374133),
    ),
    ("Geuzenveld, Slotermeer", "Slotermeer-West"): (
        ("FC01", "Jan de Louterbuurt", 4.816379, 52.381522),
        ("FC02", "Lodewijk van Deysselbuurt", 4.814358, 52.377527),
        ("FC03", "Confuciusbuurt", 4.813198, 52.374147),
    ),
    ("Geuzenveld, Slotermeer", "Slotermeer-Noordoost"): (
        ("FD01", "Arondeusbuurt", 4.823041, 52.382692),
        ("FD02", "Coronelbuurt", 4.833319, 52.383361),
        ("FD03", "Meerwaldtbuurt", 4.832788, 52.380923),
        ("FD04", "Dobbebuurt", 4.829295, 52.3791),
    ),
    ("Geuzenveld, Slotermeer", "Slotermeer-Zuidoost"): (
        ("FE01", "Dichtersbuurt", 4.821672, 52.376688),
        ("FE02", "Louis Couperusbuurt", 4.829955, 52.375702),
        ("FE03", "Noordoever Sloterplas", 4.826488, 52.372763),
        ("FE04", "Sloterpark", 4.81408, 52.366084),
    ),
    ("Osdorp", "Lutkemeer/Ookmeer"): (
        ("FF01", "Osdorper Bovenpolder", 4.76873, 52.370944),
        ("FF02", "Ookmeer", 4.800146, 52.368519),
        ("FF03", "Bedrijvenpark Lutkemeer", 4.768042, 52.361414),
    ),
    ("De Aker, Sloten, Nieuw-Sloten", "De Aker"): (
        ("FG01", "Middelveldsche Akerpolder", 4.779499, 52.353875),
        ("FG02", "De Aker-West", 4.777174, 52.35016),
        ("FG03", "De Aker-Oost", 4.788749, 52.347135),
    ),
    ("Osdorp", "De Punt"): (
        ("FH01", "Bedrijvencentrum Osdorp", 4.78484, 52.360794),
        ("FH02", "Dijkgraafpleinbuurt", 4.783854, 52.356484),
    ),
    ("Osdorp", "Osdorp-Midden"): (
        ("FJ01", "Reimerswaal", 4.791783, 52.362101),
        ("FJ02", "Botteskerkbuurt", 4.793803, 52.358606),
        ("FJ03", "Zuidwestkwadrant-Noord", 4.795501, 52.355696),
        ("FJ04", "Zuidwestkwadrant-Zuid", 4.798195, 52.350679),
    ),
    ("Osdorp", "Osdorp-Oost"): (
        ("FK01", "Wildeman", 4.801335, 52.362098),
        ("FK02", "Meer en Oever", 4.805997, 52.364054),
        ("FK03", "Osdorpplein e.o.", 4.805727, 52.358606),
        ("FK04", "Calandlaan/Lelylaan", 4.806424, 52.355707),
        ("FK05", "Osdorp-Zuidoost", 4.813671, 52.353693),
    ),
    ("Slotervaart", "Slotervaart-Noord"): (
        ("FL01", "Oostoever Sloterplas", 4.828618, 52.368782),
        ("FL02", "Emanuel van Meterenbuurt", 4.820897, 52.361805),
        ("FL03", "Jacob Geelbuurt", 4.830525, 52.361569),
    ),
    ("Slotervaart", "Overtoomse Veld"): (
        ("FM01", "Lucas/Andreasziekenhuis e.o.", 4.838674, 52.371178),
        ("FM02", "Overtoomse Veld-Noord", 4.838047, 52.366759),
        ("FM03", "Rembrandtpark-Noord", 4.845693, 52.367817),
        ("FM04", "Overtoomse Veld-Zuid", 4.838156, 52.361569),
        ("FM05", "Rembrandtpark-Zuid", 4.845925, 52.362157),
        ("FM06", "Johan Jongkindbuurt", 4.838287, 52.358879),
    ),
    ("Slotervaart", "Slotervaart-Zuid"): (
        ("FN01", "Louis Crispijnbuurt", 4.823291, 52.353992),
        ("FN02", "Jacques Veltmanbuurt", 4.830711, 52.355025),
        ("FN03", "Medisch Centrum Slotervaart", 4.824653, 52.347607),
        ("FN04", "Staalmanbuurt", 4.830847, 52.349456),
    ),
    ("Slotervaart", "Westlandgracht"): (
        ("FP01", "Schipluidenbuurt", 4.838354, 52.35682),
        ("FP02", "Koningin Wilhelminaplein", 4.838369, 52.353754),
        ("FP03", "Andreasterrein", 4.843678, 52.354239),
        ("FP04", "Delflandpleinbuurt-West", 4.837909, 52.348983),
        ("FP05", "Delflandpleinbuurt-Oost", 4.843591, 52.348983),
        ("FP06", "Riekerhaven", 4.838334, 52.341691),
    ),
    ("De Aker, Sloten, Nieuw-Sloten", "Sloten/Nieuw-Sloten"): (
        ("FQ01", "Dorp Sloten", 4.796329, 52.341754),
        ("FQ02", "Nieuw-Sloten-Noordwest", 4.804341, 52.347701),
        ("FQ03", "Nieuw-Sloten-Noordoost", 4.814951, 52.349931),
        ("FQ04", "Nieuw-Sloten-Zuidwest", 4.805499, 52.344105),
        ("FQ05", "Belgiëplein e.o.", 4.812067, 52.345749),
        ("FQ06", "Nieuw-Sloten-Zuidoost", 4.81706, 52.344424),
        ("FQ07", "Sloterweg e.o.", 4.807326, 52.338125),
        ("FQ08", "Park Haagseweg", 4.82453, 52.343635),
        ("FQ09", "Riekerpolder", 4.827476, 52.341655),
        ("FQ10", "Nieuwe Meer", 4.822873, 52.332587),
    ),
}

ALL: tuple[Neighbourhood, ...] = tuple(
    Neighbourhood(code, name, district, area, longitude, latitude)
    for (area, district), rows in _FACTS.items()
    for code, name, longitude, latitude in rows
)
BY_CODE: Mapping[str, Neighbourhood] = {one.code: one for one in ALL}
DISTRICTS: tuple[str, ...] = tuple(dict.fromkeys(one.district for one in ALL))
AREAS: Mapping[str, tuple[Neighbourhood, ...]] = {
    area: tuple(one for one in ALL if one.area == area) for area in dict.fromkeys(one.area for one in ALL)
}


def names_of(codes: Iterable[str]) -> tuple[str, ...]:
    """The names of these neighbourhoods together: one name for a gebied that is complete, else their own names."""
    left = set(codes)
    whole = [area for area, within in AREAS.items() if left.issuperset(one.code for one in within)]
    return (*whole, *(one.spoken for one in ALL if one.code in left and one.area not in whole))


def nearest(longitude: float, latitude: float) -> Neighbourhood | None:
    """The neighbourhood whose label point is nearest; None when that is more than 5 km away."""
    best = min(ALL, key=lambda one: _km(one, longitude, latitude))
    return best if _km(best, longitude, latitude) <= FARTHEST_KM else None


def containing(longitude: float, latitude: float, polygons: Polygons) -> Neighbourhood | None:
    """The neighbourhood whose polygon holds the point, by ray casting; None when no polygon does."""
    for code, rings in polygons.items():
        # A point in a hole crosses the hole's ring once more, so one parity over all rings is enough.
        if code in BY_CODE and sum(_inside(longitude, latitude, ring) for ring in rings) % 2:
            return BY_CODE[code]
    return None


def in_district(district: str) -> tuple[Neighbourhood, ...]:
    """The neighbourhoods of a wijk, in the order of their codes."""
    return tuple(one for one in ALL if one.district == district)


def _km(one: Neighbourhood, longitude: float, latitude: float) -> float:
    # A flat earth is right to a few metres over the 10 km of Nieuw-West.
    east = (one.longitude - longitude) * math.cos(math.radians(one.latitude))
    return math.hypot(east, one.latitude - latitude) * _KM_A_DEGREE


def _inside(x: float, y: float, ring: Ring) -> bool:
    crossings = 0
    for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossings += 1
    return crossings % 2 == 1
