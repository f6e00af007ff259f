"""What KSeF says when it refuses, as exceptions.

Refusal
    BadRequest        400, one or more coded errors
    Unauthorized      401
    Forbidden         403, with a reason code
    NotFound          404, 405: no such endpoint
    Gone              410, kept no longer
    WrongContentType  415
    TooManyRequests   429, with Retry-After
    Failure           5xx
Rejected              no HTTP error: the status of a file that KSeF took and refused
"""


class Refusal(Exception):
    """An answer other than the one asked for."""

    status = 500
    title = "Internal Server Error"

    def __init__(self, detail: str = ""):
        super().__init__(detail)
        self.detail = detail


class BadRequest(Refusal):
    """`code` of KSeF's table, its text, and what exactly is wrong."""

    status = 400
    title = "Bad Request"

    def __init__(self, code: int, *details: str):
        super().__init__(DESCRIPTIONS[code])
        self.code = code
        self.details = details


class Unauthorized(Refusal):
    status = 401
    title = "Unauthorized"


class Forbidden(Refusal):
    status = 403
    title = "Forbidden"

    def __init__(self, reason: str, detail: str, **security):
        super().__init__(detail)
        self.reason = reason
        self.security = security


class NotFound(Refusal):
    status = 404
    title = "Not Found"


class Gone(Refusal):
    status = 410
    title = "Gone"


class WrongContentType(Refusal):
    status = 415
    title = "Unsupported Media Type"


class TooManyRequests(Refusal):
    """`retry_after` in whole seconds."""

    status = 429
    title = "Too Many Requests"

    def __init__(self, retry_after: int):
        super().__init__(
            f"Przekroczono limit żądań. Spróbuj ponownie po {retry_after} sekundach."
        )
        self.retry_after = retry_after


class Failure(Refusal):
    """A failure of the server itself."""


class Rejected(Exception):
    """The file does not become an invoice: status code and details."""

    def __init__(self, code, *details, extensions=None):
        super().__init__(code, *details)
        self.code = code
        self.details = details
        self.extensions = extensions


DESCRIPTIONS = {
    9101: "Nieprawidłowy dokument.",
    9102: "Brak podpisu.",
    9103: "Przekroczono liczbę dozwolonych podpisów.",
    9105: "Nieprawidłowa treść podpisu.",
    21001: "Nieczytelna treść.",
    21111: "Nieprawidłowe wyzwanie autoryzacyjne.",
    21115: "Nieprawidłowy certyfikat.",
    21117: "Nieprawidłowy identyfikator podmiotu dla wskazanego typu kontekstu.",
    21155: "Przekroczono dozwoloną liczbę faktur w sesji.",
    21157: "Nieprawidłowy rozmiar części pakietu.",
    21161: "Przekroczono dozwoloną liczbę części pakietu.",
    21164: "Faktura o podanym identyfikatorze nie istnieje.",
    21165: "Faktura o podanym numerze KSeF nie jest jeszcze dostępna.",
    21166: "Korekta techniczna niedostępna.",
    21167: "Status faktury nie pozwala na korektę techniczną.",
    21173: "Brak sesji o wskazanym numerze referencyjnym.",
    21175: "Wynik zapytania o podanym identyfikatorze nie istnieje.",
    21178: "Nie znaleziono UPO dla podanych kryteriów.",
    21180: "Status sesji nie pozwala na wykonanie operacji.",
    21182: "Osiągnięto limit trwających eksportów.",
    21183: "Zakres filtrowania wykracza poza dostępny zakres danych.",
    21205: "Pakiet nie może być pusty.",
    21208: "Czas oczekiwania na requesty upload lub finish został przekroczony.",
    21217: "Nieprawidłowe kodowanie znaków.",
    21301: "Brak autoryzacji.",
    21304: "Brak uwierzytelnienia.",
    21401: "Dokument nie jest zgodny ze schemą (xsd).",
    21402: "Nieprawidłowy rozmiar pliku.",
    21403: "Nieprawidłowy skrót pliku.",
    21405: "Błąd walidacji danych wejściowych.",
    21418: "Przekazany token kontynuacji jest nieprawidłowy.",
    25001: "Brak możliwości pobrania danych do CSR "
    "dla wykorzystanego sposobu uwierzytelnienia.",
    25002: "Brak możliwości złożenia wniosku certyfikacyjnego "
    "dla wykorzystanego sposobu uwierzytelnienia.",
    25003: "Dane w CSR nie zgadzają się z danymi w użytym wektorze uwierzytelniającym.",
    25004: "Niepoprawny format CSR lub niepoprawny podpis CSR.",
    25005: "Wniosek certyfikacyjny o podanym numerze referencyjnym nie istnieje.",
    25006: "Osiągnięto limit możliwych do złożenia wniosków certyfikacyjnych.",
    25007: "Osiągnięto limit dopuszczalnej liczby posiadanych certyfikatów.",
    25008: "Certyfikat o podanym numerze seryjnym nie istnieje.",
    25009: "Nie można odwołać wskazanego certyfikatu, "
    "ponieważ jest już odwołany, zablokowany lub nieważny.",
    25010: "Nieprawidłowy typ lub długość klucza.",
    25011: "Nieprawidłowy algorytm podpisu CSR.",
    21470: "Przesłany identyfikator klucza jest nieznany "
    "lub wskazuje na wycofany klucz.",
}
