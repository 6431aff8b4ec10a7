"""What a resident tells: messages that join into one story, voice messages and photos, each within its limit. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conversations.engine.answers import Again, Answer, Corrected, Photographed, Spoken, Typed, Unusable
from conversations.engine.flow import Answers, refused
from domain.screens import Text
from domain.signals.workflow import PHOTO_LIMIT, STORY_LIMIT, VOICE_LIMIT_SECONDS, GivenFile

VOICES_LIMIT = 5


def words_of(answers: Answers) -> str:
    """The story: all its messages, joined by line ends."""
    return "\n".join(part["words"] for part in answers.get("story", ()))


def files_of(answers: Answers) -> tuple[GivenFile, ...]:
    """The voice messages in the order they were sent, then the photos."""
    voices = [GivenFile("voice", file_id, seconds) for file_id, seconds in answers.get("voices", ())]
    return (*voices, *(GivenFile("photo", file_id) for file_id in answers.get("photos", ())))


def tells_nothing(answers: Answers) -> bool:
    """Whether there is neither a word nor a voice nor a photo."""
    return not words_of(answers).strip() and not files_of(answers)


def join(answers: Answers, said: Typed, *, afresh: bool = False, under: bool = False) -> Again:
    """Add a message to the story. afresh: begin a new story with it."""
    before = answers.get("story", ())
    parts = [part for part in before if not afresh or part.get("under")]
    mark = {"under": True} if under else {}
    return _kept([*parts, {"ref": said.ref, "words": said.text, **mark}], Text("report.story.added"))


def correct(answers: Answers, corrected: Corrected) -> Again:
    """A message of the story was changed after it was sent."""
    parts = list(answers.get("story", ()))
    if corrected.ref not in [part["ref"] for part in parts]:
        return Again(notes=(Text("report.story.not_corrected"),))
    new = [{**part, "words": corrected.text} if part["ref"] == corrected.ref else part for part in parts]
    return _kept(new, Text("report.story.corrected"))


def add_voice(answers: Answers, spoken: Spoken) -> Again:
    """One more voice message, five minutes at most."""
    voices = list(answers.get("voices", ()))
    if spoken.seconds > VOICE_LIMIT_SECONDS:
        return Again(notes=(Text("report.voice.too_long", {"minutes": VOICE_LIMIT_SECONDS // 60}),))
    if len(voices) >= VOICES_LIMIT:
        return Again(notes=(Text("report.voice.full", {"limit": VOICES_LIMIT}),))
    voices.append([spoken.file_id, spoken.seconds])
    return _with_caption(answers, spoken, {"voices": voices}, Text("report.voice.kept", count=len(voices)))


def add_photo(answers: Answers, photo: Photographed) -> Again:
    """One more photo, five at most; what stands under it joins the story."""
    photos = list(answers.get("photos", ()))
    if len(photos) >= PHOTO_LIMIT:
        return Again(notes=(Text("report.photos.full", {"limit": PHOTO_LIMIT}),))
    photos.append(photo.file_id)
    kept = Text("report.photos.kept", {"limit": PHOTO_LIMIT}, len(photos))
    return _with_caption(answers, photo, {"photos": photos}, kept)


def tell(answers: Answers, answer: Answer) -> Again | None:
    """Take an answer that tells more: a message, a correction, a voice message, a photo; None for any other."""
    match answer:
        case Typed():
            return join(answers, answer)
        case Corrected():
            return correct(answers, answer)
        case Spoken():
            return add_voice(answers, answer)
        case Photographed():
            return add_photo(answers, answer)
        case Unusable(caption=words) if words:
            return _with_caption(answers, answer, {}, refused(answer))
    return None


def _with_caption(
    answers: Answers, answer: Photographed | Spoken | Unusable, changes: Mapping[str, Any], note: Text
) -> Again:
    """What stands under something joins the story, whether that itself is kept or not."""
    if not answer.caption:
        return Again(changes, (note,))
    joined = join(answers, Typed(answer.caption, answer.ref), under=True)
    return Again({**changes, **joined.changes}, (note, *joined.notes))


def _kept(parts: list[dict[str, Any]], note: Text) -> Again:
    length = len("\n".join(part["words"] for part in parts))
    if length > STORY_LIMIT:
        return Again(notes=(Text("report.story.too_long", {"length": length, "limit": STORY_LIMIT}),))
    return Again({"story": parts}, (note,))
