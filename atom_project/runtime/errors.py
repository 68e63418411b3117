"""The one error of the runtime: a sentence for the terminal, never a traceback."""


class StartError(RuntimeError):
    """Something cannot be started; the message is one line that names it and the remedy."""
