"""Work that no visitor waits for, done by a thread of each process."""

import logging
import threading

from django.db import DatabaseError, connection

# So often a thread looks by itself: a moment has come, or another process has left something behind.
LOOK_EVERY_SECONDS = 60

logger = logging.getLogger(__name__)


class Worker:
    """A thread that does what is due, one in each process.

    ``work``: a function without arguments. What is due stands in the database, so nothing is lost with the
    thread; two processes at once must agree there who does what.
    """

    def __init__(self, name, work):
        self._name = name
        self._work = work
        self._thread = None
        self._lock = threading.Lock()
        self._woken = threading.Event()

    def start(self):
        """Have the thread running; it looks for the first time when it is woken, or after a while."""
        with self._lock:
            # After a fork the thread is the other process's; this one has none.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def wake(self):
        """Have what is due done soon."""
        self._woken.set()
        self.start()

    def rest(self, seconds):
        """Wait, but no longer than until something is due."""
        self._woken.wait(seconds)
        self._woken.clear()

    def _run(self):
        while True:
            self.rest(LOOK_EVERY_SECONDS)
            try:
                self._work()
            except DatabaseError:
                # What is due is where it was; the next look finds it.
                logger.exception("What is due could not be looked at (%s)", self._name)
            finally:
                connection.close()
