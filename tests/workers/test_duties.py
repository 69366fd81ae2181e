"""What a worker looks after is done at once, again and again, whatever becomes of it."""

import os
from threading import Event

from legato.deployment import Deployment
from legato.errors import Unavailable
from legato.workers.duties import Duties, Duty, duties_of
from tests.running import wait_until


def test_a_duty_that_fails_is_done_again_and_one_that_takes_long_holds_up_none() -> None:
    done: list[str] = []
    over = Event()

    def fail() -> None:
        done.append("failed")
        raise Unavailable("catalog_unavailable", "away") if len(done) % 2 else ZeroDivisionError

    duties = [
        Duty(name="slow", every_s=60, do=over.wait),
        Duty(name="failing", every_s=0.01, do=fail),
    ]
    with Duties(duties):
        wait_until(lambda: len(done) >= 4)
        over.set()


def test_a_duty_is_done_once_and_not_again_before_its_time() -> None:
    done: list[str] = []

    with Duties([Duty(name="hourly", every_s=3600, do=lambda: done.append("done"))]):
        wait_until(lambda: done)

    assert done == ["done"]


def test_what_a_killed_process_left_of_a_master_goes_while_others_work(
    deployment: Deployment,
) -> None:
    left = deployment.settings.scratch / "upload-0123456789abcdef"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    os.utime(left, (0, 0))

    [duty] = [one for one in duties_of(deployment) if one.name == "half received masters"]
    with Duties([duty]):
        wait_until(lambda: not left.exists())

    assert duty.every_s == 60
