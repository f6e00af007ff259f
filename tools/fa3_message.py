"""What is wrong with an FA(3) document: a sentence for each finding.

A part of `user_message`, which is what everybody asks.
"""

#: A value is quoted up to so many characters.
QUOTED = 80


def fa3_message(env, finding):
    """Return the sentence for a Finding, with the element it is in."""
    value = finding.value
    if len(value) > QUOTED:
        value = value[:QUOTED] + "…"
    sentences = (
        _reading_sentences(env, value)
        | _file_sentences(env, value)
        | _schema_sentences(env, value)
        | _party_sentences(env, value)
        | _sale_sentences(env, value)
        | _correction_sentences(env, value)
    )
    sentence = sentences.get(finding.code)
    if not sentence:
        sentence = env._("This does not keep the rules of FA(3).")
    if not finding.path:
        return sentence
    return env._(
        "%(sentence)s (Element %(path)s)", sentence=sentence, path=finding.path
    )


def _reading_sentences(env, value):
    return {
        "too-large": env._("The file has more than %s bytes.", value),
        "document-type": env._(
            "The file carries a document type (DTD): KSeF does not permit that."
        ),
        "too-complex": env._("The file is built as no invoice is: it is not read."),
        "not-well-formed": env._(
            "The file is no XML, or it is damaged: it cannot be read."
        ),
        "not-an-invoice": env._("The file is XML, but not an invoice of KSeF."),
        "other-structure": env._(
            "The invoice has another structure than FA(3): %s.", value
        ),
        "missing": env._("What every invoice states is missing."),
        "wrong-value": env._('The value "%s" cannot be read.', value),
    }


def _file_sentences(env, value):
    return {
        "byte-order-mark": env._("The file begins with a byte order mark."),
        "encoding": env._("The file is declared as %s, not as UTF-8.", value),
        "processing-instruction": env._(
            "The file contains a processing instruction: KSeF does not permit that."
        ),
        "forbidden-character": env._(
            "The text contains a character that KSeF does not take: %s.", value
        ),
        "too-large-to-send": env._(
            "The file has more than %s bytes, which KSeF does not take. Split it into"
            " several invoices.",
            value,
        ),
        "too-many-lines": env._(
            "KSeF takes %s lines at most. Split the invoice into several.", value
        ),
    }


def _schema_sentences(env, value):
    return {
        "schema-missing": env._("An element is missing here, such as: %s.", value),
        "schema-unexpected": env._(
            "The element is not expected here. Expected: %s.", value or "-"
        ),
        "schema-length": env._("The text is empty, too short or too long."),
        "schema-value": env._('KSeF does not permit the value "%s".', value),
    }


def _party_sentences(env, value):
    return {
        "nip-checksum": env._("%s is not a valid NIP. Correct the number.", value),
        "nip-as-foreign": env._(
            "%s is a Polish NIP, but stands as a foreign number. Correct the Tax ID or"
            " the country of the partner.",
            value,
        ),
        "buyer-without-name": env._("The buyer has no name. Enter it."),
        "buyer-without-address": env._("The buyer has no address. Enter it."),
        "simplified-without-nip": env._(
            "A simplified invoice needs the NIP of the buyer."
        ),
        "jst-without-unit": env._(
            "The invoice concerns a unit of a local authority: add the unit as a third"
            " party with the role of recipient and its NIP or internal identifier."
        ),
        "gv-without-member": env._(
            "The invoice concerns a member of a VAT group: add the member as a third"
            " party with its NIP or internal identifier."
        ),
        "shares-above-all": env._(
            "The additional buyers have more than 100%% together: %s%%.", value
        ),
        "eu-sale-without-prefix": env._(
            "A sale to another EU country (%s) needs the prefix PL of the seller.",
            value,
        ),
        "eu-sale-without-number": env._(
            "A sale to another EU country (%s) needs the EU VAT number of the buyer.",
            value,
        ),
    }


def _sale_sentences(env, value):
    return {
        "no-lines": env._("The invoice has no line that says what is sold."),
        "line-without-name": env._("A line does not say what is sold."),
        "line-number-repeated": env._("Two lines have the number %s.", value),
        "rate-without-total": env._(
            "A VAT rate on the lines is missing from the totals."
        ),
        "pln-tax-missing": env._(
            "The VAT of an invoice in a foreign currency must be stated in PLN, too."
        ),
        "exemption-missing": env._(
            "An exempt sale needs its legal basis. Enter it on the tax or the invoice."
        ),
        "reverse-charge-missing": env._(
            "The buyer accounts for the VAT of this sale: the invoice must be marked"
            " as reverse charge."
        ),
        "margin-missing": env._(
            "A sale under a margin scheme must say which scheme it is."
        ),
        "simplified-too-large": env._(
            "A simplified invoice comes to 450 PLN or 100 EUR at most, this one to %s.",
            value,
        ),
    }


def _correction_sentences(env, value):
    return {
        "kor-without-original": env._("The correction does not say what it corrects."),
        "correction-without-kor": env._(
            "The invoice states what it corrects, but is no correction."
        ),
        "former-buyer-unknown": env._(
            "No party of the correction has the key %s of the former data.", value
        ),
        "former-nip-differs": env._(
            "A wrong NIP (%s) cannot be corrected so: correct the invoice to zero, then"
            " issue a new one with the right NIP.",
            value,
        ),
    }
