"""When the training of a fit began."""

import logging
import time


class Started(logging.Handler):
    """Keeps the time at which the package says that it trains now."""

    at = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one message."""
        if record.getMessage().startswith("Training on"):
            self.at = time.perf_counter()


def listen() -> Started:
    """Begin to look."""
    started, logger = Started(), logging.getLogger("sce2tm")
    logger.addHandler(started)
    logger.setLevel(logging.INFO)
    return started
