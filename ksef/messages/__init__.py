"""What the API answers, as immutable values, and what its status codes mean.

Source: the official OpenAPI file.
"""

from .certificates import (
    Enrolment,
    IssuedCertificate,
    Limits,
    RegisteredCertificate,
    Subject,
)
from .login import (
    AuthOperation,
    AuthSession,
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
    OpenedBatch,
    OpenedSession,
    PartUpload,
    SessionStatus,
    UpoPage,
)
from .statuses import (
    CloseRefusal,
    EnrolmentPhase,
    SessionPhase,
    Verdict,
    close_refusal,
    enrolment_phase,
    session_phase,
    verdict,
)

__all__ = [
    "AuthOperation",
    "AuthSession",
    "AuthStatus",
    "Challenge",
    "CloseRefusal",
    "Enrolment",
    "EnrolmentPhase",
    "ExportPackage",
    "ExportPart",
    "ExportStatus",
    "Grant",
    "InvoiceMetadata",
    "InvoicePage",
    "InvoiceQuery",
    "InvoiceStatus",
    "IssuedCertificate",
    "Limits",
    "MetadataPage",
    "OpenedBatch",
    "OpenedSession",
    "PartUpload",
    "PublicKey",
    "RegisteredCertificate",
    "SessionPhase",
    "SessionStatus",
    "Subject",
    "Token",
    "Tokens",
    "UpoPage",
    "Verdict",
    "close_refusal",
    "enrolment_phase",
    "metadata_list",
    "rights",
    "session_phase",
    "verdict",
]
