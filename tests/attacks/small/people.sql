-- 240 people of whom an attacker knows everything but the secret: one in eight has it. Every value is held by at least
-- ten people, so that nothing is rare; together the known columns single out nearly everybody.
CREATE TABLE people AS
SELECT printf('%06d', i * 7919 % 1000000) AS id,
  ['F', 'M'][1 + i % 2] AS gender, 'D' || (i * 5 + i // 12) % 8 AS district, 1950 + (i * 7 + i // 8) % 12 AS year,
  'J' || (i * 3 + i // 10) % 6 AS job, (('0x' || left(md5('secret ' || i), 8))::BIGINT % 8 = 0)::INTEGER AS secret,
  20000 + ('0x' || left(md5('income ' || i), 8))::BIGINT % 60000 AS income
FROM range(1, 241) t(i);
