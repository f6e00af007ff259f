"""A QR code with its label under it: one picture, for documents that cannot carry
the code themselves."""

import io

from PIL import Image, ImageDraw, ImageFont

from odoo.tools import file_path

from ..ksef import qr

FONT = "web/static/fonts/lato/Lato-Reg-webfont.ttf"
#: Pixels per module: about 300 px a side, as the samples of the ministry have.
BOX_SIZE = 6
LARGEST_FONT = 28


def labelled(link: str, label: str) -> bytes:
    """Return a PNG of the code of ``link`` with ``label`` under it."""
    code = Image.open(io.BytesIO(qr.image(link, box_size=BOX_SIZE))).convert("L")
    font = _font(label, code.width - 2 * BOX_SIZE)
    picture = Image.new("L", (code.width, code.height + 2 * font.size), 255)
    picture.paste(code, (0, 0))
    middle = (code.width / 2, code.height + font.size / 2)
    ImageDraw.Draw(picture).text(middle, label, fill=0, font=font, anchor="mm")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _font(label, width):
    """The largest font in which the label fits into the width."""
    path = file_path(FONT)
    font = ImageFont.truetype(path, LARGEST_FONT)
    fitting = int(LARGEST_FONT * width / font.getlength(label))
    return ImageFont.truetype(path, min(LARGEST_FONT, fitting))
