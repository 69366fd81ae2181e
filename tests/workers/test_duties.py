"""What a worker looks after is done at once, again and again, whatever becomes of it."""

from threading import Event

from legato.errors import Unavailable
from legato.workers.duties import Duties, Duty
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
