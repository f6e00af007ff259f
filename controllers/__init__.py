from . import ksef_official
from . import ksef_receipts
