"""Turns a message of Telegram into a plain value: an answer for a conversation."""

from __future__ import annotations

import re

from conversations.engine.answers import Answer, Corrected, Photographed, Pinned, Spoken, Typed, Unusable
from domain.cleaning import cleaned
from handlers.telegram.aiogram_lazily import Document, Message
from handlers.telegram.links import pasted, with_links

PHOTO_BYTES = 10_000_000
# The types that an image sent as a file may have; some apps give no type, then its name decides. Whether it really is
# an image is found out when the photo is made anew.
_IMAGES = ("image/jpeg", "image/jpg", "image/png", "image/webp", "image/gif")
_NO_TYPES = ("", "application/octet-stream", "binary/octet-stream")
_IMAGE_NAME = re.compile(r"\.(jpe?g|jfif|png|webp|gif)$", re.IGNORECASE)
_HEIC_NAME = re.compile(r"\.hei[cf]$", re.IGNORECASE)


def answer_of_message(message: Message, *, edited: bool = False) -> Answer:
    """The answer that a message holds. edited: the message was changed; that corrects its text."""
    if message.text is not None:
        text = pasted(cleaned(with_links(message.text, message.entities)))
        return Corrected(text, message.message_id) if edited else Typed(text, message.message_id)
    caption = cleaned(with_links(message.caption or "", message.caption_entities))
    if edited:
        return Corrected(caption, message.message_id) if caption else Unusable("edited")
    if message.voice is not None:
        return Spoken(message.voice.file_id, message.voice.duration, caption, message.message_id)
    if (photo := _photo_of(message)) is not None:
        return Photographed(photo, caption, message.message_id, message.media_group_id)
    if message.location is not None:
        return Pinned(message.location.latitude, message.location.longitude)
    return Unusable(_kind_of(message), message.media_group_id, caption, message.message_id)


def _photo_of(message: Message) -> str | None:
    """The file_id of a photo, in the largest size that we take, or of an image that was sent as a file; or None."""
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
    """The last characters of a file's name, where its kind stands: a name may be as long as its sender likes."""
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
