"""What a process says is heard as fast as it speaks, and kept to a bound."""

import os
import threading

from legato.transcode.last_words import KEPT_BYTES, LastWords


def test_of_ever_so_many_words_the_last_are_kept_and_no_more_than_twice_the_bound() -> None:
    read, write = os.pipe()
    words = LastWords(os.fdopen(read, "rb", buffering=0))

    def speak() -> None:
        with os.fdopen(write, "wb", buffering=0) as pipe:
            for _ in range(5 * KEPT_BYTES >> 16):
                pipe.write(b"x" * (1 << 16))
            pipe.write(b"the reason")

    speaker = threading.Thread(target=speak)
    speaker.start()
    speaker.join()
    words.wait(20)
    assert words.text(10) == "the reason"
    assert words.text().endswith("xx" + "the reason")
    assert len(words.text()) == KEPT_BYTES
    assert len(words._heard) <= 2 * KEPT_BYTES
    words.close()
