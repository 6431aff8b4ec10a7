"""The engine of all conversations: (state, answer, facts) -> the next state, or Done. Pure.

A Flow is a row of Steps. A Step asks (a Screen) and takes (an Answer -> an Outcome). The engine adds what is the
same in all flows: skip, back, cancel, help, straight to the summary, changing one part from there, stale buttons,
and states that an older version of the flow has left behind. The state holds no language: texts are keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from conversations.engine.answers import Again, Answer, ChangeStep, Finish, Next, Outcome, Tapped, Unusable
from conversations.engine.facts import Facts
from conversations.engine.state import Done, State
from domain.screens import Button, Screen, Text, Words

SKIP, BACK, CANCEL, HELP, TO_SUMMARY = "_skip", "_back", "_cancel", "_help", "_summary"
NAVIGATION = frozenset({SKIP, BACK, CANCEL, HELP, TO_SUMMARY})
SUMMARY = "summary"
CANCELLED = "cancelled"

Answers = Mapping[str, Any]

_REFUSED = {
    "contact": "screens.refused.contact", "video": "screens.refused.video", "file": "screens.refused.file",
    "heic": "screens.refused.heic", "large": "screens.refused.large",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One question, and all there is to know of it: nothing about a step stands elsewhere.

    Attributes:
        ask: The screen.
        take: What an answer does; None for an answer that the step has no use for.
        asked: Whether the step comes up by itself, where it applies.
        urgent: Whether it comes up before every other step as soon as `asked` is true.
        skip: The label of the button that skips it; None where it can't be skipped.
        owns: Names of the answers that skipping takes out.
        help: What the help button says.
        applies: Whether it belongs to the conversation, by the answers so far. A step that does not is neither asked
            nor told, and fills its fields as if nothing had been answered.
        part: Its name in the list of what the summary can change; None: it is not in the list.
        told: What the summary says of it.
        on_top: Whether `told` stands above what the other steps tell.
        fills: Field of the flow's result -> how it comes from the answers.
    """

    name: str
    ask: Callable[[State, Facts], Screen]
    take: Callable[[State, Answer, Facts], Outcome | None]
    asked: Callable[[State], bool] = lambda _: True
    urgent: bool = False
    skip: Text | None = None
    owns: tuple[str, ...] = ()
    help: Text = field(default_factory=lambda: Text("screens.choice.hint"))
    applies: Callable[[Answers], bool] = lambda _: True
    part: Text | None = None
    told: Callable[[Answers], Iterable[Text | Words]] = lambda _: ()
    on_top: bool = False
    fills: Mapping[str, Callable[[Answers], Any]] = field(default_factory=dict)

    def comes_up(self, state: State) -> bool:
        """Whether the step is asked by itself."""
        return self.applies(state.answers) and self.asked(state)


@dataclass(frozen=True, slots=True)
class Flow:
    """A conversation.

    version: goes up when a conversation that is being held could not go on with the new steps · otherwise: takes an
    answer that the step has no use for · ready: whether a button goes straight to the summary.
    """

    name: str
    version: int
    steps: tuple[Step, ...]
    otherwise: Callable[[State, Answer, Facts], Outcome | None] = lambda _state, _answer, _facts: None
    ready: Callable[[State], bool] = lambda _: False

    def step(self, name: str) -> Step | None:
        """The step of this name; None where there is none."""
        return next((step for step in self.steps if step.name == name), None)


def filled(flow: Flow, answers: Answers) -> dict[str, Any]:
    """The fields of the flow's result that its steps fill."""
    return {
        name: value(answers if step.applies(answers) else {})
        for step in flow.steps
        for name, value in step.fills.items()
    }


def start(
    flow: Flow, thread: str, facts: Facts, answers: Mapping[str, Any] | None = None, *, seed: str | None = None
) -> State:
    """The state at the first question. answers: what is known already (a poster's neighbourhood).

    thread: the random id that its messages share · seed: a random text that no other conversation has; None: the
    thread is one.
    """
    # Buttons of another conversation must be stale here: serials start at a number that the seed decides.
    serial = int.from_bytes(sha256((seed or thread).encode()).digest()[:4], "big") << 12
    state = State(thread, flow.name, flow.version, flow.steps[0].name, answers or {}, serial)
    return _show(flow, state, facts)


def is_stale(state: State, answer: Answer) -> bool:
    """Whether the answer is a press on a screen that is no longer the present one."""
    if not isinstance(answer, Tapped):
        return False
    return answer.serial not in (None, state.serial) or not state.screen.offers(answer.value)


def advance(flow: Flow, state: State, answer: Answer, facts: Facts) -> State | Done:
    """The conversation after an answer. A stale press gives back the very same state."""
    state = carried_on(flow, state, facts)
    if is_stale(state, answer):
        return state
    if isinstance(answer, Tapped) and answer.value in NAVIGATION:
        return _navigate(flow, state, answer.value, facts)
    outcome = _named(flow, state.step).take(state, answer, facts) or flow.otherwise(state, answer, facts)
    return _after(flow, state, outcome or Again(notes=(_refusal(answer, state.screen),)), facts)


def carried_on(flow: Flow, state: State, facts: Facts) -> State:
    """The state; one of another version of the flow is moved to a step that this version has, with all its answers."""
    if state.version == flow.version and flow.step(state.step):
        return state
    trail = [name for name in state.trail if flow.step(name)]
    step = state.step if flow.step(state.step) else trail.pop() if trail else flow.steps[0].name
    changing = state.changing and flow.step(SUMMARY) is not None
    moved = replace(state, version=flow.version, step=step, trail=tuple(trail), scratch={}, changing=changing)
    return _show(flow, moved, facts)


def again(flow: Flow, state: State, facts: Facts) -> State:
    """The present question once more, without the notes above it."""
    return _show(flow, carried_on(flow, state, facts), facts)


def _after(flow: Flow, state: State, outcome: Outcome, facts: Facts) -> State | Done:
    match outcome:
        case Finish(end):
            return Done(end, state.answers, state.thread)
        case ChangeStep(step):
            return _show(flow, replace(state, step=step, scratch={}, changing=True), facts)
        case Again(changes, notes, scratch):
            here = replace(_changed(state, changes), scratch=state.scratch if scratch is None else scratch)
            return _on_the_spot(flow, here, facts, *notes) if changes else _show(flow, here, facts, *notes)
        case Next(changes, notes):
            return _forward(flow, _changed(state, changes), facts, *notes)


def _navigate(flow: Flow, state: State, value: str, facts: Facts) -> State | Done:
    step = _named(flow, state.step)
    if value == CANCEL:
        return Done(CANCELLED, state.answers, state.thread)
    if value == HELP:
        return _show(flow, state, facts, step.help)
    if value == SKIP:
        return _forward(flow, _changed(state, dict.fromkeys(step.owns)), facts)
    if value == TO_SUMMARY:
        return _forward(flow, replace(state, changing=True, trail=(*state.trail, step.name)), facts)
    return _show(flow, _back(flow, state), facts)


def _on_the_spot(flow: Flow, state: State, facts: Facts, *notes: Text) -> State:
    """Ask the step again, or first the urgent step that its new answers call for."""
    urgent = _urgent(flow, state)
    if urgent is None:
        return _show(flow, state, facts, *notes)
    changing = state.changing or state.step == SUMMARY
    return _show(flow, replace(state, step=urgent, scratch={}, changing=changing), facts, *notes)


def _forward(flow: Flow, state: State, facts: Facts, *notes: Text) -> State:
    """Go to the urgent step if there is one, else to the next that is asked, or the summary when a part was changed."""
    passed = state if state.changing else replace(state, trail=(*state.trail, state.step))
    if urgent := _urgent(flow, state):
        return _show(flow, replace(passed, step=urgent, scratch={}), facts, *notes)
    step = SUMMARY if state.changing else _following(flow, passed)
    return _show(flow, replace(passed, step=step, scratch={}, changing=False), facts, *notes)


def _urgent(flow: Flow, state: State) -> str | None:
    return next((step.name for step in flow.steps if step.urgent and step.comes_up(state)), None)


def _following(flow: Flow, state: State) -> str:
    names = [step.name for step in flow.steps if not step.urgent]
    last = max((names.index(name) for name in state.trail if name in names), default=-1)
    left = [name for name in names[last + 1 :] if _named(flow, name).comes_up(state)]
    return left[0] if left else names[-1]


def _back(flow: Flow, state: State) -> State:
    if state.scratch:
        return replace(state, scratch={})
    if state.changing:
        return replace(state, step=SUMMARY, changing=False)
    trail = list(state.trail)
    while trail:
        step = flow.step(trail.pop())
        if step and not step.urgent and step.comes_up(state):
            return replace(state, step=step.name, trail=tuple(trail))
    return state


def _changed(state: State, changes: Mapping[str, Any]) -> State:
    if not changes:
        return state
    answers = {**state.answers, **changes}
    return replace(state, answers={name: value for name, value in answers.items() if value is not None})


def _named(flow: Flow, name: str) -> Step:
    step = flow.step(name)
    if step is None:
        raise ValueError(f"{flow.name} has no step {name}")
    return step


def _show(flow: Flow, state: State, facts: Facts, *notes: Text) -> State:
    asked = _named(flow, state.step).ask(state, facts)
    serial = state.serial + 1
    screen = replace(asked, buttons=(*asked.buttons, *_navigation(flow, state)), serial=serial)
    return replace(state, serial=serial, screen=screen.before(*notes))


def _navigation(flow: Flow, state: State) -> tuple[tuple[Button, ...], ...]:
    """Rows of at most three: skip and the summary, then back, cancel and help."""
    step = _named(flow, state.step)
    onward = [Button(step.skip, SKIP)] if step.skip else []
    if flow.ready(state) and not state.changing and step.name != SUMMARY:
        onward.append(Button(Text("screens.button.summary"), TO_SUMMARY))
    around = [Button(Text("screens.button.cancel"), CANCEL), Button(Text("screens.button.help"), HELP)]
    if state.scratch or state.changing or _back(flow, state) is not state:
        around.insert(0, Button(Text("screens.button.back"), BACK))
    return tuple(row for row in (tuple(onward), tuple(around)) if row)


def refused(answer: Unusable) -> Text:
    """Why something is not taken, and what can be sent instead."""
    return Text(_REFUSED.get(answer.kind, "screens.unreadable.text"))


def _refusal(answer: Answer, screen: Screen) -> Text:
    if isinstance(answer, Unusable):
        return refused(answer)
    return Text("screens.choice.unclear" if screen.numbered else "screens.question.unclear")
