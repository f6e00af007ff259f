from . import ksef_certificate_upload
