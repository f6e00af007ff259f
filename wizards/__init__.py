from . import account_move_send_wizard
from . import ksef_certificate_upload
