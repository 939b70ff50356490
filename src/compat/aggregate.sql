-- SQLite's aggregates where PostgreSQL's own give another result.
-- The moving forms (msfunc, minvfunc) serve window frames whose start moves, as SQLite's xInverse does.

-- Neumaier's compensated sum: x of the point is the sum, y the error. PostgreSQL's sum of doubles has other
-- last bits, and depends more on the order of the rows.
CREATE OR REPLACE FUNCTION sqlite.sum_step(state point, x float8) RETURNS point
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  s float8 := state[0]; t float8;
BEGIN
  IF x IS NULL THEN RETURN state; END IF;
  IF state IS NULL THEN RETURN point(x + 0.0, 0); END IF;
  -- Halved where the sum of two may be out of range, which is an error on PostgreSQL.
  IF abs(s) < 8e307 AND abs(x) < 8e307 THEN t := s + x;
  -- An infinity less another is NaN, which SQLite gives as NULL; to PostgreSQL NaN is the largest of all.
  ELSIF abs(s) >= 'Infinity' OR abs(x) >= 'Infinity' THEN t := s + x;
  ELSIF abs(s / 2 + x / 2) > 8.98846567431158e307 THEN t := CASE WHEN s / 2 + x / 2 > 0 THEN 'Infinity' ELSE '-Infinity' END;
  ELSE t := s + x;
  END IF;
  IF abs(t) >= 'Infinity' THEN RETURN point(t, 'NaN'); END IF;
  IF abs(s) > abs(x) THEN RETURN point(t, state[1] + ((s - t) + x)); END IF;
  RETURN point(t, state[1] + ((x - t) + s));
END $$;
CREATE OR REPLACE FUNCTION sqlite.sum_final(state point) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN state[1] = 'NaN' THEN nullif(state[0], 'NaN') ELSE state[0] + state[1] END
$$;

-- A moving frame needs to know when it has become empty.
CREATE OR REPLACE FUNCTION sqlite.sum_move(state float8[], x float8) RETURNS float8[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  p point;
BEGIN
  IF x IS NULL THEN RETURN state; END IF;
  p := sqlite.sum_step(point(state[1], state[2]), x);
  RETURN ARRAY[p[0], p[1], state[3] + 1];
END $$;
CREATE OR REPLACE FUNCTION sqlite.sum_unmove(state float8[], x float8) RETURNS float8[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  p point;
BEGIN
  IF x IS NULL THEN RETURN state; END IF;
  p := sqlite.sum_step(point(state[1], state[2]), -x);
  RETURN ARRAY[p[0], p[1], state[3] - 1];
END $$;
CREATE OR REPLACE FUNCTION sqlite.sum_moved(state float8[]) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN state[3] > 0 THEN sqlite.sum_final(point(state[1], state[2])) END $$;
CREATE OR REPLACE AGGREGATE sqlite.sum(float8) (
  SFUNC = sqlite.sum_step, STYPE = point, FINALFUNC = sqlite.sum_final,
  MSFUNC = sqlite.sum_move, MINVFUNC = sqlite.sum_unmove, MSTYPE = float8[], MINITCOND = '{0,0,0}',
  MFINALFUNC = sqlite.sum_moved, PARALLEL = SAFE
);

-- The same of INTEGERs and REALs together: an INTEGER beyond 2^52 counts in two parts, as in SQLite's
-- kahanBabuskaStepInt64, so that its last digits are not lost.
CREATE OR REPLACE FUNCTION sqlite.sum_step(state point, j json) RETURNS point
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  i bigint; low bigint;
BEGIN
  IF j IS NULL THEN RETURN state; END IF;
  IF NOT sqlite.dynamic_is_integer(j) THEN RETURN sqlite.sum_step(state, sqlite.dynamic_real(j)); END IF;
  i := j::text::bigint;
  IF i BETWEEN -4503599627370496 AND 4503599627370496 THEN RETURN sqlite.sum_step(state, i::float8); END IF;
  low := i % 16384;
  RETURN sqlite.sum_step(sqlite.sum_step(state, (i - low)::float8), low::float8);
END $$;
CREATE OR REPLACE FUNCTION sqlite.sum_move(state float8[], j json) RETURNS float8[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  p point;
BEGIN
  IF j IS NULL THEN RETURN state; END IF;
  p := sqlite.sum_step(point(state[1], state[2]), j);
  RETURN ARRAY[p[0], p[1], state[3] + 1];
END $$;
CREATE OR REPLACE FUNCTION sqlite.sum_unmove(state float8[], j json) RETURNS float8[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  p point := point(state[1], state[2]); i bigint; low bigint;
BEGIN
  IF j IS NULL THEN RETURN state; END IF;
  IF NOT sqlite.dynamic_is_integer(j) THEN p := sqlite.sum_step(p, -sqlite.dynamic_real(j));
  ELSE
    i := j::text::bigint;
    low := i % 16384;
    p := sqlite.sum_step(sqlite.sum_step(p, -(i - low)::float8), (-low)::float8);
  END IF;
  RETURN ARRAY[p[0], p[1], state[3] - 1];
END $$;
CREATE OR REPLACE AGGREGATE sqlite.sum(json) (
  SFUNC = sqlite.sum_step, STYPE = point, FINALFUNC = sqlite.sum_final,
  MSFUNC = sqlite.sum_move, MINVFUNC = sqlite.sum_unmove, MSTYPE = float8[], MINITCOND = '{0,0,0}',
  MFINALFUNC = sqlite.sum_moved, PARALLEL = SAFE
);

-- PostgreSQL has min and max of bytea since version 18, and no collation that ignores the case of ASCII only.
-- Of several that compare equal the first one met stays.
CREATE OR REPLACE FUNCTION sqlite.smaller(a bytea, b bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT CASE WHEN b < a THEN b ELSE a END $$;
CREATE OR REPLACE FUNCTION sqlite.larger(a bytea, b bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT CASE WHEN b > a THEN b ELSE a END $$;
CREATE OR REPLACE AGGREGATE sqlite.min(bytea) (SFUNC = sqlite.smaller, STYPE = bytea, COMBINEFUNC = sqlite.smaller, PARALLEL = SAFE);
CREATE OR REPLACE AGGREGATE sqlite.max(bytea) (SFUNC = sqlite.larger, STYPE = bytea, COMBINEFUNC = sqlite.larger, PARALLEL = SAFE);
CREATE OR REPLACE FUNCTION sqlite.smaller(a json, b json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT CASE WHEN sqlite.compare(b, a) < 0 THEN b ELSE a END $$;
CREATE OR REPLACE FUNCTION sqlite.larger(a json, b json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT CASE WHEN sqlite.compare(b, a) > 0 THEN b ELSE a END $$;
CREATE OR REPLACE AGGREGATE sqlite.min(json) (SFUNC = sqlite.smaller, STYPE = json, PARALLEL = SAFE);
CREATE OR REPLACE AGGREGATE sqlite.max(json) (SFUNC = sqlite.larger, STYPE = json, PARALLEL = SAFE);
CREATE OR REPLACE FUNCTION sqlite.smaller_nocase(a text, b text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN lower(b COLLATE "C") COLLATE "C" < lower(a COLLATE "C") THEN b ELSE a END
$$;
CREATE OR REPLACE FUNCTION sqlite.larger_nocase(a text, b text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN lower(b COLLATE "C") COLLATE "C" > lower(a COLLATE "C") THEN b ELSE a END
$$;
CREATE OR REPLACE AGGREGATE sqlite.min_nocase(text) (SFUNC = sqlite.smaller_nocase, STYPE = text, PARALLEL = SAFE);
CREATE OR REPLACE AGGREGATE sqlite.max_nocase(text) (SFUNC = sqlite.larger_nocase, STYPE = text, PARALLEL = SAFE);

-- The same where it cannot be told which of them SQLite meets first: there may be one alone. The state is the best one,
-- and behind it another like it.
CREATE OR REPLACE FUNCTION sqlite.extreme_step(state text[], x text, direction int) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x IS NULL THEN state WHEN state IS NULL OR order_of * direction > 0 THEN ARRAY[x]
    WHEN order_of = 0 AND x <> state[1] THEN ARRAY[state[1], x] ELSE state END
  FROM (SELECT CASE WHEN a < b THEN -1 WHEN a > b THEN 1 ELSE 0 END AS order_of
    FROM (SELECT lower(x COLLATE "C") COLLATE "C" AS a, lower(state[1] COLLATE "C") COLLATE "C" AS b) q) r
$$;
CREATE OR REPLACE FUNCTION sqlite.extreme_step(state json[], x json, direction int) RETURNS json[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x IS NULL THEN state WHEN state IS NULL OR order_of * direction > 0 THEN ARRAY[x]
    WHEN order_of = 0 AND x::text <> state[1]::text THEN ARRAY[state[1], x] ELSE state END
  FROM (SELECT sqlite.compare(x, state[1]) AS order_of) q
$$;
CREATE OR REPLACE FUNCTION sqlite.only_one(list anyarray) RETURNS anyelement
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  PERFORM sqlite.require(cardinality(list) IS DISTINCT FROM 2, 'min() or max() of values that are equal and not the same, of which SQLite gives the one that it reads first. Compare them in BINARY, or CAST them to one type');
  RETURN list[1];
END $$;
CREATE OR REPLACE AGGREGATE sqlite.only_extreme(text, int) (SFUNC = sqlite.extreme_step, STYPE = text[], FINALFUNC = sqlite.only_one, PARALLEL = SAFE);
CREATE OR REPLACE AGGREGATE sqlite.only_extreme(json, int) (SFUNC = sqlite.extreme_step, STYPE = json[], FINALFUNC = sqlite.only_one, PARALLEL = SAFE);

-- Scalar max() and min(): NULL where one of them is; the first of equal ones for max(), the last for min().
CREATE OR REPLACE FUNCTION sqlite.largest(VARIADIC list json[]) RETURNS json
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  best json := list[1]; item json;
BEGIN
  FOREACH item IN ARRAY list LOOP
    IF item IS NULL THEN RETURN NULL; END IF;
    IF sqlite.compare(best, item) < 0 THEN best := item; END IF;
  END LOOP;
  RETURN best;
END $$;
CREATE OR REPLACE FUNCTION sqlite.smallest(VARIADIC list json[]) RETURNS json
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  best json := list[1]; item json;
BEGIN
  FOREACH item IN ARRAY list LOOP
    IF item IS NULL THEN RETURN NULL; END IF;
    IF sqlite.compare(best, item) >= 0 THEN best := item; END IF;
  END LOOP;
  RETURN best;
END $$;

CREATE OR REPLACE FUNCTION sqlite.largest_in(kind text, VARIADIC list json[]) RETURNS json
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  best json := list[1]; item json;
BEGIN
  FOREACH item IN ARRAY list LOOP
    IF item IS NULL THEN RETURN NULL; END IF;
    IF sqlite.compare(sqlite.dynamic_fold(best, kind), sqlite.dynamic_fold(item, kind)) < 0 THEN best := item; END IF;
  END LOOP;
  RETURN best;
END $$;
CREATE OR REPLACE FUNCTION sqlite.smallest_in(kind text, VARIADIC list json[]) RETURNS json
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  best json := list[1]; item json;
BEGIN
  FOREACH item IN ARRAY list LOOP
    IF item IS NULL THEN RETURN NULL; END IF;
    IF sqlite.compare(sqlite.dynamic_fold(best, kind), sqlite.dynamic_fold(item, kind)) >= 0 THEN best := item; END IF;
  END LOOP;
  RETURN best;
END $$;

-- median() and the percentiles: all inputs are kept, behind the fraction, which every row must agree on.
CREATE OR REPLACE FUNCTION sqlite.percentile_step(state float8[], x float8, fraction float8, top float8) RETURNS float8[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF fraction IS NULL OR fraction / top < 0 OR fraction / top > 1 THEN
    RAISE EXCEPTION 'the fraction argument to percentile() is not between 0.0 and %', top USING ERRCODE = 'LS007';
  END IF;
  IF state IS NULL THEN state := ARRAY[fraction / top];
  ELSIF abs(state[1] - fraction / top) > 0.001 THEN
    RAISE EXCEPTION 'the fraction argument to percentile() is not the same for all input rows' USING ERRCODE = 'LS007';
  END IF;
  IF x IS NULL THEN RETURN state; END IF;
  IF abs(x) = 'Infinity' THEN RAISE EXCEPTION 'Inf input to percentile()' USING ERRCODE = 'LS007'; END IF;
  RETURN state || x;
END $$;
CREATE OR REPLACE FUNCTION sqlite.percentile_continuous(state float8[]) RETURNS float8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  sorted float8[]; place float8; low int;
BEGIN
  IF state IS NULL OR cardinality(state) = 1 THEN RETURN NULL; END IF;
  sorted := ARRAY(SELECT v FROM unnest(state[2:]) v ORDER BY v);
  place := state[1] * (cardinality(sorted) - 1);
  low := trunc(place);
  IF place = low OR low = cardinality(sorted) - 1 THEN RETURN sorted[low + 1]; END IF;
  RETURN sorted[low + 1] + (sorted[low + 2] - sorted[low + 1]) * (place - low);
END $$;
CREATE OR REPLACE FUNCTION sqlite.percentile_discrete(state float8[]) RETURNS float8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  sorted float8[];
BEGIN
  IF state IS NULL OR cardinality(state) = 1 THEN RETURN NULL; END IF;
  sorted := ARRAY(SELECT v FROM unnest(state[2:]) v ORDER BY v);
  RETURN sorted[trunc(state[1] * (cardinality(sorted) - 1))::int + 1];
END $$;
CREATE OR REPLACE AGGREGATE sqlite.percentile_cont(float8, float8, float8) (
  SFUNC = sqlite.percentile_step, STYPE = float8[], FINALFUNC = sqlite.percentile_continuous, PARALLEL = SAFE
);
CREATE OR REPLACE AGGREGATE sqlite.percentile_disc(float8, float8, float8) (
  SFUNC = sqlite.percentile_step, STYPE = float8[], FINALFUNC = sqlite.percentile_discrete, PARALLEL = SAFE
);

-- What a value counts for in sum(), total() and avg(): a text by the number that it begins with, which is an
-- INTEGER only where the text is one as a whole.
CREATE OR REPLACE FUNCTION sqlite.summand(j json) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(j) = 'number' THEN j
    WHEN json_typeof(j) = 'object' THEN sqlite.dynamic(sqlite.dynamic_real(j))
    ELSE coalesce(sqlite.number_of(sqlite.dynamic_digits(j)), sqlite.dynamic(sqlite.text_real(sqlite.dynamic_digits(j)))) END
$$;

-- Aggregates with DISTINCT take the first of the values whose keys are equal, and these in their order, where
-- PostgreSQL's DISTINCT sorts them.
CREATE OR REPLACE FUNCTION sqlite.first_of_each(list anyarray, keys text[]) RETURNS anyarray
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_agg(v ORDER BY n) FROM (
    SELECT DISTINCT ON (k) v, n FROM unnest(list, keys) WITH ORDINALITY AS u (v, k, n) WHERE v IS NOT NULL ORDER BY k, n
  ) q
$$;
CREATE OR REPLACE FUNCTION sqlite.only_of_each(list anyarray, keys text[]) RETURNS anyarray
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  PERFORM sqlite.require(NOT EXISTS (
    SELECT FROM unnest(list, keys) AS u (v, k) GROUP BY k HAVING min(v::text COLLATE "C") <> max(v::text COLLATE "C")
  ), 'DISTINCT of values that are equal and not the same, of which SQLite takes the one that it reads first. Compare them in BINARY, or CAST them to one type');
  RETURN sqlite.first_of_each(list, keys);
END $$;
CREATE OR REPLACE FUNCTION sqlite.sum_of(list json[]) RETURNS json
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN bool_and(sqlite.dynamic_is_integer(v)) THEN sqlite.dynamic(sum(sqlite.dynamic_integer(v))::bigint)
    ELSE sqlite.dynamic(sqlite.sum(v)) END FROM unnest(list) v
$$;
CREATE OR REPLACE FUNCTION sqlite.total_of(list json[]) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.sum(v) FROM unnest(list) v $$;
