"""Commands as residents type them, in any language, with a slash or as a word by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping

from domain.folding import folded
from locales import texts

# Word -> deed. Telegram's menu takes Latin letters only; words typed in Arabic are understood as well.
COMMANDS: Mapping[str, str] = {
    **dict.fromkeys(("start", "begin", "menu", "basla", "menü", "البداية", "القائمة"), "start"),
    **dict.fromkeys(("help", "hulp", "yardim", "yardım", "مساعدة"), "help"),
    **dict.fromkeys(("taal", "language", "lang", "dil", "لغة", "اللغة"), "language"),
    **dict.fromkeys(("melden", "meld", "report", "bildir", "بلاغ", "إبلاغ"), "report"),
    **dict.fromkeys(("agenda", "ajanda", "gundem", "أجندة", "مواعيد"), "agenda"),
    **dict.fromkeys(("mijn", "mine", "my", "mijnmeldingen", "bildirimlerim", "بلاغاتي"), "mine"),
    **dict.fromkeys(("stem", "stemmen", "vote", "oy", "تصويت", "التصويت"), "vote"),
    **dict.fromkeys(("privacy", "gizlilik", "خصوصية", "الخصوصية"), "privacy"),
    **dict.fromkeys(("mijngegevens", "mydata", "verilerim", "بياناتي"), "my_data"),
    **dict.fromkeys(("wis", "delete", "erase", "sil", "حذف", "محو"), "erase"),
    **dict.fromkeys(("stop", "dur", "إيقاف", "توقف"), "stop"),
    **dict.fromkeys(("settings", "instellingen", "ayarlar", "إعدادات", "الإعدادات"), "settings"),
    **dict.fromkeys(("nieuws", "news", "haberler", "haber", "أخبار", "الأخبار"), "news"),
    **dict.fromkeys(("cancel", "annuleer", "annuleren", "iptal", "إلغاء"), "cancel"),
}
_DEEDS = {folded(word): deed for word, deed in COMMANDS.items()}
_NAMES = {
    folded(name): code for code in texts.LANGUAGES for name in (texts.NAMES[code], *texts.language_names(code).values())
}
_COMMAND = re.compile(r"/(\w{1,64})(?:@\w{1,64})?(?:[^\w\s]*$|\s+(.*))", re.DOTALL)
_LONGEST_WORD = 40  # characters of a command typed without a slash, with signs around it


def command_of(text: str) -> tuple[str, str] | None:
    """The deed a command names, and what stands after it; None when it is no command.

    An unknown command alone asks for help; with words after it, it is a text. Without a slash a command is a word by
    itself: "Stop!", "MENU".
    """
    plain = text.strip().lstrip("\u200e\u200f\u2066\u2067\u2068").replace("\uff0f", "/", 1)
    found = _COMMAND.match(plain)
    if found is None:
        deed = _DEEDS.get(_alone(plain), "")
        return (deed, "") if deed else None
    rest = (found[2] or "").strip()
    deed = _DEEDS.get(folded(found[1]), "" if rest else "help")
    return (deed, rest) if deed else None


def language_named(text: str) -> str | None:
    """The code of the language whose name, in any language, is the whole text; None where it is none."""
    return _NAMES.get(_alone(text))


def _alone(text: str) -> str:
    """The one word of a text, folded, without the signs around it; "" where there are more."""
    if len(text) > _LONGEST_WORD:
        return ""
    words = re.findall(r"\w+", folded(text))
    return words[0] if len(words) == 1 else ""
