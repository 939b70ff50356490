-- random() and randomblob(). Rules: https://www.sqlite.org/lang_corefunc.html#random

-- 64 bits of which PostgreSQL's generator gives 32 at a time.
CREATE OR REPLACE FUNCTION sqlite.random() RETURNS bigint
LANGUAGE sql VOLATILE PARALLEL RESTRICTED AS $$
  SELECT (floor(random() * 4294967296)::bigint << 32) | floor(random() * 4294967296)::bigint
$$;
CREATE OR REPLACE FUNCTION sqlite.randomblob(n bigint) RETURNS bytea
LANGUAGE sql VOLATILE PARALLEL RESTRICTED AS $$
  SELECT substr(string_agg(decode(md5(gen_random_uuid()::text), 'hex'), ''), 1, greatest(coalesce(n, 1), 1)::int)
  FROM generate_series(0, (greatest(coalesce(n, 1), 1) - 1) / 16)
$$;
