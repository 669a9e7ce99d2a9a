"""The app with tasks of the tests', for a real `flask jobs work` process; it believes a worker dead after two seconds."""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import config
from retreat import create_app
from retreat.core import jobs

jobs.STALE_AFTER = timedelta(seconds=2)
jobs.NUDGE_AFTER = timedelta(seconds=1)
jobs.HEARTBEAT_SECONDS = 0.3
jobs.SWEEP_SECONDS = 0.5


@jobs.task("test.slow")
def slow(work: jobs.Work) -> dict[str, Any]:
    """Counts to `steps`, a tenth of a second each, and writes down who does so."""
    steps = work.arguments["steps"]
    with Path(work.arguments["file"]).open("a") as file:
        print(os.getpid(), file=file)
    for done in range(steps):
        work.progress(done, steps)
        time.sleep(0.1)
    return {"steps": steps}


app = create_app(config.selected().values())
