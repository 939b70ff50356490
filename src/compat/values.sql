-- The conversions between SQLite's classes, and the order of dynamic values.
--
-- A dynamic value is json: a number without a point or an exponent is INTEGER, any other number REAL
-- (1e999 stands for infinity), a string TEXT, {"blob":"C0FFEE"} BLOB. NULL is SQL's NULL.
-- Rules: https://www.sqlite.org/datatype3.html, and sqlite3AtoF, sqlite3FpDecode, sqlite3VdbeIntValue.

-- The first `n` or n + 1 digits of a REAL and where the point stands, as sqlite3Fp2Convert10 computes them:
-- with 64 bits of the power of ten, cut off, or for n = 18 rounded. SQLite's own last bit decides whether a tie
-- behind them goes up, so exact arithmetic would not do.
CREATE OR REPLACE FUNCTION sqlite.real_decimal(x float8, n int, OUT digits text, OUT point int)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  bits bigint := ('x' || encode(float8send(abs(x)), 'hex'))::bit(64)::bigint;
  e int := (bits >> 52)::int; m numeric := bits & 4503599627370495; p int; b int; t numeric;
BEGIN
  IF e > 0 THEN m := (m + 4503599627370496) * 2048; e := e - 1086;
  ELSE
    e := -1074;
    WHILE m < 9223372036854775808 LOOP m := m * 2; e := e - 1; END LOOP;
  END IF;
  p := n - 1 - (((e + 63) * 78913) >> 18);
  b := (p * 108853) >> 15;
  t := CASE WHEN p < 0 THEN div(trunc(power(2::numeric, 63 - b)), ('1e' || -p)::numeric)
    WHEN b > 63 THEN div(('1e' || p)::numeric, trunc(power(2::numeric, b - 63)))
    ELSE ('1e' || p)::numeric * trunc(power(2::numeric, 63 - b)) END;
  t := div(m * t, 18446744073709551616);
  IF n = 18 THEN
    t := div(t, trunc(power(2::numeric, -(e + b + 2))));
    t := div(t + 2 * (t % 2), 2);
  ELSE t := div(t, trunc(power(2::numeric, -(e + b + 1))));
  END IF;
  digits := t::text;
  point := length(digits) - p;
END $$;

-- A REAL's 18 or 19 significant digits, as many as SQLite computes, and the power of ten of the first one.
CREATE OR REPLACE FUNCTION sqlite.real_digits(x float8, OUT digits text, OUT exponent int)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT r.digits, r.point - 1 FROM sqlite.real_decimal(x, 18) r
$$;

-- The digits that SQLite prints: 17, or fewer where these give the same double and the tail is all 0 or 9.
CREATE OR REPLACE FUNCTION sqlite.real_places(x float8, OUT digits text, OUT exponent int)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  d text; places int := 17; head text; up numeric; rounded text;
BEGIN
  SELECT r.digits, r.exponent INTO d, exponent FROM sqlite.real_digits(x) r;
  IF substr(d, 15, 2) = '99' THEN
    head := rtrim(left(d, 14), '9');
    up := CASE WHEN head = '' THEN 1 ELSE head::numeric + 1 END;
    IF (up::text || 'e' || (exponent - length(head) + 1))::float8 = abs(x) THEN places := length(head) + 1; END IF;
  ELSIF exponent + 1 >= length(d) OR substr(d, 14, 3) = '000' THEN
    head := rtrim(left(d, 13), '0');
    IF (head || 'e' || (exponent - length(head) + 1))::float8 = abs(x) THEN places := length(head) + 1; END IF;
  END IF;
  digits := left(d, places);
  IF substr(d, places + 1, 1) >= '5' THEN
    rounded := (digits::numeric + 1)::text;
    IF length(rounded) > places THEN exponent := exponent + 1; END IF;
    digits := rounded;
  END IF;
  digits := rtrim(digits, '0');
END $$;

CREATE OR REPLACE FUNCTION sqlite.real_text(x float8) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  shortest text; mantissa text; d text; e int; sign text := '';
BEGIN
  IF x = 0 THEN RETURN '0.0'; END IF;
  IF x = 'Infinity' THEN RETURN 'Inf'; END IF;
  IF x = '-Infinity' THEN RETURN '-Inf'; END IF;
  IF abs(x) < 1e15 AND x = trunc(x) THEN RETURN x::bigint || '.0'; END IF;
  IF x < 0 THEN sign := '-'; END IF;
  shortest := abs(x)::text;
  mantissa := split_part(shortest, 'e', 1);
  e := coalesce(nullif(split_part(shortest, 'e', 2), '')::int, 0) + length(split_part(mantissa, '.', 1)) - 1;
  d := replace(mantissa, '.', '');
  e := e - (length(d) - length(ltrim(d, '0')));
  d := btrim(d, '0');
  -- With so few digits the shortest form is what SQLite prints as well, except of a denormal number.
  IF length(d) > 13 OR abs(x) < 2.2250738585072014e-308 THEN SELECT p.digits, p.exponent INTO d, e FROM sqlite.real_places(x) p; END IF;
  IF e < -4 OR e > 16 THEN
    RETURN sign || left(d, 1) || '.' || coalesce(nullif(substr(d, 2), ''), '0')
      || CASE WHEN e < 0 THEN 'e-' ELSE 'e+' END || lpad(abs(e)::text, greatest(2, length(abs(e)::text)), '0');
  END IF;
  IF e < 0 THEN RETURN sign || '0.' || repeat('0', -e - 1) || d; END IF;
  IF length(d) <= e + 1 THEN RETURN sign || rpad(d, e + 1, '0') || '.0'; END IF;
  RETURN sign || left(d, e + 1) || '.' || substr(d, e + 2);
END $$;

-- A column of NUMERIC affinity: INTEGER where it is integral and has 64 bits.
CREATE OR REPLACE FUNCTION sqlite.numeric_text(x float8) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN x = trunc(x) AND abs(x) < 9223372036854775807 THEN x::bigint::text ELSE sqlite.real_text(x) END
$$;
CREATE OR REPLACE FUNCTION sqlite.numeric_text(x numeric) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN x = trunc(x) AND abs(x) <= 9223372036854775807 THEN x::bigint::text ELSE sqlite.real_text(x::float8) END
$$;

-- A text that is a number as a whole; out of range it is infinite or zero, not an error.
CREATE OR REPLACE FUNCTION sqlite.parse_real(t text) RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  power text := regexp_replace(substring(t from '[eE]([+-]?\d+)$'), '^([+-]?)0+(?=\d)', '\1'); size numeric; negative boolean := left(t, 1) = '-';
BEGIN
  IF length(t) < 200 AND (power IS NULL OR length(power) < 3) THEN RETURN t::float8; END IF;
  IF ltrim(regexp_replace(t, '[eE].*$', ''), '+-0.') = '' THEN RETURN 0; END IF;
  IF length(power) > 6 THEN
    RETURN CASE WHEN left(power, 1) = '-' THEN '0' WHEN negative THEN '-Infinity' ELSE 'Infinity' END::float8;
  END IF;
  size := abs(left(regexp_replace(t, '[eE].*$', ''), 1000)::numeric);
  IF log(size) + coalesce(power::int, 0) > 400 THEN
    RETURN CASE WHEN negative THEN '-Infinity' ELSE 'Infinity' END::float8;
  END IF;
  IF log(size) + coalesce(power::int, 0) < -400 THEN RETURN 0; END IF;
  size := abs(t::numeric);
  IF size >= 1.797693134862315808e308 THEN
    RETURN CASE WHEN negative THEN '-Infinity' ELSE 'Infinity' END::float8;
  END IF;
  IF size < 2.4703282292062328e-324 THEN RETURN 0; END IF;
  RETURN t::float8;
END $$;

-- CAST(x AS REAL): the longest prefix that is a number.
CREATE OR REPLACE FUNCTION sqlite.text_real(t text) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT coalesce(sqlite.parse_real(substring(t from '^[ \t\n\v\f\r]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)')), 0)
$$;

-- CAST(x AS INTEGER): the longest prefix that is an integer, held to 64 bits.
CREATE OR REPLACE FUNCTION sqlite.text_integer(t text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT least(greatest(coalesce(substring(t from '^[ \t\n\v\f\r]*([+-]?\d+)')::numeric, 0), -9223372036854775808), 9223372036854775807)::bigint
$$;
CREATE OR REPLACE FUNCTION sqlite.real_integer(x float8) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN x >= 9223372036854775807 THEN 9223372036854775807
    WHEN x <= -9223372036854775808 THEN -9223372036854775808 ELSE trunc(x)::bigint END
$$;

CREATE OR REPLACE FUNCTION sqlite.dynamic(x bigint) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT x::text::json $$;
CREATE OR REPLACE FUNCTION sqlite.dynamic(x float8) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE x WHEN 'Infinity' THEN '1e999' WHEN '-Infinity' THEN '-1e999' WHEN 'NaN' THEN NULL
    ELSE CASE WHEN x::text ~ '[.e]' THEN x::text ELSE x::text || '.0' END END::json
$$;
CREATE OR REPLACE FUNCTION sqlite.dynamic(x text) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT to_json(x) $$;
CREATE OR REPLACE FUNCTION sqlite.dynamic(x bytea) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT ('{"blob":"' || upper(encode(x, 'hex')) || '"}')::json $$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_numeric(x float8) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN x = trunc(x) AND abs(x) < 9223372036854775807 THEN x::bigint::text::json ELSE sqlite.dynamic(x) END
$$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_numeric(x numeric) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN x = trunc(x) AND (abs(x) <= 9223372036854775807 OR x = -9223372036854775808 AND scale(x) = 0) THEN x::bigint::text::json
    ELSE sqlite.dynamic(x::float8) END
$$;

-- The double's exact value, which a cast to numeric would round to 15 digits.
CREATE OR REPLACE FUNCTION sqlite.exact(x float8) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  bits bigint := ('x' || encode(float8send(abs(x)), 'hex'))::bit(64)::bigint;
  power int := (bits >> 52)::int;
  mantissa numeric := bits & 4503599627370495;
BEGIN
  IF power = 0 THEN power := 1; ELSE mantissa := mantissa + 4503599627370496; END IF;
  power := power - 1075;
  IF x < 0 THEN mantissa := -mantissa; END IF;
  IF power >= 0 THEN RETURN mantissa * trunc(power(2::numeric, power)); END IF;
  RETURN trim_scale((mantissa * trunc(power(5::numeric, -power)) || 'e' || power)::numeric);
END $$;
-- Of a column without an affinity, and in views: a REAL has digits after the point, if only a zero (src/values/codec.ts).
CREATE OR REPLACE FUNCTION sqlite.dynamic_scaled(x numeric) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN scale(x) = 0 AND x BETWEEN -9223372036854775808 AND 9223372036854775807 THEN x::text::json
    ELSE sqlite.dynamic(x::float8) END
$$;
-- A REAL as such a column keeps it (positionalText of src/values/real-text.ts).
CREATE OR REPLACE FUNCTION sqlite.scaled(x float8) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN abs(x) = 'Infinity' THEN x::numeric WHEN abs(x) >= 9007199254740992 THEN round(sqlite.exact(x), 1)
    ELSE round(x::text::numeric, greatest(1, scale(x::text::numeric))) END
$$;

-- An operand of arithmetic: the longest prefix; INTEGER where it has neither a point nor an exponent.
CREATE OR REPLACE FUNCTION sqlite.text_number(t text) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN p IS NULL THEN '0'::json
    WHEN p ~ '^[+-]?\d+$' AND p::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN sqlite.dynamic(p::bigint)
    ELSE sqlite.dynamic(sqlite.parse_real(p)) END
  FROM (SELECT substring(t from '^[ \t\n\v\f\r]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)') AS p) q
$$;
-- Where the other operand is REAL the text is read as one, and '-0' has its sign.
CREATE OR REPLACE FUNCTION sqlite.text_operand(t text) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN n::text = '0' AND t ~ '^[ \t\n\v\f\r]*-' THEN '-0'::json ELSE n END FROM (SELECT sqlite.text_number(t) AS n) q
$$;

-- CAST(x AS NUMERIC): as above, and an integral REAL of up to 51 bits becomes INTEGER.
CREATE OR REPLACE FUNCTION sqlite.text_numeric(t text) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN n::text ~ '[.e]' AND abs(sqlite.parse_real(n::text)) < 2251799813685248
    THEN sqlite.dynamic_numeric(sqlite.parse_real(n::text)) ELSE n END
  FROM (SELECT sqlite.text_number(t) AS n) q
$$;

-- NUMERIC affinity: a text that is a number as a whole becomes one, another stays.
CREATE OR REPLACE FUNCTION sqlite.is_numeric_text(t text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT t ~ '^[ \t\n\v\f\r]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[ \t\n\v\f\r]*$'
$$;
CREATE OR REPLACE FUNCTION sqlite.apply_numeric(t text) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.is_numeric_text(t)
    THEN CASE WHEN sqlite.text_number(t)::text ~ '[.e]' THEN sqlite.dynamic_numeric(sqlite.text_real(t))
      ELSE sqlite.text_number(t) END
    ELSE to_json(t) END
$$;
CREATE OR REPLACE FUNCTION sqlite.apply_numeric(j json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(j) = 'string' THEN sqlite.apply_numeric(j #>> '{}') ELSE j END
$$;

-- Functions that ask for a class first are PL/pgSQL: a STRICT one in SQL with a CASE in it is not made a part of the
-- statement, and then costs ten times as much for each call.
CREATE OR REPLACE FUNCTION sqlite.dynamic_is_integer(j json) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  RETURN json_typeof(j) = 'number' AND j::text !~ '[.eE]';
END $$;
CREATE OR REPLACE FUNCTION sqlite.blob_text(b bytea) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT convert_from(b, 'UTF8') $$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_blob(j json) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT decode(j ->> 'blob', 'hex') $$;
-- The text in which a blob's number stands: bytes that cannot be in one are escaped, so that none is an error.
CREATE OR REPLACE FUNCTION sqlite.blob_digits(b bytea) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT encode(b, 'escape') $$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_digits(j json) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE json_typeof(j) WHEN 'string' THEN j #>> '{}' ELSE sqlite.blob_digits(sqlite.dynamic_blob(j)) END
$$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_text(j json) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  kind text := json_typeof(j); t text;
BEGIN
  IF kind = 'string' THEN RETURN j #>> '{}'; END IF;
  IF kind = 'object' THEN RETURN sqlite.blob_text(sqlite.dynamic_blob(j)); END IF;
  IF kind <> 'number' THEN RETURN NULL; END IF;
  t := btrim(j::text);
  IF t ~ '[.eE]' THEN RETURN sqlite.real_text(sqlite.parse_real(t)); END IF;
  RETURN t;
END $$;
CREATE OR REPLACE FUNCTION sqlite.apply_text(j json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE json_typeof(j) WHEN 'number' THEN to_json(sqlite.dynamic_text(j)) ELSE j END
$$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_number(j json) RETURNS json
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF json_typeof(j) = 'number' THEN RETURN j; END IF;
  RETURN sqlite.text_operand(sqlite.dynamic_digits(j));
END $$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_real(j json) RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF json_typeof(j) = 'number' THEN RETURN sqlite.parse_real(btrim(j::text)); END IF;
  RETURN sqlite.text_real(sqlite.dynamic_digits(j));
END $$;
-- A value that is known to be a number, as `sqlite.dynamic_scaled` reads it.
CREATE OR REPLACE FUNCTION sqlite.scaled(j json) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(j) THEN j::text::numeric
    WHEN json_typeof(j) = 'number' THEN sqlite.scaled(sqlite.dynamic_real(j))
    ELSE ('no number, but a ' || json_typeof(j))::numeric END
$$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_integer(j json) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  t text;
BEGIN
  IF json_typeof(j) <> 'number' THEN RETURN sqlite.text_integer(sqlite.dynamic_digits(j)); END IF;
  t := btrim(j::text);
  IF t ~ '[.eE]' THEN RETURN sqlite.real_integer(sqlite.parse_real(t)); END IF;
  RETURN t::bigint;
END $$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_truth(j json) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.dynamic_real(j) <> 0 $$;

-- Numbers come before texts and texts before blobs.
CREATE OR REPLACE FUNCTION sqlite.sort_class(j json) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE json_typeof(j) WHEN 'number' THEN 1 WHEN 'string' THEN 2 WHEN 'object' THEN 3 END
$$;
CREATE OR REPLACE FUNCTION sqlite.sort_number(j json) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  t text; x float8;
BEGIN
  IF json_typeof(j) <> 'number' THEN RETURN 0; END IF;
  t := j::text;
  IF t !~ '[.eE]' THEN RETURN t::numeric; END IF;
  x := sqlite.parse_real(btrim(t));
  -- The shortest text of a double is not its value where only integers are doubles.
  IF abs(x) >= 9007199254740992 AND x BETWEEN -9223372036854775808 AND 9223372036854774784 THEN RETURN x::bigint; END IF;
  RETURN x::text::numeric;
END $$;
CREATE OR REPLACE FUNCTION sqlite.sort_text(j json) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  kind text := json_typeof(j);
BEGIN
  IF kind = 'string' THEN RETURN j #>> '{}'; END IF;
  RETURN CASE kind WHEN 'object' THEN j ->> 'blob' ELSE '' END;
END $$;
CREATE OR REPLACE FUNCTION sqlite.compare(a json, b json) RETURNS int
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  class int := sqlite.sort_class(a); other int := sqlite.sort_class(b); m numeric; n numeric; s text; t text;
BEGIN
  IF class <> other THEN RETURN CASE WHEN class < other THEN -1 ELSE 1 END; END IF;
  IF class = 1 THEN
    m := sqlite.sort_number(a); n := sqlite.sort_number(b);
    RETURN CASE WHEN m < n THEN -1 WHEN m > n THEN 1 ELSE 0 END;
  END IF;
  s := sqlite.sort_text(a); t := sqlite.sort_text(b);
  RETURN CASE WHEN s COLLATE "C" < t COLLATE "C" THEN -1 WHEN s = t THEN 0 ELSE 1 END;
END $$;
-- The first text that is not below the given one, or with `beyond` the first above it, to SQLite where texts of a numeric
-- column are compared with it: a text that is a number comes before all of them.
CREATE OR REPLACE FUNCTION sqlite.text_bound(t text, beyond boolean) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF sqlite.is_numeric_text(t) THEN RETURN ''; END IF;
  RETURN CASE WHEN beyond THEN t || chr(1) ELSE t END;
END $$;
-- An INTEGER beside a REAL, exactly.
CREATE OR REPLACE FUNCTION sqlite.compare_number(i bigint, r float8) RETURNS int
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN i < r THEN -1 WHEN i > r THEN 1 WHEN r >= 9223372036854775808.0::float8 THEN -1 ELSE sign(i - r::bigint)::int END
$$;
-- A text as a collation other than BINARY sees it.
CREATE OR REPLACE FUNCTION sqlite.dynamic_fold(j json, kind text) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(j) <> 'string' THEN j WHEN kind = 'NOCASE' THEN to_json(lower((j #>> '{}') COLLATE "C"))
    ELSE to_json(rtrim(j #>> '{}', ' ')) END
$$;
-- Equal for two values exactly where SQLite calls them equal: for IN, GROUP BY, DISTINCT and UNION.
CREATE OR REPLACE FUNCTION sqlite.dynamic_key(j json) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  class int := sqlite.sort_class(j);
BEGIN
  RETURN class || CASE WHEN class = 1 THEN trim_scale(sqlite.sort_number(j))::text ELSE sqlite.sort_text(j) END;
END $$;

-- The INTEGER that a value equals, NULL where there is none.
CREATE OR REPLACE FUNCTION sqlite.equal_integer(j json) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  x float8;
BEGIN
  IF sqlite.dynamic_is_integer(j) THEN RETURN j::text::bigint; END IF;
  IF json_typeof(j) <> 'number' THEN RETURN NULL; END IF;
  x := sqlite.dynamic_real(j);
  RETURN CASE WHEN x = trunc(x) AND x >= -9223372036854775808 AND x < 9223372036854775808 THEN x::bigint END;
END $$;

-- What a column takes after its affinity; what it cannot hold is an error, as on the mirror. STABLE, as an
-- error that the planner finds in a constant would come where no row is written at all.
-- A value that a column cannot hold here. A rowid can hold it on SQLite no more: its place is the empty text.
CREATE OR REPLACE FUNCTION sqlite.misfit(value json, place text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 AS $$
BEGIN
  IF place = '' THEN RAISE EXCEPTION USING ERRCODE = 'LS006', MESSAGE = 'datatype mismatch'; END IF;
  IF place LIKE 'STRICT %' THEN
    RAISE EXCEPTION USING ERRCODE = 'LS012', MESSAGE = format('cannot store %s value in %s', CASE json_typeof(value)
      WHEN 'string' THEN 'TEXT' WHEN 'object' THEN 'BLOB' ELSE CASE WHEN sqlite.dynamic_is_integer(value) THEN 'INT' ELSE 'REAL' END END, substr(place, 8));
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'LS005', MESSAGE = format('%s cannot hold a value of this class on PostgreSQL, as it does on SQLite. Store what the column holds, or give it another type in the configuration', place);
END
$$;
CREATE OR REPLACE FUNCTION sqlite.store_integer(j json, place text) RETURNS bigint
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(n) THEN n::text::bigint
    WHEN json_typeof(n) = 'number' AND sqlite.dynamic_real(n) = trunc(sqlite.dynamic_real(n)) AND abs(sqlite.dynamic_real(n)) < 9223372036854775807
      THEN sqlite.dynamic_real(n)::bigint
    ELSE sqlite.misfit(n, place)::bigint END
  FROM (SELECT sqlite.apply_numeric(j) AS n) q
$$;
-- Not STRICT, so that the planner writes it into the statement: a REAL needs no json to be looked at.
CREATE OR REPLACE FUNCTION sqlite.store_integer(x float8, place text) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x IS NULL THEN NULL WHEN x = trunc(x) AND abs(x) < 9223372036854775807 THEN x::bigint
    ELSE sqlite.misfit(sqlite.dynamic(x), place)::bigint END
$$;
CREATE OR REPLACE FUNCTION sqlite.store_real(j json, place text) RETURNS float8
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(n) = 'number' THEN sqlite.dynamic_real(n) ELSE sqlite.misfit(n, place)::float8 END
  FROM (SELECT sqlite.apply_numeric(j) AS n) q
$$;
-- A double in a column of NUMERIC affinity: an INTEGER that it does not hold is none of it.
CREATE OR REPLACE FUNCTION sqlite.store_double(x bigint, place text) RETURNS float8
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN x BETWEEN -9007199254740992 AND 9007199254740992 OR x::float8::numeric = x THEN x::float8
    ELSE sqlite.misfit(to_json(x), place)::float8 END
$$;
CREATE OR REPLACE FUNCTION sqlite.store_double(j json, place text) RETURNS float8
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(n) THEN sqlite.store_double(n::text::bigint, place)
    WHEN json_typeof(n) = 'number' THEN sqlite.dynamic_real(n) ELSE sqlite.misfit(n, place)::float8 END
  FROM (SELECT sqlite.apply_numeric(j) AS n) q
$$;
CREATE OR REPLACE FUNCTION sqlite.store_numeric(j json, place text) RETURNS numeric
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(n) THEN n::text::numeric WHEN json_typeof(n) <> 'number' THEN sqlite.misfit(n, place)::numeric
    WHEN x = trunc(x) AND abs(x) < 9223372036854775807 THEN x::bigint::numeric ELSE sqlite.scaled(x) END
  FROM (SELECT n, sqlite.dynamic_real(n) AS x FROM (SELECT sqlite.apply_numeric(j) AS n) p) q
$$;
-- Without an affinity a column keeps the class; numeric has no negative zero.
CREATE OR REPLACE FUNCTION sqlite.store_scaled(j json, place text) RETURNS numeric
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(j) THEN j::text::numeric
    WHEN json_typeof(j) <> 'number' OR x::text = '-0' THEN sqlite.misfit(j, place)::numeric ELSE sqlite.scaled(x) END
  FROM (SELECT sqlite.dynamic_real(j) AS x) q
$$;
CREATE OR REPLACE FUNCTION sqlite.store_text(j json, place text) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(j) = 'object' THEN sqlite.misfit(j, place) ELSE sqlite.dynamic_text(j) END
$$;
CREATE OR REPLACE FUNCTION sqlite.store_blob(j json, place text) RETURNS bytea
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(j) = 'object' THEN sqlite.dynamic_blob(j) ELSE sqlite.misfit(j, place)::bytea END
$$;
CREATE OR REPLACE FUNCTION sqlite.cast_numeric(j json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE json_typeof(j) WHEN 'number' THEN j ELSE sqlite.text_numeric(sqlite.dynamic_digits(j)) END
$$;
CREATE OR REPLACE FUNCTION sqlite.store_plain_text(j json, place text) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(j) = 'string' THEN j #>> '{}' ELSE sqlite.misfit(j, place) END
$$;
-- For a column of a numeric affinity that is text: of one number there is one text. A REAL has no such text here.
CREATE OR REPLACE FUNCTION sqlite.store_numeric_text(j json, place text) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(v) = 'string' THEN v #>> '{}' WHEN sqlite.dynamic_is_integer(v) THEN sqlite.dynamic_text(v)
    ELSE sqlite.misfit(v, place) END
  FROM (SELECT sqlite.apply_numeric(j) AS v) q
$$;
CREATE OR REPLACE FUNCTION sqlite.store_numeric_text(t text, place text) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.store_numeric_text(to_json(t), place) $$;
CREATE OR REPLACE FUNCTION sqlite.store_boolean(x bigint, place text) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE x WHEN 0 THEN FALSE WHEN 1 THEN TRUE ELSE sqlite.misfit(to_json(x), place)::boolean END
$$;

-- Twins for generated columns, which PostgreSQL lets call nothing but what is immutable, and which are computed
-- for a row that is written.
CREATE OR REPLACE FUNCTION sqlite.store_integer_i(v json, place text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.store_integer(v, place) $$;
CREATE OR REPLACE FUNCTION sqlite.store_integer_i(v float8, place text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.store_integer(v, place) $$;
CREATE OR REPLACE FUNCTION sqlite.store_real_i(v json, place text) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.store_real(v, place) $$;
CREATE OR REPLACE FUNCTION sqlite.store_double_i(v bigint, place text) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.store_double(v, place) $$;
CREATE OR REPLACE FUNCTION sqlite.store_double_i(v json, place text) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.store_double(v, place) $$;
CREATE OR REPLACE FUNCTION sqlite.store_numeric_i(v json, place text) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.store_numeric(v, place) $$;
CREATE OR REPLACE FUNCTION sqlite.store_scaled_i(v json, place text) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.store_scaled(v, place) $$;
CREATE OR REPLACE FUNCTION sqlite.store_text_i(v json, place text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.store_text(v, place) $$;
CREATE OR REPLACE FUNCTION sqlite.store_plain_text_i(v json, place text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.store_plain_text(v, place) $$;
CREATE OR REPLACE FUNCTION sqlite.store_numeric_text_i(v json, place text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.store_numeric_text(v, place) $$;
CREATE OR REPLACE FUNCTION sqlite.store_numeric_text_i(v text, place text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.store_numeric_text(v, place) $$;
CREATE OR REPLACE FUNCTION sqlite.store_blob_i(v json, place text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.store_blob(v, place) $$;

-- The class of a value.
CREATE OR REPLACE FUNCTION sqlite.typeof(j json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE json_typeof(j) WHEN 'string' THEN 'text' WHEN 'object' THEN 'blob'
    WHEN 'number' THEN CASE WHEN sqlite.dynamic_is_integer(j) THEN 'integer' ELSE 'real' END ELSE 'null' END
$$;
