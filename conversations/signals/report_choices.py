"""The choices of a report and the texts on their buttons."""

from __future__ import annotations

from collections.abc import Mapping

from domain.signals.workflow import About, Kind, Role

KINDS: Mapping[str, str] = {
    Kind.DISCRIMINATION: "report.button.discrimination",
    Kind.NUISANCE: "report.button.nuisance",
    Kind.DAMP: "report.button.damp",
    Kind.OTHER: "report.button.other",
}
ROLES: Mapping[str, str] = {
    Role.VICTIM: "report.button.victim",
    Role.WITNESS: "report.button.witness",
    Role.ON_BEHALF: "report.button.on_behalf",
}
ABOUTS: Mapping[str, str] = {
    About.MUNICIPALITY: "report.button.municipality",
    About.POLICE: "report.button.police",
    About.CORPORATION: "report.button.corporation",
    About.SCHOOL: "report.button.school",
    About.NOBODY: "report.button.nobody",
}
WHYS: Mapping[str, str] = {
    "faith": "report.button.faith",
    "origin": "report.button.origin",
    "gender": "report.button.gender",
    "love": "report.button.love",
    "age": "report.button.age",
    "disability": "report.button.disability",
}
HELPS: Mapping[str, str] = {"tell": "report.button.only_tell", "help": "report.button.want_help"}
DAYS: Mapping[str, str] = {"today": "report.button.today", "yesterday": "report.button.yesterday"}
