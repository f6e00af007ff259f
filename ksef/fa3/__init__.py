"""FA(3), the structure of Polish electronic invoices: build, parse, check."""

from .base_types import COUNTRIES
from .build import build
from .elements import NAMESPACE, limit
from .model import (
    Address,
    Annotations,
    BankAccount,
    Basis,
    Buyer,
    Charge,
    Contact,
    CorrectedInvoice,
    Due,
    Exemption,
    Invoice,
    Kind,
    Line,
    Margin,
    Payment,
    RateTotal,
    Seller,
    Settlement,
)
from .parse import parse
from .schema import Schema, check, load_schema
from .text import token
from .vat import BUCKETS, PERCENTS, RATES, Bucket
from .xml import parse_xml

__all__ = [
    "BUCKETS",
    "COUNTRIES",
    "NAMESPACE",
    "PERCENTS",
    "RATES",
    "Address",
    "Annotations",
    "BankAccount",
    "Basis",
    "Bucket",
    "Buyer",
    "Charge",
    "Contact",
    "CorrectedInvoice",
    "Due",
    "Exemption",
    "Invoice",
    "Kind",
    "Line",
    "Margin",
    "Payment",
    "RateTotal",
    "Schema",
    "Seller",
    "Settlement",
    "build",
    "check",
    "limit",
    "load_schema",
    "parse",
    "parse_xml",
    "token",
]
