"""What came in, as plain values: an answer for a conversation, a command in any language, the parts of a deep link."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from conversations.engine.answers import Answer, Corrected, Photographed, Pinned, Spoken, Typed, Unusable
from domain.cleaning import cleaned
from domain.neighbourhoods import BY_CODE
from domain.sealing import is_id
from handlers.telegram.aiogram_lazily import Document, Message
from handlers.telegram.links import with_links
from locales.texts import LANGUAGES

PHOTO_BYTES = 10_000_000
# What an image sent as a file may call itself; some apps give no type, then its name tells. What it really is shows
# when it is made anew.
_IMAGES = ("image/jpeg", "image/jpg", "image/png", "image/webp", "image/gif")
_NO_TYPES = ("", "application/octet-stream", "binary/octet-stream")
_IMAGE_NAME = re.compile(r"\.(jpe?g|jfif|png|webp|gif)$", re.IGNORECASE)
_HEIC_NAME = re.compile(r"\.hei[cf]$", re.IGNORECASE)

# Command -> deed. Telegram's menu takes Latin letters only; who types in Arabic is understood as well.
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
_OPENS = {
    "report": "report", "melden": "report", "mine": "mine", "mijn": "mine", "vote": "vote", "stem": "vote",
    "privacy": "privacy", "help": "help", "agenda": "agenda", "meet": "meeting",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """What a deep link asks for: a language, a neighbourhood's code, a deed, and the code or id it is about."""

    language: str | None = None
    neighbourhood: str | None = None
    deed: str | None = None
    value: str = ""


def command_of(text: str) -> tuple[str, str] | None:
    """The deed a command names, and what stands after it; None when it is no command.

    An unknown command alone asks for help; with words after it, it is a text.
    """
    found = _COMMAND.match(text.strip())
    if found is None:
        return None
    rest = (found[2] or "").strip()
    deed = COMMANDS.get(found[1].casefold(), "" if rest else "help")
    return (deed, rest) if deed else None


def link_of(payload: str) -> Link:
    """The parts of a `/start` payload: `lang-tr`, `buurt-FA08`, `report`, `tr-FA08-report`, `meet-ID`.

    `vote-7K2MQ9RX4TAB2C` too. Others are left out.
    """
    language = neighbourhood = deed = None
    value = ""
    for part in re.split("[-_]", payload[:64]):
        if part.lower() in LANGUAGES:
            language = part.lower()
        elif part.upper() in BY_CODE:
            neighbourhood = part.upper()
        elif part.lower() in _OPENS:
            deed = _OPENS[part.lower()]
        elif deed == "vote":
            value += part
        elif is_id(part):
            value = part
    return Link(language, neighbourhood, deed, value)


def answer_of_message(message: Message, *, edited: bool = False) -> Answer:
    """What a message answers."""
    if message.text is not None:
        text = cleaned(with_links(message.text, message.entities))
        return Corrected(text, message.message_id) if edited else Typed(text, message.message_id)
    caption = cleaned(with_links(message.caption or "", message.caption_entities))
    if edited:
        return Corrected(caption, message.message_id) if caption else Unusable("edited")
    if message.voice is not None:
        return Spoken(message.voice.file_id, message.voice.duration)
    if (photo := _photo_of(message)) is not None:
        return Photographed(photo, caption, message.message_id, message.media_group_id)
    if message.location is not None:
        return Pinned(message.location.latitude, message.location.longitude)
    return Unusable(_kind_of(message), message.media_group_id)


def _photo_of(message: Message) -> str | None:
    """The largest size of a photo that we take, or an image that was sent as a file."""
    sizes = [size for size in message.photo or () if (size.file_size or 0) <= PHOTO_BYTES]
    if sizes:
        return max(sizes, key=lambda size: size.width * size.height).file_id
    file = message.document
    if file is not None and _is_image(file) and (file.file_size or 0) <= PHOTO_BYTES:
        return file.file_id
    return None


def _is_image(file: Document) -> bool:
    kind = (file.mime_type or "").casefold()
    return kind in _IMAGES or (kind in _NO_TYPES and _IMAGE_NAME.search(_end_of(file.file_name)) is not None)


def _end_of(name: str | None) -> str:
    """The end of a file's name, where its kind stands: a name may be as long as its sender likes."""
    return (name or "")[-16:].strip()


def _kind_of(message: Message) -> str:
    if message.contact is not None:
        return "contact"
    if message.video is not None or message.video_note is not None:
        return "video"
    if (file := message.document) is not None:
        if "image/hei" in (file.mime_type or "").casefold() or _HEIC_NAME.search(_end_of(file.file_name)):
            return "heic"
        if _is_image(file):
            return "large"
    return "file" if message.document is not None or message.audio is not None else "other"
