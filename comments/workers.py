"""Work that no visitor waits for, done by a thread of each process."""

import logging
import threading

from django.db import DatabaseError, connection

# So often a thread looks by itself: another process may have left something behind.
LOOK_EVERY_SECONDS = 60

logger = logging.getLogger(__name__)


class Worker:
    """A thread that does what is due, one in each process, started when there is something to do.

    ``work``: a function without arguments. What is due stands in the database, so nothing is lost with the
    thread; two processes at once must agree there who does what.
    """

    def __init__(self, name, work):
        self._name = name
        self._work = work
        self._thread = None
        self._lock = threading.Lock()
        self._woken = threading.Event()

    def wake(self):
        with self._lock:
            self._woken.set()
            # After a fork the thread is the other process's; this one has none.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def _run(self):
        while True:
            self._woken.wait(LOOK_EVERY_SECONDS)
            self._woken.clear()
            try:
                self._work()
            except DatabaseError:
                # What is due is where it was; the next look finds it.
                logger.exception("What is due could not be looked at (%s)", self._name)
            finally:
                connection.close()
