"""What is measured: the time of each kind of work, and the memory of this process."""

import threading
import time
from collections import Counter
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

_PROCESS = Path("/proc/self")


class Times:
    """Seconds of each kind of work; what one does inside another is its own alone."""

    def __init__(self):
        self.seconds = Counter()
        self._thread = threading.current_thread()
        self._running = []
        self._since = 0.0

    @contextmanager
    def of(self, kind):
        self._change()
        self._running.append(kind)
        try:
            yield
        finally:
            self._change()
            self._running.pop()

    def watch(self, owner, name, kind):
        """Measure a function or method wherever it is called; not in other threads."""
        plain = getattr(owner, name)

        @wraps(plain)
        def watched(*args, **kwargs):
            if threading.current_thread() is not self._thread:
                return plain(*args, **kwargs)
            with self.of(kind):
                return plain(*args, **kwargs)

        setattr(owner, name, watched)

    def watch_steps(self, owner, name, kind):
        """Measure what a generator function does until it has yielded everything."""
        plain = getattr(owner, name)

        @wraps(plain)
        def watched(*args, **kwargs):
            steps, over = plain(*args, **kwargs), object()
            while True:
                with self.of(kind):
                    step = next(steps, over)
                if step is over:
                    return
                yield step

        setattr(owner, name, watched)

    def _change(self):
        now = time.perf_counter()
        if self._running:
            self.seconds[self._running[-1]] += now - self._since
        self._since = now


def forget_peak():
    """Let the peak of memory begin at what is used now."""
    (_PROCESS / "clear_refs").write_text("5")


def memory(name):
    """Return a line of /proc/self/status in MB: VmRSS now, VmHWM at its peak."""
    lines = (_PROCESS / "status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return int(fields[name].split()[0]) / 1024
