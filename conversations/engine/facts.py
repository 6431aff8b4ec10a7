"""Facts that conversations show or need: who answers for the data, the numbers for danger, today's date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from domain.neighbourhoods import Polygons
from domain.screens import Text
from domain.staff.rights import Mandate


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deployment says about itself. The telephone numbers are those of the Netherlands in 2026.

    public_url: the address of the public pages, without a slash at its end; empty where it is not known.
    """

    responsible_name: str
    responsible_contact: str
    danger_now: str = "112"
    police: str = "0900-8844"
    safe_at_home: str = "0800-2000"
    crime: str = "0800-7000"
    suicide: str = "0800-0113"
    sexual_violence: str = "0800-0188"
    children: str = "0800-0432"
    discrimination: str = "020-638 55 51"
    ombudsman: str = "0800-3355555"
    public_url: str = ""
    polygons: Polygons = field(default_factory=dict)

    @property
    def responsible(self) -> Mapping[str, str]:
        """The values `name` and `contact` of the organisation that answers for the data."""
        return {"name": self.responsible_name, "contact": self.responsible_contact}

    @property
    def elsewhere(self) -> Mapping[str, str]:
        """The values `contact`, `discrimination` and `ombudsman`: who else helps where nobody here reads a report."""
        numbers = {"discrimination": self.discrimination, "ombudsman": self.ombudsman}
        return {"contact": self.responsible_contact, **numbers}

    @property
    def numbers(self) -> Mapping[str, str]:
        """The telephone numbers for danger, by the names that texts give them."""
        return {
            "now": self.danger_now, "police": self.police, "home": self.safe_at_home, "crime": self.crime,
            "suicide": self.suicide, "sexual": self.sexual_violence, "child": self.children,
        }  # fmt: skip

    @property
    def danger(self) -> tuple[Text, Text]:
        """Two lines: whom to call in danger, and that nothing reaches the police by itself."""
        return Text("screens.danger.numbers", self.numbers), Text("screens.danger.promise")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a conversation may need to know beside its state.

    today: the date in Europe/Amsterdam · deployment: what it says about itself · staff: the mandates of all staff,
    None where they were not looked up, so that nothing is promised about who reads · places: whether the resident's
    door (a way to reach people, such as Telegram) can share a place on the map.
    """

    today: date
    deployment: Deployment
    staff: tuple[Mandate, ...] | None = None
    places: bool = True
