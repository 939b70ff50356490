-- The operators of dynamic values. Rules: https://www.sqlite.org/lang_expr.html, OP_Add and its like in vdbe.c

-- REAL with REAL: beyond its range, where PostgreSQL's operators fail, SQLite goes on with an infinity or with zero.
-- At the bounds the exact number decides, which is rounded once: half of the least REAL is zero.
CREATE OR REPLACE FUNCTION sqlite.real_rounded(size numeric) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN size < 2.470328229206232720883e-324 THEN 0 WHEN size >= 1.79769313486231580794e308 THEN 'Infinity' ELSE size::float8 END
$$;
CREATE OR REPLACE FUNCTION sqlite.real_add(x float8, y float8) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN greatest(abs(x), abs(y)) NOT BETWEEN 8e307 AND 1.7976931348623157e308 THEN x + y
    ELSE (SELECT sign(s)::float8 * sqlite.real_rounded(abs(s)) FROM (SELECT sqlite.exact(x) + sqlite.exact(y) AS s) q) END
$$;
CREATE OR REPLACE FUNCTION sqlite.real_subtract(x float8, y float8) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.real_add(x, -y) $$;
CREATE OR REPLACE FUNCTION sqlite.real_multiply(x float8, y float8) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN x = 0 OR y = 0 OR abs(x) = 'Infinity' OR abs(y) = 'Infinity' THEN x * y
    WHEN ln(abs(x)) + ln(abs(y)) BETWEEN -744 AND 709 THEN x * y
    ELSE CASE WHEN (x < 0) = (y < 0) THEN 1 ELSE -1 END * CASE WHEN ln(abs(x)) + ln(abs(y)) > 710 THEN 'Infinity'
      WHEN ln(abs(x)) + ln(abs(y)) < -746 THEN 0 ELSE sqlite.real_rounded(abs(sqlite.exact(x) * sqlite.exact(y))) END END
$$;
CREATE OR REPLACE FUNCTION sqlite.real_divide(x float8, y float8) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN x = 0 OR abs(x) = 'Infinity' OR abs(y) = 'Infinity' THEN x / y
    WHEN ln(abs(x)) - ln(abs(y)) BETWEEN -744 AND 709 THEN x / y
    ELSE CASE WHEN (x < 0) = (y < 0) THEN 1 ELSE -1 END * CASE WHEN ln(abs(x)) - ln(abs(y)) > 710 THEN 'Infinity'
      WHEN ln(abs(x)) - ln(abs(y)) < -746 THEN 0 ELSE sqlite.real_rounded(abs(round(sqlite.exact(x), 1100) / sqlite.exact(y))) END END
$$;

-- Double precision has no sum of an INTEGER from 2^53 on; below that one of less than 2^32 is added exactly. From 2^63 on it is
-- a REAL on SQLite too.
CREATE OR REPLACE FUNCTION sqlite.not_narrow(value float8) RETURNS float8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1 AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'LS005', MESSAGE = format('The INTEGER %s in arithmetic of double precision, of which SQLite makes another number. CAST it AS INTEGER, or give its column another type in the configuration', value::numeric);
END
$$;
CREATE OR REPLACE FUNCTION sqlite.narrow(value float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN abs(value) BETWEEN 9007194959773696 AND 9223372036854774784 THEN sqlite.not_narrow(value) ELSE value END
$$;

CREATE OR REPLACE FUNCTION sqlite.dynamic_from(n numeric, r float8) RETURNS json
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN n BETWEEN -9223372036854775808 AND 9223372036854775807 THEN trunc(n)::text::json ELSE sqlite.dynamic(r) END
$$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_add(a json, b json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(x) AND sqlite.dynamic_is_integer(y)
    THEN sqlite.dynamic_from(x::text::numeric + y::text::numeric, sqlite.real_add(sqlite.dynamic_real(x), sqlite.dynamic_real(y)))
    ELSE sqlite.dynamic(sqlite.real_add(sqlite.dynamic_real(x), sqlite.dynamic_real(y))) END
  FROM (SELECT sqlite.dynamic_number(a) AS x, sqlite.dynamic_number(b) AS y) q
$$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_subtract(a json, b json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(x) AND sqlite.dynamic_is_integer(y)
    THEN sqlite.dynamic_from(x::text::numeric - y::text::numeric, sqlite.real_subtract(sqlite.dynamic_real(x), sqlite.dynamic_real(y)))
    ELSE sqlite.dynamic(sqlite.real_subtract(sqlite.dynamic_real(x), sqlite.dynamic_real(y))) END
  FROM (SELECT sqlite.dynamic_number(a) AS x, sqlite.dynamic_number(b) AS y) q
$$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_multiply(a json, b json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(x) AND sqlite.dynamic_is_integer(y)
    THEN sqlite.dynamic_from(x::text::numeric * y::text::numeric, sqlite.real_multiply(sqlite.dynamic_real(x), sqlite.dynamic_real(y)))
    ELSE sqlite.dynamic(sqlite.real_multiply(sqlite.dynamic_real(x), sqlite.dynamic_real(y))) END
  FROM (SELECT sqlite.dynamic_number(a) AS x, sqlite.dynamic_number(b) AS y) q
$$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_divide(a json, b json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_real(y) = 0 THEN NULL
    WHEN sqlite.dynamic_is_integer(x) AND sqlite.dynamic_is_integer(y)
    THEN sqlite.dynamic_from(div(x::text::numeric, y::text::numeric), sqlite.real_divide(sqlite.dynamic_real(x), sqlite.dynamic_real(y)))
    ELSE sqlite.dynamic(sqlite.real_divide(sqlite.dynamic_real(x), sqlite.dynamic_real(y))) END
  FROM (SELECT sqlite.dynamic_number(a) AS x, sqlite.dynamic_number(b) AS y) q
$$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_remainder(a json, b json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN y = 0 THEN NULL
    WHEN sqlite.dynamic_is_integer(sqlite.dynamic_number(a)) AND sqlite.dynamic_is_integer(sqlite.dynamic_number(b))
    THEN sqlite.dynamic(x % y) ELSE sqlite.dynamic((x % y)::float8) END
  FROM (SELECT sqlite.dynamic_integer(a) AS x, sqlite.dynamic_integer(b) AS y) q
$$;

CREATE OR REPLACE FUNCTION sqlite.shift(x bigint, n bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN n >= 64 THEN 0 WHEN n >= 0 THEN x << n::int
    WHEN n <= -64 THEN CASE WHEN x < 0 THEN -1 ELSE 0 END ELSE x >> (-n)::int END
$$;
CREATE OR REPLACE FUNCTION sqlite.shift_right(x bigint, n bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN n = -9223372036854775808 THEN 0 ELSE sqlite.shift(x, -n) END
$$;
