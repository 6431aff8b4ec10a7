"""The local Telegram as a process of its own, for when there is no token."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

from bot.settings import PREFIX, Settings, WrongSetting


async def start_local_telegram(settings: Settings) -> asyncio.subprocess.Process:
    """Start the local Telegram and wait until it says that it listens. Raises WrongSetting when its port is in use."""
    arguments = ["--port", str(settings.simulator_port), "--newcomers", "--with-parent"]
    if settings.clock:
        arguments += ["--clock", settings.clock]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", *arguments,
        stdin=asyncio.subprocess.PIPE,  # which closes when this process is gone, also by kill -9
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    line = await process.stdout.readline() if process.stdout else b""
    if not line:
        _, errors = await process.communicate()
        why = errors.decode(errors="replace").strip().splitlines()
        raise WrongSetting(
            f"{PREFIX}SIMULATOR_PORT: the local Telegram does not start on port {settings.simulator_port}: "
            + (why[-1] if why else "it said nothing")
        )
    return process


async def stop_local_telegram(process: asyncio.subprocess.Process) -> None:
    """Stop it: terminate it, and kill it when it has not ended after 5 seconds."""
    if process.returncode is not None:
        return
    process.terminate()
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), 5)
        return
    process.kill()
    await process.wait()
