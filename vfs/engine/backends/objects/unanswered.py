"""Why a request got no answer, in words that hold no URL, no header and no secret, and may be shown."""


class NoAnswer(ConnectionError):
    """No whole answer came; another attempt may get one."""


class TooLate(NoAnswer, TimeoutError):
    """The time for a request and its answer is over."""


class HungUp(NoAnswer):
    """The server ended the connection."""


class Forsaken(HungUp):
    """A connection that was kept had ended, as servers end them, before anything was heard on it."""


class Barred(OSError):
    """The proxy on the way does not let us through, now or later."""


class Unfit(OSError):
    """What was to be asked can be no request, or what came is no answer to it; nor will it be next time."""
