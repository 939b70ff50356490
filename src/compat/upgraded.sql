-- Columns of an idiomatic type: their values as SQLite has them, what is stored in them, and the bounds that stand
-- for a value they cannot hold. Each form is the one of values/upgraded-codec.ts.

-- to_char is STABLE only for what these patterns do not use, names of months for one.
CREATE OR REPLACE FUNCTION sqlite.day_text(d date) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 2 AS $$ BEGIN RETURN to_char(d, 'YYYY-MM-DD'); END $$;
CREATE OR REPLACE FUNCTION sqlite.moment_plain(t timestamptz) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 2 AS $$
BEGIN
  RETURN rtrim(rtrim(to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '0'), '.');
END $$;
CREATE OR REPLACE FUNCTION sqlite.moment_iso(t timestamptz) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 2 AS $$
BEGIN
  RETURN to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
END $$;

-- The moment that lies so many microseconds behind the first one of all, which no setting of a session moves.
CREATE OR REPLACE FUNCTION sqlite.moment_at(micros bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (timestamp '0001-01-01' + (micros / 86400000000) * interval '1 day' + (micros % 86400000000) * interval '1 microsecond') AT TIME ZONE 'UTC'
$$;

CREATE OR REPLACE FUNCTION sqlite.is_day(t text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN t ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' AND left(t, 4) <> '0000'
    THEN right(t, 2)::int <= extract(day FROM make_date(left(t, 4)::int, substr(t, 6, 2)::int, 1) + interval '1 month' - interval '1 day')
    ELSE FALSE END
$$;

CREATE OR REPLACE FUNCTION sqlite.store_plain_integer(j json, place text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(j) THEN j::text::bigint ELSE sqlite.misfit(j, place)::bigint END
$$;
CREATE OR REPLACE FUNCTION sqlite.store_date(t text, place text) RETURNS date
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF sqlite.is_day(t) THEN RETURN make_date(left(t, 4)::int, substr(t, 6, 2)::int, right(t, 2)::int); END IF;
  PERFORM sqlite.misfit(to_json(t), place);
END $$;
CREATE OR REPLACE FUNCTION sqlite.store_moment(t text, iso boolean, place text) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF sqlite.is_day(left(t, 10)) AND substr(t, 11) ~ (CASE WHEN iso THEN '^T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z$'
    ELSE '^ ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{0,5}[1-9])?$' END)
  THEN RETURN (left(t, 10) || ' ' || btrim(substr(t, 12), 'Z') || '+00')::timestamptz; END IF;
  PERFORM sqlite.misfit(to_json(t), place);
END $$;
CREATE OR REPLACE FUNCTION sqlite.store_epoch(x bigint, per_second int, place text) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF x >= -62135596800 * per_second AND x < 253402300800 * per_second THEN
    RETURN sqlite.moment_at((x + 62135596800 * per_second) * (1000000 / per_second));
  END IF;
  PERFORM sqlite.misfit(to_json(x), place);
END $$;
CREATE OR REPLACE FUNCTION sqlite.store_uuid(t text, place text) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF t ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' THEN RETURN t::uuid; END IF;
  PERFORM sqlite.misfit(to_json(t), place);
END $$;
CREATE OR REPLACE FUNCTION sqlite.store_decimal(x numeric, digits int, places int, place text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF abs(x) < power(10::numeric, digits - places) AND round(x, places) = x THEN RETURN x; END IF;
  PERFORM sqlite.misfit(to_json(x::text), place);
END $$;

-- Where the column has a numeric affinity, SQLite makes a number of the text of one.
CREATE OR REPLACE FUNCTION sqlite.store_json(t text, numeric_affinity boolean, place text) RETURNS json
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF sqlite.json_valid(t) = 1 AND NOT (numeric_affinity AND t ~ '^[ \t\n\r]*[-0-9]') THEN RETURN t::json; END IF;
  PERFORM sqlite.misfit(to_json(t), place);
END $$;
CREATE OR REPLACE FUNCTION sqlite.store_jsonb(t text, numeric_affinity boolean, place text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  plain text := regexp_replace(t, '"(?:[^"\\]|\\.)*"', '""', 'g');
BEGIN
  IF sqlite.json_valid(t) = 1 AND t !~ '\\u(0000|[dD][89a-fA-F])' AND NOT (numeric_affinity AND t ~ '^[-0-9]')
    AND plain !~ '\.[0-9]*0([^0-9]|$)' AND plain !~ '[-0-9.]{201}'
  THEN
    IF sqlite.json_minify((t::jsonb)::text) = t THEN RETURN t::jsonb; END IF;
  END IF;
  PERFORM sqlite.misfit(to_json(t), place);
END $$;

-- The first value of a form that is not below the text, or with `beyond` the first above it; infinity where there
-- is none. A text that a numeric column takes for a number comes before all texts. Halves the range, as the forms
-- sort as the types do.
CREATE OR REPLACE FUNCTION sqlite.date_bound(t text, beyond boolean, numeric_affinity boolean) RETURNS date
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 200 AS $$
DECLARE
  low int := 0; high int := 3652059; middle int; given text := t COLLATE "C"; found text;
BEGIN
  IF numeric_affinity AND sqlite.is_numeric_text(t) THEN RETURN '-infinity'; END IF;
  WHILE low < high LOOP
    middle := (low + high) / 2;
    found := sqlite.day_text(date '0001-01-01' + middle);
    IF found COLLATE "C" > given OR (NOT beyond AND found = given) THEN high := middle; ELSE low := middle + 1; END IF;
  END LOOP;
  RETURN CASE WHEN low = 3652059 THEN 'infinity' ELSE date '0001-01-01' + low END;
END $$;
CREATE OR REPLACE FUNCTION sqlite.moment_bound(t text, beyond boolean, numeric_affinity boolean, iso boolean) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 500 AS $$
DECLARE
  step bigint := CASE WHEN iso THEN 1000 ELSE 1 END;
  low bigint := 0; high bigint := 315537897600000000 / step; last bigint := high; middle bigint; found text;
BEGIN
  IF numeric_affinity AND sqlite.is_numeric_text(t) THEN RETURN '-infinity'; END IF;
  WHILE low < high LOOP
    middle := (low + high) / 2;
    found := CASE WHEN iso THEN sqlite.moment_iso(sqlite.moment_at(middle * step)) ELSE sqlite.moment_plain(sqlite.moment_at(middle * step)) END;
    IF found COLLATE "C" > t OR (NOT beyond AND found = t) THEN high := middle; ELSE low := middle + 1; END IF;
  END LOOP;
  RETURN CASE WHEN low = last THEN 'infinity' ELSE sqlite.moment_at(low * step) END;
END $$;

-- The same for moments that SQLite counts: any number, and what comes behind all numbers.
CREATE OR REPLACE FUNCTION sqlite.epoch_bound(j json, beyond boolean, per_second int) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  x numeric; low numeric := -62135596800::numeric * per_second; high numeric := 253402300800::numeric * per_second;
BEGIN
  IF json_typeof(j) <> 'number' THEN RETURN 'infinity'; END IF;
  x := CASE WHEN sqlite.dynamic_is_integer(j) THEN j::text::numeric ELSE sqlite.dynamic_real(j)::text::numeric END;
  IF x >= high THEN RETURN 'infinity'; END IF;
  x := CASE WHEN beyond THEN floor(x) + 1 ELSE ceil(x) END;
  IF x >= high THEN RETURN 'infinity'; END IF;
  IF x < low THEN RETURN '-infinity'; END IF;
  RETURN sqlite.moment_at((x - low)::bigint * (1000000 / per_second));
END $$;
