-- 480 people whose protected values are marks: a released value that holds one is a leak, whatever was asked.
-- Text: letters of one alphabet that stands nowhere else, so that a part of a mark gives itself away too.
-- Numbers: each person's own, so large and scattered that no sum or mean of ten people is one of them.
-- Dates: after the year 2400. Rare values of granted columns (one town of one person) are marks as well.
CREATE MACRO letter(n) AS chr((5024 + n % 80)::INTEGER);
CREATE MACRO words(i, s) AS letter(i // 80) || letter(i) || letter(s * 7) || letter(i * 37 + s * 11) || letter(i + s);
CREATE MACRO spread(i, s) AS ('0x' || left(md5(i::VARCHAR || '/' || s::VARCHAR), 15))::BIGINT % 799999999999989;
CREATE MACRO number(i, s) AS (100000000000000 + spread(i, s))::BIGINT;
CREATE MACRO pick(i, s, m) AS spread(i, s) % m;

CREATE TABLE provinces(province VARCHAR, region VARCHAR, population BIGINT);
INSERT INTO provinces VALUES ('Azua', 'South', 214311), ('Duarte', 'Cibao', 289574), ('La Vega', 'Cibao', 394205),
  ('Santiago', 'Cibao', 963422), ('Pedernales', 'South', 31587);

CREATE TABLE citizens AS
SELECT words(i, 1) AS national_id, words(i, 2) AS full_name, words(i, 3) AS phone,
  DATE '1960-01-01' + (i % 12 * 365 + 40 + i % 200)::INTEGER AS birth_date,
  ['F', 'M'][1 + pick(i, 1, 2)] AS gender,
  CASE WHEN i <= 3 THEN 'Pedernales' ELSE ['Azua', 'Duarte', 'La Vega', 'Santiago'][1 + pick(i, 2, 4)] END AS province,
  CASE WHEN i <= 2 THEN 'Oviedo' WHEN i % 23 = 0 THEN words(i, 4) ELSE 'City' || pick(i, 3, 6) END AS city,
  CASE WHEN i % 41 = 0 THEN NULL ELSE number(i, 4) + (i % 100) / 100.0 END::DECIMAL(18, 2) AS income,
  CASE WHEN i % 29 = 0 THEN words(i, 5) ELSE ['none', 'flu', 'asthma', 'HIV'][1 + pick(i, 5, 4)] END AS disease,
  number(i, 6) AS wealth, number(i, 7)::DOUBLE AS weight, (number(i, 8) * 1e16)::FLOAT AS height,
  (1100000000 + spread(i, 9) % 999999937)::INTEGER AS points, (number(i, 10) / 100.0)::DECIMAL(20, 4) AS score,
  words(i, 11) AS note, DATE '2410-01-01' + (i * 61)::INTEGER AS since,
  TIMESTAMP '2430-01-01' + to_seconds(i * 1234567) AS seen, number(i, 12) AS salary, words(i, 13) AS diary
FROM range(1, 481) t(i);

CREATE TABLE visits AS
SELECT words(i, 1) AS national_id,
  CASE WHEN i % 31 = 0 AND j = 0 THEN DATE '2470-01-01' + i::INTEGER ELSE DATE '2024-01-01' + (pick(i, 11 + j, 12) * 30)::INTEGER END
    AS visit_date,
  CASE WHEN i % 37 = 0 AND j = 0 THEN words(i, 14) ELSE 'Clinic ' || chr((65 + pick(i, 15 + j, 5))::INTEGER) END AS clinic,
  (number(i * 5 + j, 16) + 0.25)::DECIMAL(18, 2) AS cost, words(i * 5 + j, 17) AS remark
FROM range(1, 481) c(i), range(0, 4) v(j) WHERE pick(i, 18, 4) >= j;

CREATE TABLE "دستمزد" AS
SELECT words(i, 1) AS "شخص", 'کار ' || pick(i, 19, 4) AS "شغل", number(i, 20) AS "مبلغ", words(i, 21) AS "کارفرما"
FROM range(1, 401) t(i);
