"""The two sentences of every fault: what is wrong and what to do. English first, Persian second.

Here those about the text and its shape; `messages_meaning` has those about what it says.
"""

from __future__ import annotations

SHAPE: dict[str, tuple[str, str]] = {
    # the text itself
    "FILE_TOO_LARGE": (
        "The file is larger than {mebibytes} MiB. Split it into several scenario files.",
        "پرونده بزرگ‌تر از {mebibytes} مبی‌بایت است. آن را به چند پروندهٔ سناریو بخش کنید.",
    ),
    "NOT_YAML": (
        "This is not valid YAML: {problem}. Look at the indentation, colons and quotes here and in the line above.",
        "این خط YAML معتبر نیست ({problem}). تورفتگی، دونقطه و گیومه‌های این خط و خط پیش از آن را ببینید.",
    ),
    "CHARACTER_NOT_ALLOWED": (
        "The control character {character} is not allowed in a scenario file. Delete it.",
        "نویسهٔ کنترلی {character} در پروندهٔ سناریو مجاز نیست. آن را پاک کنید.",
    ),
    "TAG_NOT_ALLOWED": (
        "The YAML tag {tag} is not allowed or does not fit its value. Write plain text, numbers, lists and maps.",
        "برچسب {tag} در YAML مجاز نیست یا با مقدارش نمی‌خواند. متن، عدد، فهرست و نگاشت ساده بنویسید.",
    ),
    "TOO_DEEP": (
        "Values are nested more than {limit} levels deep, or an alias contains itself. Write it flatter.",
        "مقدارها بیش از {limit} لایه تودرتو هستند یا ارجاعی خودش را در بر دارد. آن را تخت‌تر بنویسید.",
    ),
    "TOO_MANY_VALUES": (
        "With its aliases the file has more than {limit} values. Use fewer aliases, or split the file.",
        "پرونده با ارجاع‌هایش بیش از {limit} مقدار دارد. ارجاع‌ها را کم کنید یا پرونده را بخش کنید.",
    ),
    "DUPLICATE_KEY": (
        "The key {key} was already given on line {first}. Keep one of the two.",
        "کلید {key} پیش‌تر در خط {first} آمده است. یکی از دو را نگه دارید.",
    ),
    "KEY_NOT_TEXT": (
        "A key must be plain text. Write a word in front of the colon.",
        "کلید باید متن ساده باشد. پیش از دونقطه یک واژه بنویسید.",
    ),
    "INVISIBLE_CHARACTER": (
        "This text contains {character}, which cannot be seen or turns the text around. Type the text anew without it.",
        "این متن نویسهٔ {character} را دارد که دیده نمی‌شود یا جهت متن را برمی‌گرداند. متن را بی آن از نو بنویسید.",
    ),
    # shape
    "UNKNOWN_FIELD": (
        "The field {field} is not known here. Remove it or mend its spelling; known here: {known}.",
        "فیلد {field} در این جا شناخته نیست. آن را بردارید یا املایش را درست کنید؛ فیلدهای این جا: {known}.",
    ),
    "MISSING_FIELD": (
        "The field {field} is missing. Add it.",
        "فیلد {field} نیامده است. آن را بیفزایید.",
    ),
    "WRONG_TYPE": (
        "{value} stands where {expected} is needed. Write {expected}.",
        "مقدار {value} به جای {expected_fa} آمده است. {expected_fa} بنویسید.",
    ),
    "NOT_ONE_OF": (
        "{value} is not known here. Write one of: {choices}.",
        "مقدار {value} در این جا شناخته نیست. یکی از این‌ها را بنویسید: {choices}.",
    ),
    "TOO_LOW": ("{value} is too low. Write {limit} or more.", "مقدار {value} کم است. {limit} یا بیشتر بنویسید."),
    "NOT_ABOVE": ("{value} is too low. Write more than {limit}.", "مقدار {value} کم است. بیش از {limit} بنویسید."),
    "TOO_HIGH": ("{value} is too high. Write {limit} or less.", "مقدار {value} زیاد است. {limit} یا کمتر بنویسید."),
    "EMPTY": ("This is empty. Fill it in.", "این جا خالی است. آن را پر کنید."),
    "TOO_LONG": ("This is longer than {limit}. Shorten it.", "این از {limit} بلندتر است. کوتاهش کنید."),
    "WRONG_LENGTH": ("Exactly {limit} values are needed here.", "این جا درست {limit} مقدار لازم است."),
    "REPEATED": ("The same value stands here twice. Keep one.", "یک مقدار دو بار آمده است. یکی را نگه دارید."),
    "BAD_ID": (
        "{value} cannot be an id. Use Latin letters, digits, - and _, at most 63, beginning with a letter or digit.",
        "{value} شناسه نیست. حرف لاتین، رقم، - و _ به کار ببرید؛ حداکثر ۶۳ نویسه، با آغازِ حرف یا رقم.",
    ),
    "BAD_STABLE_ID": (
        "{value} cannot be the id of a dataset, table or column. Use lower-case Latin letters, digits and _, at most "
        "63, beginning with a letter; what people type goes into `name`.",
        "{value} شناسهٔ مجموعه‌داده، جدول یا ستون نیست. حرف کوچک لاتین، رقم و _ به کار ببرید؛ حداکثر ۶۳ نویسه، با آغازِ "
        "حرف؛ نامی که مردم می‌نویسند در name می‌آید.",
    ),
    "BAD_REFERENCE": (
        "{value} does not name a table or column. Write ids with dots between them: {form}.",
        "{value} نام جدول یا ستون نیست. شناسه‌ها را با نقطه میانشان بنویسید: {form}.",
    ),
    "BAD_TEXT": (
        "This must be one line of text that is not blank and has no tabs. Write it as one line.",
        "این باید یک خط متن باشد، نه خالی و بی جهش (tab). آن را در یک خط بنویسید.",
    ),
    "BAD_DIGEST": (
        "A SHA-256 digest has 64 hexadecimal digits. Copy it whole, or leave it out to have it computed.",
        "چکیدهٔ SHA-256 شصت‌وچهار رقم شانزده‌شانزدهی دارد. آن را کامل بیاورید یا ننویسید تا حساب شود.",
    ),
    "BAD_RULE": (
        "{value} is not the id of a rule. Write it like S3-P6-R2 or F-13.",
        "{value} شناسهٔ قاعده نیست. آن را مانند S3-P6-R2 یا F-13 بنویسید.",
    ),
}
