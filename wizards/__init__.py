from . import account_move_reversal
from . import account_move_send_wizard
from . import ksef_certificate_upload
from . import ksef_certificate_enrol
from . import ksef_certificate_register
from . import ksef_first_login
from . import ksef_technical_correction
