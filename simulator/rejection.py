"""The refusal of a file: not an HTTP error but a status of its own."""


class Rejected(Exception):
    """The file does not become an invoice: status code and details."""

    def __init__(self, code, *details, extensions=None):
        super().__init__(code, *details)
        self.code = code
        self.details = details
        self.extensions = extensions
