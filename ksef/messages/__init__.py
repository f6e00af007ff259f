"""What the API answers, as immutable values, and what its status codes mean.

Source: the official OpenAPI file.
"""

from .login import (
    AuthOperation,
    AuthStatus,
    Challenge,
    Grant,
    PublicKey,
    Token,
    Tokens,
    rights,
)
from .receiving import (
    ExportPackage,
    ExportPart,
    ExportStatus,
    InvoiceMetadata,
    InvoiceQuery,
    MetadataPage,
    metadata_list,
)
from .sending import (
    InvoicePage,
    InvoiceStatus,
    OpenedSession,
    SessionStatus,
    UpoPage,
)
from .statuses import SessionPhase, Verdict, session_phase, verdict

__all__ = [
    "AuthOperation",
    "AuthStatus",
    "Challenge",
    "ExportPackage",
    "ExportPart",
    "ExportStatus",
    "Grant",
    "InvoiceMetadata",
    "InvoicePage",
    "InvoiceQuery",
    "InvoiceStatus",
    "MetadataPage",
    "OpenedSession",
    "PublicKey",
    "SessionPhase",
    "SessionStatus",
    "Token",
    "Tokens",
    "UpoPage",
    "Verdict",
    "metadata_list",
    "rights",
    "session_phase",
    "verdict",
]
