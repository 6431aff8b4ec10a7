"""The local Telegram does what the real one does: one file a subject, one test a behaviour."""

import pytest

pytest.register_assert_rewrite("tests.simulator.checks", "tests.simulator.client")
