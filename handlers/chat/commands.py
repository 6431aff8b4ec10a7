"""Commands as residents type them, in any language."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Command -> deed. Telegram's menu takes Latin letters only; a command typed in Arabic is understood as well.
COMMANDS: Mapping[str, str] = {
    **dict.fromkeys(("start", "begin", "menu", "basla", "البداية"), "start"),
    **dict.fromkeys(("help", "hulp", "yardim", "yardım", "مساعدة"), "help"),
    **dict.fromkeys(("taal", "language", "lang", "dil", "لغة", "اللغة"), "language"),
    **dict.fromkeys(("melden", "meld", "report", "bildir", "بلاغ", "إبلاغ"), "report"),
    **dict.fromkeys(("agenda", "ajanda", "gundem", "أجندة", "مواعيد"), "agenda"),
    **dict.fromkeys(("mijn", "mine", "my", "mijnmeldingen", "bildirimlerim", "بلاغاتي"), "mine"),
    **dict.fromkeys(("stem", "stemmen", "vote", "oy", "تصويت", "التصويت"), "vote"),
    **dict.fromkeys(("privacy", "gizlilik", "خصوصية", "الخصوصية"), "privacy"),
    **dict.fromkeys(("mijngegevens", "mydata", "verilerim", "بياناتي"), "my_data"),
    **dict.fromkeys(("wis", "delete", "erase", "sil", "حذف", "محو"), "erase"),
    **dict.fromkeys(("stop", "dur", "إيقاف"), "stop"),
    **dict.fromkeys(("settings", "instellingen", "ayarlar", "إعدادات", "الإعدادات"), "settings"),
    **dict.fromkeys(("nieuws", "news", "haberler", "haber", "أخبار", "الأخبار"), "news"),
    **dict.fromkeys(("cancel", "annuleer", "annuleren", "iptal", "إلغاء"), "cancel"),
}
_COMMAND = re.compile(r"^/(\w{1,64})(?:@\w{1,64})?(?:\s+(.*))?$", re.DOTALL)


def command_of(text: str) -> tuple[str, str] | None:
    """(Deed that a command names, words after it); None when the text is no command.

    An unknown command alone asks for help; with words after it, it counts as plain text.
    """
    found = _COMMAND.match(text.strip())
    if found is None:
        return None
    rest = (found[2] or "").strip()
    deed = COMMANDS.get(found[1].casefold(), "" if rest else "help")
    return (deed, rest) if deed else None
