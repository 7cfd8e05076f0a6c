"""Why the guard turns a request away: a value with a code, the directive's rule, an HTTP status and two sentences."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """`english`, `persian`: what happened and what to do next, for whoever reads the page."""

    code: str
    rule: str
    status: int
    english: str
    persian: str


class TurnedAway(Exception):  # noqa: N818 - a decision, not an error
    """Carries a refusal from where it was decided to the one place that answers and writes the audit line."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


NOT_OFFERED = Refusal(
    "ADDRESS_NOT_OFFERED",
    "S3-P8",
    404,
    "This address leads nowhere. Go to the start page and take the links from there.",
    "این نشانی به جایی نمی‌رسد. به صفحهٔ آغاز بروید و از پیوندهای همان‌جا استفاده کنید.",
)
METHOD_NOT_OFFERED = Refusal(
    "METHOD_NOT_OFFERED",
    "S3-P8",
    405,
    "This cannot be done at this address. Go to the start page and take the links from there.",
    "این کار در این نشانی ممکن نیست. به صفحهٔ آغاز بروید و از پیوندهای همان‌جا استفاده کنید.",
)
NOT_PLAIN = Refusal(
    "ADDRESS_NOT_PLAIN",
    "S3-P8",
    400,
    "This address is written in a way that could be read as another one. "
    "If it is that of a file, rename it without \\ % ; # ? and try again.",
    "این نشانی طوری نوشته شده که می‌شود آن را نشانی دیگری خواند. "
    "اگر نشانی پرونده‌ای است، نام آن را بدون \\ % ; # ? بنویسید و دوباره تلاش کنید.",
)
MALFORMED = Refusal(
    "REQUEST_MALFORMED",
    "",
    400,
    "The request could not be read. Try again with an ordinary browser.",
    "درخواست خوانده نشد. با یک مرورگر معمولی دوباره تلاش کنید.",
)
UNKNOWN_HOST = Refusal(
    "HOST_NOT_KNOWN",
    "",
    421,
    "The system is not known by this name. Use the address that the operator gave you.",
    "این سامانه به این نام شناخته نمی‌شود. از نشانی‌ای که راهبر داده است استفاده کنید.",
)
FOREIGN_ORIGIN = Refusal(
    "ORIGIN_FOREIGN",
    "",
    403,
    "Another site asked for this in your name, so it was not done. Do it from the pages of this system.",
    "سایت دیگری این را به نام شما خواسته بود و انجام نشد. آن را از صفحه‌های همین سامانه انجام دهید.",
)
HEADER_NOT_OFFERED = Refusal(
    "HEADER_NOT_OFFERED",
    "S3-P8",
    400,
    "The request carries something that this door does not take, such as an access token. Sign in with a browser.",
    "درخواست چیزی همراه دارد که این در نمی‌پذیرد، مانند توکن دسترسی. با مرورگر وارد شوید.",
)
LENGTH_NEEDED = Refusal(
    "LENGTH_NEEDED",
    "",
    411,
    "The request does not say how long it is. Try again with an ordinary browser.",
    "درخواست طول خود را نگفته است. با یک مرورگر معمولی دوباره تلاش کنید.",
)
BODY_TOO_LARGE = Refusal(
    "BODY_TOO_LARGE",
    "",
    413,
    "What was sent is too large for this address. Send less at a time.",
    "آنچه فرستاده شد برای این نشانی بیش از اندازه بزرگ است. هر بار کمتر بفرستید.",
)
TOO_SLOW = Refusal(
    "REQUEST_TOO_SLOW",
    "",
    408,
    "The request took too long to arrive. Check the connection and try again.",
    "رسیدن درخواست بیش از اندازه طول کشید. اتصال را بررسی کنید و دوباره تلاش کنید.",
)
DOWNLOAD = Refusal(
    "DOWNLOAD_NOT_OFFERED",
    "S3-P8",
    403,
    "Files do not leave the sandbox this way. Work on them inside.",
    "پرونده‌ها از این راه از محیط کار بیرون نمی‌روند. همان‌جا روی آن‌ها کار کنید.",
)
ANSWER_TOO_LARGE = Refusal(
    "ANSWER_TOO_LARGE",
    "S3-P8",
    403,
    "What the sandbox answered is larger than may be shown at once. Clear large outputs or split the file.",
    "پاسخ محیط کار بزرگ‌تر از آن است که یکجا نشان داده شود. خروجی‌های بزرگ را پاک کنید یا پرونده را تقسیم کنید.",
)
OUTPUT_SPENT = Refusal(
    "OUTPUT_BUDGET_SPENT",
    "S3-P8",
    429,
    "The sandbox has put out as much as it may within one minute. Wait a minute and print less.",
    "محیط کار به اندازهٔ سهم یک دقیقه خروجی داده است. یک دقیقه صبر کنید و خروجی کمتری چاپ کنید.",
)
TOO_MANY_REQUESTS = Refusal(
    "TOO_MANY_REQUESTS",
    "",
    429,
    "Too many requests came from here at once. Wait a moment.",
    "درخواست‌های زیادی یکباره از اینجا رسید. کمی صبر کنید.",
)
NOT_FROM_HERE = Refusal(
    "WRONG_DOOR",
    "S3-P8",
    403,
    "This door is for sandboxes only.",
    "این در فقط برای محیط‌های کار است.",
)
NOT_SIGNED_IN = Refusal(
    "NOT_SIGNED_IN",
    "",
    403,
    "The sandbox does not know you any more. Load the page again and sign in.",
    "محیط کار دیگر شما را نمی‌شناسد. صفحه را دوباره باز کنید و وارد شوید.",
)
AWAY = Refusal(
    "PART_AWAY",
    "",
    502,
    "The part of the system behind this address does not answer. Wait half a minute and load the page again; "
    "if that does not help, tell the operator. Saved work is not lost.",
    "بخشی از سامانه که پشت این نشانی است پاسخ نمی‌دهد. نیم دقیقه صبر کنید و صفحه را دوباره باز کنید؛ "
    "اگر درست نشد، به راهبر خبر دهید. کارهای ذخیره‌شده از دست نرفته است.",
)
FAULT = Refusal(
    "INTERNAL",
    "",
    500,
    "Something went wrong at the door. Load the page again; if that does not help, tell the operator.",
    "در ورودی سامانه خطایی رخ داد. صفحه را دوباره باز کنید؛ اگر درست نشد، به راهبر خبر دهید.",
)
