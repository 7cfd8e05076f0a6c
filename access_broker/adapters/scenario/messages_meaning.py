"""The two sentences of every fault in what a scenario says. English first, Persian second."""

from __future__ import annotations

MEANING: dict[str, tuple[str, str]] = {
    # people
    "DUPLICATE_ID": (
        "The {kind} {id} was already described on line {first}. Give one of them another id.",
        "{kind_fa} {id} پیش‌تر در خط {first} آمده است. به یکی از دو شناسهٔ دیگری بدهید.",
    ),
    "UNKNOWN_REFERENCE": (
        "There is no {kind} {id} in this file. Describe it, or mend the id.",
        "{kind_fa} {id} در این پرونده نیست. آن را بیفزایید یا شناسه را درست کنید.",
    ),
    "TWO_FAMILIES": (
        "{id} would belong to the families {one} and {other}; a person belongs to exactly one (F-2). Use two persons.",
        "{id} در دو خانوادهٔ {one} و {other} می‌افتد؛ هر شخص درست در یک خانوادهٔ نقش است (F-2). دو شخص تعریف کنید.",
    ),
    "ROLE_OUTSIDE_FAMILY": (
        "The role {role} is not open to the family {family} (F-2). Allowed there: {allowed}.",
        "نقش {role} برای خانوادهٔ {family} نیست (F-2). نقش‌های مجاز آن: {allowed}.",
    ),
    "LEGAL_ID_CHECKSUM": (
        "{value} is not a national id of a legal person: 11 digits, the last one a check digit (S3-P3). Copy it anew.",
        "{value} شناسهٔ ملی شخص حقوقی نیست: ۱۱ رقم که رقم آخرش رقم کنترل است (S3-P3). آن را از نو بنویسید.",
    ),
    "SEAT_TAKEN": (
        "Seat {seat} of this committee is taken already. Name another seat; a delegate needs `from` and `to`.",
        "کرسی {seat} این کمیته پیش‌تر داده شده است. کرسی دیگری نام ببرید؛ نماینده from و to می‌خواهد.",
    ),
    "SEAT_FAMILY": (
        "{id} is of the family {family}; committee seats are held by government or ito people (S1-C2). Name another.",
        "{id} از خانوادهٔ {family} است؛ کرسی کمیته از آنِ اشخاص government یا ito است (S1-C2). شخص دیگری نام ببرید.",
    ),
    # datasets
    "STEWARD_ROLE": (
        "{id} does not have the role steward. Add the role, or name another steward.",
        "{id} نقش steward (امین داده) را ندارد. نقش را بیفزایید یا امین دیگری نام ببرید.",
    ),
    "SAME_AFTER_FOLDING": (
        "The name {name} reads like the name of {other}: they differ only in look-alike characters. Rename one.",
        "نام {name} همانند نام {other} خوانده می‌شود و تنها در نویسه‌های هم‌شکل جداست. یکی را عوض کنید.",
    ),
    "NAME_UNREADABLE": (
        "Nothing readable is left of the name {name}. Give it letters or digits.",
        "از نام {name} چیز خوانایی نمی‌ماند. حرف یا رقم به کار ببرید.",
    ),
    "ENTITY_ABSENT": (
        "The entity key {column} is not among the columns of this table. Add the column, or mend the id.",
        "کلید موجودیت {column} در میان ستون‌های این جدول نیست. ستون را بیفزایید یا شناسه را درست کنید.",
    ),
    "SOURCE_KIND": (
        "It cannot be told from {file} what kind of file this is. Add `kind`: csv, parquet or sql.",
        "از {file} پیدا نیست پرونده از چه نوعی است. kind را بیفزایید: csv یا parquet یا sql.",
    ),
    "SOURCE_TABLE_MISSING": (
        "A {source_kind} file holds one table. Say which with `table`.",
        "پروندهٔ {source_kind} یک جدول دارد. با table بگویید کدام.",
    ),
    "SOURCE_TABLE_GIVEN": (
        "An SQL script makes its own tables. Remove `table`.",
        "دستورنامهٔ SQL جدول‌هایش را خود می‌سازد. table را بردارید.",
    ),
    "SOURCE_TWICE": (
        "The table {table} already has a source on line {first}. Keep one.",
        "جدول {table} در خط {first} منبع دارد. یکی را نگه دارید.",
    ),
    "TABLE_WITHOUT_SOURCE": (
        "No source holds the table {table}. Add a source for it.",
        "هیچ منبعی جدول {table} را ندارد. برایش منبعی بیفزایید.",
    ),
    "SOURCE_MISSING": (
        "The file {file} cannot be read. Put it there, or mend the path; paths count from the scenario file.",
        "پروندهٔ {file} خوانده نمی‌شود. آن را آن جا بگذارید یا نشانی را درست کنید؛ نشانی از پروندهٔ سناریو حساب می‌شود.",
    ),
    "SOURCE_NOT_IN_FOLDER": (
        "There is no file {file} in your organisation's folder of sources. Write its path from that folder on, without "
        "`..`, or ask the operator to put the file there.",
        "در پوشهٔ منابع سازمان شما پروندهٔ {file} نیست. نشانی را از همان پوشه و بدون .. بنویسید، یا از راهبر سامانه "
        "بخواهید پرونده را آن جا بگذارد.",
    ),
    "SOURCE_NOWHERE": (
        "A scenario without a place on this machine cannot name the file {file}. Load it from a file.",
        "سناریویی که جایی روی این ماشین ندارد نمی‌تواند پروندهٔ {file} را نام ببرد. آن را از پرونده بار کنید.",
    ),
    "SOURCE_DIGEST": (
        "The file {file} has the SHA-256 {found}, not the one stated. Find out who changed it, then state the new one.",
        "چکیدهٔ پروندهٔ {file} برابر {found} است، نه آن که نوشته شده. ببینید چه کسی آن را عوض کرده، سپس چکیدهٔ تازه را "
        "بیاورید.",
    ),
    "SOURCE_OTHER_DIGEST": (
        "The file {file} does not have the SHA-256 that is stated. Find out who changed it, then state the new one.",
        "چکیدهٔ پروندهٔ {file} آن نیست که نوشته شده. ببینید چه کسی آن را عوض کرده، سپس چکیدهٔ تازه را بیاورید.",
    ),
    "JOIN_WITH_ITSELF": (
        "{column} is joined with itself. Name two columns.",
        "ستون {column} به خودش پیوند خورده است. دو ستون نام ببرید.",
    ),
    "JOIN_ELSEWHERE": (
        "Neither column belongs to this dataset. Declare the join in the dataset of one of them.",
        "هیچ یک از این دو ستون از این مجموعه‌داده نیست. پیوند را در مجموعه‌دادهٔ یکی از آن‌ها بیاورید.",
    ),
    "JOIN_TWICE": (
        "These two columns are already joined on line {first}. Keep one.",
        "این دو ستون در خط {first} پیوند خورده‌اند. یکی را نگه دارید.",
    ),
    "JOIN_CYCLE": (
        "The joins lead round in a circle: {left} and {right} already meet by way of {way}. Remove this join; "
        "statements join over the columns between.",
        "پیوندها دور می‌زنند: {left} و {right} پیش‌تر از راه {way} به هم رسیده‌اند. این پیوند را بردارید؛ پرس‌وجوها از راه "
        "ستون‌های میانی پیوند می‌دهند.",
    ),
    # dates
    "NOT_A_DATE": (
        "{value} is not a date. Write today, today+90d, 2026-11-21 or 1405-08-30.",
        "{value} تاریخ نیست. today یا today+90d یا 1405-08-30 یا 2026-11-21 بنویسید.",
    ),
    "NO_SUCH_DAY": (
        "The calendar has no day {value}. Write a day that exists.",
        "روز {value} در تقویم نیست. روزی بنویسید که هست.",
    ),
    "END_BEFORE_START": (
        "The end is before the start. Exchange the dates, or mend one.",
        "پایان پیش از آغاز است. تاریخ‌ها را جابه‌جا یا یکی را درست کنید.",
    ),
    "TERM_TOO_LONG": (
        "The end is later than six Jalali months after the start (S3-P9-R1). Write {latest} or earlier.",
        "پایان بیش از شش ماه پس از آغاز است (S3-P9-R1). {latest} یا پیش از آن را بنویسید.",
    ),
    # contracts
    "LIKE_CYCLE": (
        "Following `like` leads back to this contract. Write the scope and terms out in one of them.",
        "دنبال کردن like به همین قرارداد برمی‌گردد. دامنه و شرط‌ها را در یکی از آن‌ها کامل بنویسید.",
    ),
    "NOT_OF_EXECUTOR": (
        "{id} belongs to {organisation}, not to the executor {executor} (S3-P3). Name people of the executor only.",
        "{id} از {organisation} است، نه از مجری {executor} (S3-P3). تنها اشخاص مجری را نام ببرید.",
    ),
    "NOT_A_PARTY": (
        "{id} is not among the people of this contract. Name the person under `people` first.",
        "{id} در میان اشخاص این قرارداد نیست. نخست او را در people نام ببرید.",
    ),
    "APPROVER_SEAT": (
        "{id} held no seat of the {committee} committee when the approval was given (S1-C2). Name somebody of that "
        "committee, or describe the seat under `committees`; a delegation counts between its dates, see `at`.",
        "{id} هنگام این تأیید در کمیتهٔ {committee} کرسی نداشته است (S1-C2). کسی از همان کمیته را نام ببرید یا کرسی را "
        "در committees بیاورید؛ نمایندگی تنها میان دو تاریخ خود معتبر است و at روز تأیید را می‌گوید.",
    ),
    "APPROVER_SIDE": (
        "{id} is of a side of this contract: of executor or owner, or steward of its data (S1-C2). Name another.",
        "{id} خود یک طرف این قرارداد است: از مجری یا مالک، یا امین داده‌های آن (S1-C2). شخص دیگری نام ببرید.",
    ),
    "GIVEN_LATER": (
        "Nobody can have given this already: the day is still to come. Write the day on which it was given.",
        "این روز هنوز نرسیده است و کسی نمی‌تواند آن را داده باشد. روزی را بنویسید که داده شد.",
    ),
    "CONSENT_STEWARD": (
        "{id} is not the steward of {dataset}, who alone consents to lending it (S1-P2). Name {steward}.",
        "{id} امین {dataset} نیست و تنها امین آن به امانت دادنش رضایت می‌دهد (S1-P2). {steward} را نام ببرید.",
    ),
    "CONSENT_UNUSED": (
        "This contract grants nothing of {dataset}. Remove the consent, or grant a table of it under `scope`.",
        "این قرارداد چیزی از {dataset} در اختیار نمی‌گذارد. رضایت را بردارید یا جدولی از آن را در scope بیاورید.",
    ),
    "MASK_WITHOUT_TEMPLATE": (
        "A masked column needs a template: {{mode: mask, mask: {{template: …}}}}. Templates: {templates}.",
        "ستون پوشیده الگو می‌خواهد: {{mode: mask, mask: {{template: …}}}}. الگوها: {templates}.",
    ),
    "TEMPLATE_WITHOUT_MASK": (
        "A mask template goes with the mode mask only, not with {mode}. Change the mode, or remove the template.",
        "الگوی پوشش تنها با حالت mask می‌آید، نه با {mode}. حالت را عوض کنید یا الگو را بردارید.",
    ),
    "COUNTED_WITHOUT_ENTITY": (
        "Mode {mode} protects people by counting them, and the table names no `entity`. Give the table one, or leave "
        "out this {data_class} column.",
        "حالت {mode} با شمردن اشخاص از آنان نگهبانی می‌کند و این جدول entity ندارد. برای جدول کلید بگذارید یا این ستون "
        "{data_class} را نام نبرید.",
    ),
    "ROW_FILTER": (
        "The row filter cannot be read as one condition over this table's columns. Write it like: province = 'Yazd'.",
        "صافی سطر یک شرط روی ستون‌های این جدول نیست. آن را مانند این بنویسید: province = 'Yazd'.",
    ),
    "EPSILON_MISSING": (
        "The answer mode dp needs `epsilon` with per_statement and total. Add it.",
        "حالت پاسخ dp به epsilon با per_statement و total نیاز دارد. آن را بیفزایید.",
    ),
    "EPSILON_UNUSED": (
        "`epsilon` is spent in the answer mode dp only. Set answer_mode: dp, or remove it.",
        "مقدار epsilon تنها در حالت پاسخ dp خرج می‌شود. answer_mode: dp بگذارید یا آن را بردارید.",
    ),
    "EPSILON_ORDER": (
        "One statement may not spend more than the whole: per_statement is above total. Lower it.",
        "یک پرسش نمی‌تواند بیش از کل خرج کند: per_statement از total بیشتر است. آن را کم کنید.",
    ),
    "CLIP_ORDER": (
        "The lower bound must be below the upper one. Exchange them.",
        "کران پایین باید کمتر از کران بالا باشد. جابه‌جایشان کنید.",
    ),
    "GROUND_NOT_ALLOWED": (
        "The act {act} cannot rest on {ground}. Grounds for it: {allowed}.",
        "اقدام {act} نمی‌تواند بر {ground} تکیه کند. مبناهای آن: {allowed}.",
    ),
}

KINDS_FA = {
    "organisation": "سازمان",
    "person": "شخص",
    "dataset": "مجموعه‌دادهٔ",
    "table": "جدول",
    "column": "ستون",
    "problem": "مسئلهٔ",
    "contract": "قرارداد",
}
