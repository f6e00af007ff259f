from pyzbar import pyzbar

from .common import NIP
from .offline_common import OfflineCase
from .printed import Printed


class CodesCase(Printed, OfflineCase):
    """The QR codes that the buyer gets, read from the picture as a phone does."""

    def use_offline_certificate(self, key):
        """Put another one in the place of the first. Returns it."""
        self.env["ksef.certificate"].search([("type", "=", "offline")]).unlink()
        return self.upload(self.company, "Offline", nip=NIP, key=key)

    def links_in(self, image):
        """The links in a picture, as zbar finds them."""
        found = pyzbar.decode(image, symbols=[pyzbar.ZBarSymbol.QRCODE])
        return [code.data.decode() for code in found]
