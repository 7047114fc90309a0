"""The bot, killed when it takes a step for the nth time.

`python -m tests.faults.mortal STEP N run --config FILE`
"""

import itertools
import os
import signal
import sys

from bot import steps
from bot.__main__ import main
from bot.steps import Step


def die_at(step: Step, number: int) -> None:
    """Let this process end as by `kill -9`, whichever thread takes the step."""
    taken = itertools.count(1)

    def watch(reached: Step) -> None:
        if reached is step and next(taken) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    steps.watch = watch


if __name__ == "__main__":
    die_at(Step(sys.argv[1]), int(sys.argv[2]))
    del sys.argv[1:3]
    main()
