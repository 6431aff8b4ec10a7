"""Two residents for whoever looks around for the first time: each pressed START, in a language of their own."""

from simulator.actions import perform
from simulator.world import World

NEWCOMERS = (("Sanne", "nl"), ("سلمى", "ar"))


def welcome(world: World) -> None:
    """Add both phones; their START reaches the first bot that appears."""
    for name, language in NEWCOMERS:
        resident = world.add_resident(name, language, None)
        perform(world, resident.id, {"kind": "start"})
