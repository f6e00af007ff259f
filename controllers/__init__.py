from . import ksef_receipts
