"""How a rate of VAT is written for people."""


def rate_text(line, speech):
    """Return the rate of a line: P_12, or that of another EU country."""
    if line.oss_rate is not None:
        return f"{speech.percent(line.oss_rate)} (OSS)"
    return code_text(line.rate)


def code_text(code):
    """Return a P_12 code with its percent sign: 23%, 0% WDT, zw."""
    if not code:
        return ""
    percent, _blank, kind = code.partition(" ")
    return f"{percent}% {kind}".strip() if percent.isdigit() else code
