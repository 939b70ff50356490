-- SQLite's mathematical functions where PostgreSQL's own give another result or an error.
-- Rules: roundFunc, mathFunc and logFunc of SQLite, https://www.sqlite.org/lang_mathfunc.html
-- An argument that is no number, and a result that is not defined, are NULL; a result out of range is infinite.

-- Text that is a number as a whole; any other text is no argument of a mathematical function.
CREATE OR REPLACE FUNCTION sqlite.math_argument(t text) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT sqlite.parse_real(substring(t from '^[ \t\n\v\f\r]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[ \t\n\v\f\r]*$'))
$$;
CREATE OR REPLACE FUNCTION sqlite.math_argument(j json) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE json_typeof(j) WHEN 'number' THEN sqlite.dynamic_real(j) WHEN 'string' THEN sqlite.math_argument(j #>> '{}') END
$$;

-- Half away from zero. With places, SQLite rounds 18 decimal digits of the value. The shortest digits that
-- give the same double round alike, except where they are exactly a half.
CREATE OR REPLACE FUNCTION sqlite.round(x float8, places bigint DEFAULT 0) RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  n int := least(greatest(places, 0), 30); shortest numeric; r record;
BEGIN
  IF x < -4503599627370496 OR x > 4503599627370496 THEN RETURN x; END IF;
  IF n = 0 THEN RETURN trunc(x + CASE WHEN x < 0 THEN -0.5 ELSE 0.5 END) + 0.0; END IF;
  shortest := x::text::numeric;
  IF scale(shortest) <= n THEN RETURN x + 0.0; END IF;
  IF scale(shortest) = n + 1 AND right(shortest::text, 1) = '5' THEN
    SELECT * INTO r FROM sqlite.real_digits(x);
    shortest := (r.digits || 'e' || (r.exponent + 1 - length(r.digits)))::numeric * sign(shortest);
  END IF;
  shortest := round(shortest, n);
  RETURN CASE WHEN shortest = 0 AND x < 0 THEN '-0'::float8 ELSE shortest::float8 END;
END $$;

CREATE OR REPLACE FUNCTION sqlite.sqrt(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN x >= 0 THEN sqrt(x) END $$;
CREATE OR REPLACE FUNCTION sqlite.exp(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x > 709.782712893384 THEN 'Infinity' WHEN x < -745.1332191019412 THEN 0 ELSE exp(x) END
$$;
CREATE OR REPLACE FUNCTION sqlite.ln(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN x > 0 THEN ln(x) END $$;
CREATE OR REPLACE FUNCTION sqlite.log10(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN x > 0 THEN log10(x) END $$;
-- PostgreSQL has no log2 of doubles; its numeric logarithm has digits to spare.
CREATE OR REPLACE FUNCTION sqlite.log2(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x = 'Infinity' THEN x WHEN x > 0 THEN log(2::numeric, round(sqlite.exact(x), greatest(40, scale(sqlite.exact(x)))))::float8 END
$$;
CREATE OR REPLACE FUNCTION sqlite.log(base float8, x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN base > 0 AND x > 0 AND ln(base) > 0 THEN nullif(ln(x) / ln(base), 'NaN') END
$$;
CREATE OR REPLACE FUNCTION sqlite.acos(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN x BETWEEN -1 AND 1 THEN acos(x) END $$;
CREATE OR REPLACE FUNCTION sqlite.asin(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN x BETWEEN -1 AND 1 THEN asin(x) END $$;
CREATE OR REPLACE FUNCTION sqlite.acosh(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN x >= 1 THEN acosh(x) END $$;
CREATE OR REPLACE FUNCTION sqlite.atanh(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN x BETWEEN -1 AND 1 THEN atanh(x) END $$;
CREATE OR REPLACE FUNCTION sqlite.sin(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN abs(x) < 'Infinity' THEN sin(x) END $$;
CREATE OR REPLACE FUNCTION sqlite.cos(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN abs(x) < 'Infinity' THEN cos(x) END $$;
CREATE OR REPLACE FUNCTION sqlite.tan(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN abs(x) < 'Infinity' THEN tan(x) END $$;
CREATE OR REPLACE FUNCTION sqlite.sinh(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x > 710.4758600739439 THEN 'Infinity' WHEN x < -710.4758600739439 THEN '-Infinity' ELSE sinh(x) END
$$;
CREATE OR REPLACE FUNCTION sqlite.cosh(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN abs(x) > 710.4758600739439 THEN 'Infinity' ELSE cosh(x) END $$;

-- As C's pow(), of which PostgreSQL makes errors where it overflows or is not defined.
CREATE OR REPLACE FUNCTION sqlite.power(x float8, y float8) RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  odd boolean := abs(y) < 9007199254740992 AND y = trunc(y) AND (y / 2) <> trunc(y / 2);
  size float8;
BEGIN
  IF y = 0 OR x = 1 THEN RETURN 1; END IF;
  IF x = 0 THEN
    -- A negative zero keeps its sign through an odd power.
    odd := odd AND left(x::text, 1) = '-';
    RETURN CASE WHEN y > 0 THEN CASE WHEN odd THEN '-0' ELSE '0' END WHEN odd THEN '-Infinity' ELSE 'Infinity' END::float8;
  END IF;
  IF abs(y) = 'Infinity' THEN
    RETURN CASE WHEN abs(x) = 1 THEN '1' WHEN (abs(x) > 1) = (y > 0) THEN 'Infinity' ELSE '0' END::float8;
  END IF;
  IF abs(x) = 'Infinity' THEN
    RETURN CASE WHEN x > 0 OR NOT odd THEN CASE WHEN y > 0 THEN 'Infinity' ELSE '0' END
      ELSE CASE WHEN y > 0 THEN '-Infinity' ELSE '-0' END END::float8;
  END IF;
  IF x < 0 AND y <> trunc(y) THEN RETURN NULL; END IF;
  size := y * ln(abs(x));
  IF size > 709.79 THEN RETURN CASE WHEN x < 0 AND odd THEN '-Infinity' ELSE 'Infinity' END::float8; END IF;
  IF size < -745.14 THEN RETURN CASE WHEN x < 0 AND odd THEN '-0' ELSE '0' END::float8; END IF;
  RETURN power(x, y);
END $$;

-- C's fmod(), which is exact.
CREATE OR REPLACE FUNCTION sqlite.mod(x float8, y float8) RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  r float8;
BEGIN
  IF y = 0 OR abs(x) = 'Infinity' THEN RETURN NULL; END IF;
  IF abs(y) = 'Infinity' OR x = 0 THEN RETURN x; END IF;
  IF abs(x) < 9007199254740992 AND abs(y) < 9007199254740992 AND x = trunc(x) AND y = trunc(y) THEN
    r := (x::bigint % y::bigint)::float8;
  ELSE r := mod(sqlite.exact(x), sqlite.exact(y))::float8;
  END IF;
  RETURN CASE WHEN r = 0 AND x < 0 THEN '-0'::float8 ELSE r END;
END $$;

-- The number that a text is as a whole, INTEGER or REAL by how it is written (sqlite3_value_numeric_type).
CREATE OR REPLACE FUNCTION sqlite.number_of(t text) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN t ~ '^[ \t\n\v\f\r]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t\n\v\f\r]*$' THEN sqlite.text_number(t) END
$$;

-- Functions whose result is INTEGER for an INTEGER and REAL for a REAL.
CREATE OR REPLACE FUNCTION sqlite.abs(x float8) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT CASE WHEN x < 0 THEN -x ELSE x END $$;
CREATE OR REPLACE FUNCTION sqlite.abs(x bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1 AS $$
BEGIN
  IF x = -9223372036854775808 THEN RAISE EXCEPTION 'integer overflow' USING ERRCODE = 'LS007'; END IF;
  RETURN abs(x);
END $$;
CREATE OR REPLACE FUNCTION sqlite.abs(j json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(j) THEN sqlite.dynamic(sqlite.abs(j::text::bigint)) ELSE sqlite.dynamic(sqlite.abs(sqlite.dynamic_real(j))) END
$$;
CREATE OR REPLACE FUNCTION sqlite.ceil(j json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(n) THEN n WHEN json_typeof(n) = 'number' THEN sqlite.dynamic(ceil(sqlite.dynamic_real(n))) END
  FROM (SELECT CASE WHEN json_typeof(j) = 'string' THEN sqlite.number_of(j #>> '{}') ELSE j END AS n) q
$$;
CREATE OR REPLACE FUNCTION sqlite.floor(j json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(n) THEN n WHEN json_typeof(n) = 'number' THEN sqlite.dynamic(floor(sqlite.dynamic_real(n))) END
  FROM (SELECT CASE WHEN json_typeof(j) = 'string' THEN sqlite.number_of(j #>> '{}') ELSE j END AS n) q
$$;
CREATE OR REPLACE FUNCTION sqlite.trunc(j json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(n) THEN n WHEN json_typeof(n) = 'number' THEN sqlite.dynamic(trunc(sqlite.dynamic_real(n))) END
  FROM (SELECT CASE WHEN json_typeof(j) = 'string' THEN sqlite.number_of(j #>> '{}') ELSE j END AS n) q
$$;
