"""FA(3) in English: one class per section, one field per element, in schema order.

Each field names its element. Amounts are ``Decimal`` in the currency of the invoice,
with the sign of the document (a correction by difference reduces with minus). A
further element is a further line here, and ``build`` and ``parse`` follow.
Schema: http://crd.gov.pl/wzor/2025/06/25/13775/.
"""

from .advances import AdvanceInvoice, AdvanceOrder, OrderLine, PartAdvance
from .annotations import (
    Annotations,
    Basis,
    Exemption,
    Margin,
    NewTransport,
    Vehicle,
)
from .attachment import Attachment, AttachmentBlock, Column, MetaData, Table, TableData
from .corrections import CorrectedInvoice, FormerBuyer, FormerSeller
from .footer import Footer, Register
from .invoice import Description, Invoice, Kind
from .lines import Charge, Line, RateTotal, Settlement
from .parties import (
    Address,
    Authorized,
    AuthorizedContact,
    Buyer,
    Contact,
    Seller,
    ThirdParty,
)
from .payment import BankAccount, Due, EarlyDiscount, PartPayment, Payment
from .terms import Carrier, Contract, Order, Terms, Transport

__all__ = [
    "Address",
    "AdvanceInvoice",
    "AdvanceOrder",
    "Annotations",
    "Attachment",
    "AttachmentBlock",
    "Authorized",
    "AuthorizedContact",
    "BankAccount",
    "Basis",
    "Buyer",
    "Carrier",
    "Charge",
    "Column",
    "Contact",
    "Contract",
    "CorrectedInvoice",
    "Description",
    "Due",
    "EarlyDiscount",
    "Exemption",
    "Footer",
    "FormerBuyer",
    "FormerSeller",
    "Invoice",
    "Kind",
    "Line",
    "Margin",
    "MetaData",
    "NewTransport",
    "Order",
    "OrderLine",
    "PartAdvance",
    "PartPayment",
    "Payment",
    "RateTotal",
    "Register",
    "Seller",
    "Settlement",
    "Table",
    "TableData",
    "Terms",
    "ThirdParty",
    "Transport",
    "Vehicle",
]
