"""``fa3.Invoice`` → what a person reads: sections, fields and tables. No HTML."""

from .invoice import readable
from .page import Block, Cell, Column, Field, Grid, Page, Row, Section
from .speech import Speech

__all__ = [
    "Block",
    "Cell",
    "Column",
    "Field",
    "Grid",
    "Page",
    "Row",
    "Section",
    "Speech",
    "readable",
]
