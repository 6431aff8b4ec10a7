"""Mutation tests: break one rule at a time, on every floor, and see that its tests fail: `python -m tests.mutants`.

Each mutant is one change in one file of a copy of the code base.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.house.source import our_files
from tests.parts import ROOT


@dataclass(frozen=True)
class Mutant:
    """`old` stands once in `file` and becomes `new`; `tests` are the paths that pytest runs."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTANTS = (
    # domain
    Mutant(
        "an employed confidant reads",
        "domain/staff/rights.py",
        "frozenset(About) - {About.NOBODY} if independent else frozenset()",
        "frozenset(About) - {About.NOBODY}",
        ("tests/domain/staff",),
    ),
    Mutant(
        "a viewer counts as a reader",
        "domain/staff/promises.py",
        "one.role == role and may_see(",
        "may_see(",
        ("tests/domain/staff/test_promises.py",),
    ),
    Mutant(
        "a resolved signal is reopened after a year",
        "domain/signals/workflow.py",
        "return not reopening or ended_on is None or today - ended_on <= REOPEN_WITHIN",
        "return True",
        ("tests/domain/signals",),
    ),
    Mutant(
        "a large party holds up the line",
        "domain/meetings/planning.py",
        "        if not fits(capacity, 0, people):\n            continue\n",
        "",
        ("tests/domain/meetings",),
    ),
    Mutant(
        "a cent more than there is",
        "domain/budget/counting.py",
        "fits = election.plans[plan].cost_cents <= left_cents",
        "fits = election.plans[plan].cost_cents <= left_cents + 1",
        ("tests/domain/budget/test_counting.py",),
    ),
    Mutant(
        "a group of four is told",
        "domain/broadcasts/rules.py",
        "return number - number % SMALLEST_SHOWN or None",
        "return number or None",
        ("tests/domain/broadcasts",),
    ),
    Mutant(
        "a chat's burst is never used up",
        "domain/pace.py",
        "return max(now, start - gap * (burst - 1)), start + gap",
        "return now, start + gap",
        ("tests/domain/test_pace.py",),
    ),
    # conversations
    Mutant(
        "who reads it is not said",
        "conversations/signals/report_summary.py",
        " *_who_reads(state.answers, facts),",
        "",
        ("tests/conversations", "tests/handlers/chat/test_promises.py"),
    ),
    Mutant(
        "an old button is taken",
        "conversations/engine/flow.py",
        "return answer.serial not in (None, state.serial) or not state.screen.offers(answer.value)",
        "return not state.screen.offers(answer.value)",
        ("tests/conversations/engine", "tests/conversations/test_exploration.py"),
    ),
    Mutant(
        "an invitation without a stop",
        "conversations/broadcasts/notices.py",
        "(*opens, (fewer, stop))",
        "(*opens, (fewer,))",
        ("tests/services/broadcasts",),
    ),
    Mutant(
        "a reminder tells the theme",
        "conversations/meetings/notices.py",
        "return Screen((first, when, where), ((look,), (away,)))",
        "return Screen((first, when, where, Text(details.theme.get('nl', ''))), ((look,), (away,)))",
        ("tests/services/meetings/test_reminders.py",),
    ),
    # services
    Mutant(
        "a blocked code votes",
        "services/budget/voting.py",
        "if voter is None or voter.blocked:",
        "if voter is None:",
        ("tests/services/budget/test_voting.py", "tests/services/budget/test_round_acts.py"),
    ),
    Mutant(
        "a changed vote is counted on the roll again",
        "services/budget/voting.py",
        "if voter.channel is None:  # a changed vote",
        "if True:  # a changed vote",
        ("tests/services/budget/test_voting.py",),
    ),
    Mutant(
        "wrong voting codes are not counted",
        "services/budget/voting.py",
        "        await rates.once_more(work, guesses)\n",
        "",
        ("tests/services/budget/test_voting.py",),
    ),
    Mutant(
        "one code signs in twice",
        "services/staff/sign_in.py",
        "return step if step is not None and step > member.totp_step else None",
        "return step",
        ("tests/services/staff/test_sign_in.py",),
    ),
    Mutant(
        "a session never ends",
        "services/staff/sign_in.py",
        "if work.now - found.began_at >= SESSION_LASTS or work.now - found.seen_at >= SESSION_IDLES:",
        "if work.now - found.began_at >= SESSION_LASTS:",
        ("tests/services/staff/test_sign_in.py",),
    ),
    Mutant(
        "a known browser is shut out by strangers",
        "services/staff/sign_in_limits.py",
        'self._own = _tag(work, device if self.known else f"{account} {network}")',
        "self._own = _tag(work, account)",
        ("tests/services/staff/test_sign_in.py", "tests/handlers/console/staff"),
    ),
    Mutant(
        "a cut line stays in the conversation",
        "services/signals/cutting.py",
        "        await residents.forget_in_conversation(work, reach, signal_id)\n",
        "",
        ("tests/services/signals/test_cutting.py",),
    ),
    Mutant(
        "anybody cuts a line",
        "services/signals/cutting.py",
        "if not await reporting.may_cut(work, reach, signal_id):",
        "if False:",
        ("tests/services/signals/test_cutting.py",),
    ),
    Mutant(
        "told after /stop",
        "services/signals/reporters.py",
        "if reporter is not None and await residents.wants_to_hear(work, reporter):",
        "if reporter is not None:",
        ("tests/services/people/test_stop.py",),
    ),
    Mutant(
        "erasing leaves the openers",
        "services/signals/reporting.py",
        "    await cases.drop_opener(work, opener_tag(work.keys, reach))\n",
        "",
        ("tests/services/rights",),
    ),
    # storage, handlers, bot
    Mutant(
        "a chat hears its answers in any order",
        "storage/outbox/queue.py",
        "_not_later(), ~taken_before)",
        "_not_later())",
        ("tests/storage/outbox", "tests/services/speaking"),
    ),
    Mutant(
        "an answer that is said at once overtakes what waits",
        "storage/outbox/at_once.py",
        "waits = or_(exists(older), ",
        "waits = or_(",
        ("tests/faults/test_at_once.py",),
    ),
    Mutant(
        "an answer that is said at once looks for no halt",
        "storage/outbox/at_once.py",
        "exists(halted), ",
        "",
        ("tests/faults/test_at_once.py",),
    ),
    Mutant(
        "a work that is rolled back in a group is kept",
        "storage/engine/together.py",
        'await work.driver.toil("ROLLBACK TO SAVEPOINT member")',
        "pass",
        ("tests/storage/engine/test_together.py",),
    ),
    Mutant(
        "who shares a write is over before it",
        "storage/engine/together.py",
        "        await asyncio.shield(group.done)\n",
        "",
        ("tests/storage/engine/test_together.py",),
    ),
    Mutant(
        "a dead connection is lent",
        "storage/engine/lending.py",
        "                if lent.is_sound:",
        "                if lent:",
        ("tests/storage/engine",),
    ),
    Mutant(
        "a wrong csrf is taken",
        "handlers/console/visits.py",
        'if not visit or not hmac.compare_digest(csrf(visit).encode(), text_of(form, "csrf").encode()):',
        "if not visit:",
        ("tests/handlers/console",),
    ),
    Mutant(
        "a deed is done before the warning",
        "handlers/chat/front.py",
        "if deed in _OPEN or _settled(tap):",
        "if True:",
        ("tests/handlers/chat/test_first_contact.py",),
    ),
    Mutant(
        "an update is handled twice",
        "bot/listening/listener.py",
        'if not await updates.first_time(work, DOOR, raw["update_id"]):\n                    metrics',
        'if await updates.first_time(work, DOOR, raw["update_id"]) is None:\n                    metrics',
        ("tests/faults/test_listening.py",),
    ),
)


def survives(mutant: Mutant, house: Path) -> bool:
    """Whether the tests pass in spite of the mutant. Puts the file right again. AssertionError when they can't run."""
    path = house / mutant.file
    right = path.read_text(encoding="utf-8")
    assert right.count(mutant.old) == 1, mutant.name
    path.write_text(right.replace(mutant.old, mutant.new), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *mutant.tests]
    try:
        done = subprocess.run(command, cwd=house, capture_output=True, check=False)
    finally:
        path.write_text(right, encoding="utf-8")
    assert done.returncode in (0, 1), f"{mutant.name}: the tests could not run\n{done.stdout.decode()[-2000:]}"
    return done.returncode == 0


def copy_of_the_house(folder: Path) -> Path:
    """Copy all files of the checkout into `folder`; gives `folder`."""
    for source in our_files():
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    return folder


def main() -> int:
    """Try all mutants; exit status 1 when one survives."""
    left = 0
    with tempfile.TemporaryDirectory() as folder:
        house = copy_of_the_house(Path(folder))
        for mutant in MUTANTS:
            alive = survives(mutant, house)
            left += alive
            print(f"{'SURVIVES' if alive else 'caught  '} {mutant.file}: {mutant.name}", flush=True)
    print(f"{len(MUTANTS) - left} of {len(MUTANTS)} caught")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
