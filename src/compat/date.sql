-- Date and time functions. Rules: date.c of SQLite, https://www.sqlite.org/lang_datefunc.html
-- A moment is a Julian day in milliseconds. Names with `_i` are immutable, for indexes, CHECKs and stored
-- columns: they refuse 'now'. The others are stable and see the start of the statement.
-- 'localtime' and 'utc' are refused: what the local time of an application is, the server does not know.

CREATE OR REPLACE FUNCTION sqlite.now() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint + 210866760000000
$$;

-- The Julian day in milliseconds of a date of the Gregorian calendar, whose day may be beyond its month's end.
CREATE OR REPLACE FUNCTION sqlite.julian(y int, m int, d int) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  a int;
BEGIN
  y := coalesce(y, 2000); m := coalesce(m, 1); d := coalesce(d, 1);
  IF y < -4713 OR y > 9999 THEN RETURN NULL; END IF;
  IF m <= 2 THEN y := y - 1; m := m + 12; END IF;
  a := (y + 4800) / 100;
  RETURN ((36525 * (y + 4716) / 100 + 306001 * (m + 1) / 10000 + d + 38 - a + a / 4)::bigint * 86400000) - 131716800000;
END $$;

CREATE OR REPLACE FUNCTION sqlite.civil(jd bigint, OUT y int, OUT m int, OUT d int)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  z int := ((jd + 43200000) / 86400000)::int; alpha int; a int; b int; c int; e int;
BEGIN
  alpha := trunc((z + 32044.75) / 36524.25)::int - 52;
  a := z + 1 + alpha - ((alpha + 100) / 4) + 25;
  b := a + 1524;
  c := trunc((b - 122.1) / 365.25)::int;
  d := (36525 * (c & 32767)) / 100;
  e := trunc((b - d) / 30.6001)::int;
  d := b - d - trunc(30.6001 * e)::int;
  m := CASE WHEN e < 14 THEN e - 1 ELSE e - 13 END;
  y := CASE WHEN m > 2 THEN c - 4716 ELSE c - 4715 END;
END $$;

-- How many days a date lies behind the end of its month.
CREATE OR REPLACE FUNCTION sqlite.overflow_days(y int, m int, d int) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN d <= 28 OR m IN (1, 3, 5, 7, 8, 10, 12) THEN 0 WHEN m <> 2 THEN CASE WHEN d = 31 THEN 1 ELSE 0 END
    WHEN y % 4 <> 0 OR (y % 100 = 0 AND y % 400 <> 0) THEN d - 28 ELSE d - 29 END
$$;

-- HH:MM, HH:MM:SS or HH:MM:SS.SSS and a zone: 'Z' or +HH:MM, in minutes. No hour where it is none of them.
CREATE OR REPLACE FUNCTION sqlite.clock(t text, OUT h int, OUT mi int, OUT s float8, OUT zone int, OUT utc boolean)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  g text[] := regexp_match(t, '^([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?[ \t\n\v\f\r]*(?:([Zz])|([-+])([0-9]{2}):([0-9]{2}))?[ \t\n\v\f\r]*$');
BEGIN
  IF g IS NULL OR g[1]::int > 24 OR g[2]::int > 59 OR g[3]::int > 59 OR g[7]::int > 14 OR g[8]::int > 59 THEN RETURN; END IF;
  h := g[1]; mi := g[2];
  s := coalesce(g[3]::float8, 0) + least(coalesce(('0.' || g[4])::float8, 0), 0.999::float8);
  zone := coalesce((g[6] || '1')::int * (g[7]::int * 60 + g[8]::int), 0);
  utc := g[5] IS NOT NULL OR (g[6] IS NOT NULL AND zone = 0);
END $$;

-- Everything that the functions below print. `jd` is NULL where the arguments are no moment.
CREATE OR REPLACE FUNCTION sqlite.moment(
  now bigint, value text, number float8, modifiers text[],
  OUT jd bigint, OUT y int, OUT m int, OUT d int, OUT h int, OUT mi int, OUT s float8, OUT subsec boolean
) LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  -- Like SQLite's own record: a part that is NULL is not valid and comes out of the others.
  g text[]; raw float8 := number; zone int := 0; utc boolean := false; surplus int := 0; modifier text; unit text;
  n float8; days int; c record; i int := 0; sign int; later int := 0;
BEGIN
  subsec := false;
  IF raw IS NULL THEN
    IF value IS NULL THEN RETURN; END IF;
    g := regexp_match(value, '^(-?)([0-9]{4})-([0-9]{2})-([0-9]{2})[ \t\n\v\f\rT]*(.*)$');
    IF g IS NOT NULL AND g[3]::int BETWEEN 1 AND 12 AND g[4]::int BETWEEN 1 AND 31 THEN
      c := sqlite.clock(g[5]);
      IF c.h IS NULL AND g[5] <> '' THEN RETURN; END IF;
      y := (g[1] || g[2])::int; m := g[3]; d := g[4]; h := c.h; mi := c.mi; s := c.s;
      zone := coalesce(c.zone, 0); utc := coalesce(c.utc, false); surplus := sqlite.overflow_days(y, m, d);
      IF zone <> 0 THEN
        jd := sqlite.julian(y, m, d) + h * 3600000 + mi * 60000 + trunc(s * 1000 + 0.5)::bigint - zone * 60000;
        IF jd IS NULL THEN RETURN; END IF;
        y := NULL; m := NULL; d := NULL; h := NULL; zone := 0; utc := true;
      END IF;
    ELSE
      c := sqlite.clock(value);
      IF c.h IS NOT NULL THEN h := c.h; mi := c.mi; s := c.s; zone := c.zone; utc := c.utc;
      ELSIF lower(value COLLATE "C") IN ('now', 'subsec', 'subsecond') THEN
        IF now IS NULL THEN
          RAISE EXCEPTION 'the text ''now'' in a row is no moment here: a function of dates makes the same of a row at all times' USING ERRCODE = '42P17';
        END IF;
        jd := now; utc := true; subsec := lower(value COLLATE "C") <> 'now';
      ELSE
        raw := sqlite.math_argument(value);
        IF raw IS NULL THEN RETURN; END IF;
      END IF;
    END IF;
  END IF;
  IF raw >= 0 AND raw < 5373484.5 THEN jd := trunc(raw * 86400000.0 + 0.5)::bigint; END IF;

  FOREACH modifier IN ARRAY modifiers LOOP
    i := i + 1;
    IF modifier IS NULL THEN jd := NULL; RETURN; END IF;
    modifier := lower(modifier COLLATE "C");
    IF modifier IN ('localtime', 'utc') THEN
      CONTINUE WHEN modifier = 'utc' AND utc;
      RAISE EXCEPTION 'the modifier ''%'' is not carried over: the server does not know the local time of the application', modifier
        USING ERRCODE = '0A000';
    ELSIF modifier = 'auto' AND i = 1 THEN
      IF raw IS NOT NULL AND jd IS NULL AND raw BETWEEN -210866760000 AND 253402300799 THEN
        jd := trunc(raw * 1000.0 + 210866760000000.0 + 0.5)::bigint;
      END IF;
      IF jd IS NOT NULL THEN raw := NULL; END IF;
      CONTINUE;
    ELSIF modifier = 'unixepoch' AND i = 1 AND raw IS NOT NULL THEN
      n := raw * 1000.0 + 210866760000000.0;
      jd := CASE WHEN n >= 0 AND n < 464269060800000 THEN trunc(n + 0.5)::bigint END;
      IF jd IS NULL THEN RETURN; END IF;
      raw := NULL;
      CONTINUE;
    ELSIF modifier = 'julianday' AND i = 1 AND raw IS NOT NULL AND jd IS NOT NULL THEN
      raw := NULL;
      CONTINUE;
    ELSIF modifier IN ('subsec', 'subsecond') THEN
      subsec := true;
      CONTINUE;
    END IF;
    IF raw IS NOT NULL AND jd IS NULL THEN RETURN; END IF;

    IF modifier LIKE 'start of %' THEN
      IF jd IS NULL AND y IS NULL AND h IS NULL THEN RETURN; END IF;
      IF y IS NULL THEN
        IF jd IS NULL THEN y := 2000; m := 1; d := 1;
        ELSIF jd NOT BETWEEN 0 AND 464269060799999 THEN jd := NULL; RETURN;
        ELSE SELECT * INTO y, m, d FROM sqlite.civil(jd);
        END IF;
      END IF;
      jd := NULL; h := 0; mi := 0; s := 0; zone := 0; raw := NULL;
      CASE substr(modifier, 10) WHEN 'month' THEN d := 1; WHEN 'year' THEN m := 1; d := 1; WHEN 'day' THEN NULL; ELSE RETURN; END CASE;
      CONTINUE;
    END IF;

    -- These two begin with the date, which a time alone does not have.
    IF jd IS NULL AND y IS NULL AND h IS NOT NULL AND modifier ~ '^(weekday |[-+][0-9]{4,5}-)' THEN
      y := 2000; m := 1; d := 1; later := CASE WHEN modifier LIKE 'w%' THEN 0 ELSE zone END; zone := 0;
    END IF;
    IF jd IS NULL THEN
      jd := sqlite.julian(y, m, d) + coalesce(h * 3600000 + mi * 60000 + trunc(s * 1000 + 0.5)::bigint - zone * 60000, 0);
      IF jd IS NULL THEN RETURN; END IF;
      IF zone <> 0 THEN y := NULL; h := NULL; zone := 0; utc := true; END IF;
    END IF;
    IF modifier IN ('floor', 'ceiling') THEN
      IF modifier = 'floor' THEN jd := jd - surplus * 86400000::bigint; ELSE surplus := 0; END IF;
      y := NULL; h := NULL; CONTINUE;
    END IF;
    -- What follows reckons with a date and a time, which an invalid day does not have.
    IF modifier LIKE 'weekday %' THEN
      n := sqlite.math_argument(substr(modifier, 9));
      IF n IS NULL OR n NOT IN (0, 1, 2, 3, 4, 5, 6) THEN jd := NULL; RETURN; END IF;
      IF jd NOT BETWEEN 0 AND 464269060799999 THEN jd := NULL; RETURN; END IF;
      days := ((jd + 129600000) / 86400000) % 7;
      IF days > n THEN days := days - 7; END IF;
      jd := jd + (n - days)::bigint * 86400000;
      y := NULL; h := NULL; CONTINUE;
    END IF;

    g := regexp_match(modifier, '^([-+]?)([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?.*)$');
    IF g IS NOT NULL THEN
      c := sqlite.clock(g[2]);
      IF c.h IS NULL THEN jd := NULL; RETURN; END IF;
      -- Of the time alone the part within a day counts.
      n := (c.h * 3600000 + c.mi * 60000 + trunc(c.s * 1000 + 0.5)::bigint - c.zone * 60000)::bigint % 86400000;
      IF n < 0 THEN n := n + 86400000; END IF;
      jd := jd + CASE WHEN g[1] = '-' THEN -n ELSE n END::bigint;
      y := NULL; h := NULL; CONTINUE;
    END IF;

    g := regexp_match(modifier, '^([-+])([0-9]{4,5})-([0-9]{2})-([0-9]{2})(?:[ \t\n\v\f\r]([0-9]{2}:[0-9]{2}.*))?$');
    IF g IS NOT NULL THEN
      IF g[2]::int > 14712 OR g[3]::int >= 12 OR g[4]::int >= 31 THEN jd := NULL; RETURN; END IF;
      IF y IS NULL THEN
        IF jd NOT BETWEEN 0 AND 464269060799999 THEN jd := NULL; RETURN; END IF;
        SELECT * INTO y, m, d FROM sqlite.civil(jd);
      END IF;
      -- The time of day stays as it is, whichever day it is on.
      n := CASE WHEN h IS NULL THEN (jd + 43200000) % 86400000 ELSE h * 3600000 + mi * 60000 + trunc(s * 1000 + 0.5) END;
      sign := (g[1] || '1')::int;
      y := y + sign * g[2]::int; m := m + sign * g[3]::int;
      days := CASE WHEN m > 0 THEN (m - 1) / 12 ELSE (m - 12) / 12 END;
      y := y + days; m := m - days * 12;
      surplus := sqlite.overflow_days(y, m, d);
      jd := sqlite.julian(y, m, d) + n::bigint - later * 60000 + sign * g[4]::bigint * 86400000;
      later := 0;
      IF jd IS NULL THEN RETURN; END IF;
      IF g[5] IS NOT NULL THEN
        c := sqlite.clock(g[5]);
        IF c.h IS NULL THEN jd := NULL; RETURN; END IF;
        n := (c.h * 3600000 + c.mi * 60000 + trunc(c.s * 1000 + 0.5)::bigint - c.zone * 60000)::bigint % 86400000;
        IF n < 0 THEN n := n + 86400000; END IF;
        jd := jd + (sign * n)::bigint;
      END IF;
      y := NULL; h := NULL; CONTINUE;
    END IF;

    g := regexp_match(modifier, '^((?:[-+]?[0-9]+\.?[0-9]*|[-+]\.[0-9]+)(?:e[-+]?[0-9]+)?)[ \t\n\v\f\r]+(second|minute|hour|day|month|year)s?$');
    IF g IS NULL THEN jd := NULL; RETURN; END IF;
    n := sqlite.parse_real(g[1]); unit := g[2]; surplus := 0;
    IF abs(n) >= (CASE unit WHEN 'second' THEN 464269992787968::float8 WHEN 'minute' THEN 7737900007424::float8 WHEN 'hour' THEN 128969998336::float8
        WHEN 'day' THEN 5373485 WHEN 'month' THEN 176546 ELSE 14713 END) THEN jd := NULL; RETURN; END IF;
    sign := CASE WHEN n < 0 THEN -1 ELSE 1 END;
    IF unit IN ('month', 'year') THEN
      IF y IS NULL THEN
        IF jd NOT BETWEEN 0 AND 464269060799999 THEN jd := NULL; RETURN; END IF;
        SELECT * INTO y, m, d FROM sqlite.civil(jd);
      END IF;
      raw := CASE WHEN h IS NULL THEN (jd + 43200000) % 86400000 ELSE h * 3600000 + mi * 60000 + trunc(s * 1000 + 0.5) END;
      IF unit = 'year' THEN y := y + trunc(n)::int;
      ELSE
        m := m + trunc(n)::int;
        days := CASE WHEN m > 0 THEN (m - 1) / 12 ELSE (m - 12) / 12 END;
        y := y + days; m := m - days * 12;
      END IF;
      surplus := sqlite.overflow_days(y, m, d);
      jd := sqlite.julian(y, m, d) + raw::bigint;
      raw := NULL;
      IF jd IS NULL THEN RETURN; END IF;
      n := n - trunc(n);
    END IF;
    jd := jd + trunc(n * 1000.0 * CASE unit WHEN 'second' THEN 1.0 WHEN 'minute' THEN 60.0 WHEN 'hour' THEN 3600.0 WHEN 'day' THEN 86400.0
      WHEN 'month' THEN 2592000.0 ELSE 31536000.0 END + sign * 0.5)::bigint;
    y := NULL; h := NULL;
  END LOOP;

  IF raw IS NOT NULL AND jd IS NULL THEN RETURN; END IF;
  IF jd IS NULL THEN
    jd := sqlite.julian(y, m, d) + coalesce(h * 3600000 + mi * 60000 + trunc(s * 1000 + 0.5)::bigint - zone * 60000, 0);
    IF zone <> 0 THEN y := NULL; h := NULL; END IF;
  END IF;
  IF jd IS NULL OR jd NOT BETWEEN 0 AND 464269060799999 THEN jd := NULL; RETURN; END IF;
  -- 2023-02-31 is normalised only where there are no modifiers.
  IF y IS NULL OR (i = 0 AND d > 28) THEN SELECT * INTO y, m, d FROM sqlite.civil(jd); END IF;
  IF h IS NULL THEN
    n := (jd + 43200000) % 86400000;
    s := (n::bigint % 60000) / 1000.0; mi := (n::bigint / 60000) % 60; h := n::bigint / 3600000;
  END IF;
END $$;

CREATE OR REPLACE FUNCTION sqlite.date_text(y int, m int, d int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN y < 0 THEN '-' ELSE '' END || lpad(abs(y)::text, 4, '0') || '-' || lpad(m::text, 2, '0') || '-' || lpad(d::text, 2, '0')
$$;
CREATE OR REPLACE FUNCTION sqlite.time_text(h int, mi int, s float8, subsec boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lpad(h::text, 2, '0') || ':' || lpad(mi::text, 2, '0') || ':' || lpad(trunc(s)::int::text, 2, '0')
    || CASE WHEN subsec THEN '.' || lpad((trunc(1000.0 * s + 0.5)::int % 1000)::text, 3, '0') ELSE '' END
$$;

CREATE OR REPLACE FUNCTION sqlite.date_of(now bigint, value text, number float8, modifiers text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  x record;
BEGIN
  IF modifiers = '{}' AND value ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?Z?)?$' THEN
    RETURN left(value, 10);
  END IF;
  x := sqlite.moment(now, value, number, modifiers);
  RETURN CASE WHEN x.jd IS NOT NULL THEN sqlite.date_text(x.y, x.m, x.d) END;
END $$;
CREATE OR REPLACE FUNCTION sqlite.time_of(now bigint, value text, number float8, modifiers text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  x record := sqlite.moment(now, value, number, modifiers);
BEGIN
  RETURN CASE WHEN x.jd IS NOT NULL THEN sqlite.time_text(x.h, x.mi, x.s, x.subsec) END;
END $$;
CREATE OR REPLACE FUNCTION sqlite.datetime_of(now bigint, value text, number float8, modifiers text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  x record;
BEGIN
  IF modifiers = '{}' AND value ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])[ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?Z?$' THEN
    RETURN left(value, 10) || ' ' || substr(value, 12, 8);
  END IF;
  x := sqlite.moment(now, value, number, modifiers);
  RETURN CASE WHEN x.jd IS NOT NULL THEN sqlite.date_text(x.y, x.m, x.d) || ' ' || sqlite.time_text(x.h, x.mi, x.s, x.subsec) END;
END $$;
CREATE OR REPLACE FUNCTION sqlite.julianday_of(now bigint, value text, number float8, modifiers text[]) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT jd::float8 / 86400000.0 FROM sqlite.moment(now, value, number, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.unixepoch_of(now bigint, value text, number float8, modifiers text[]) RETURNS json
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN subsec THEN sqlite.dynamic((jd - 210866760000000)::float8 / 1000.0) ELSE sqlite.dynamic(jd / 1000 - 210866760000) END
  FROM sqlite.moment(now, value, number, modifiers)
$$;

CREATE OR REPLACE FUNCTION sqlite.strftime_of(template text, now bigint, value text, number float8, modifiers text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  x record; result text := ''; rest text := template; place int; letter text; piece text;
  thursday int; day_of_year int; monday int; sunday int; clock bigint;
BEGIN
  IF template IS NULL THEN RETURN NULL; END IF;
  x := sqlite.moment(now, value, number, modifiers);
  IF x.jd IS NULL THEN RETURN NULL; END IF;
  monday := ((x.jd + 43200000) / 86400000) % 7;
  sunday := ((x.jd + 129600000) / 86400000) % 7;
  clock := x.h * 3600000 + x.mi * 60000 + trunc(x.s * 1000 + 0.5)::bigint;
  LOOP
    place := strpos(rest, '%');
    IF place = 0 THEN RETURN result || rest; END IF;
    result := result || left(rest, place - 1);
    letter := substr(rest, place + 1, 1); rest := substr(rest, place + 2);
    IF letter IN ('G', 'g', 'V') THEN thursday := (sqlite.civil(x.jd + (3 - monday) * 86400000::bigint)).y; END IF;
    IF letter IN ('j', 'U', 'W') THEN
      day_of_year := (x.jd - (sqlite.julian(x.y, 1, 1) + clock) + 43200000) / 86400000;
    END IF;
    piece := CASE letter
      WHEN 'd' THEN lpad(x.d::text, 2, '0') WHEN 'e' THEN lpad(x.d::text, 2)
      WHEN 'f' THEN sqlite.format_real(least(x.s, 59.999::float8), 'f', '0', 6, 3)
      WHEN 'F' THEN sqlite.format('%04d-%02d-%02d', x.y::text::json, x.m::text::json, x.d::text::json)
      WHEN 'G' THEN sqlite.format_integer(thursday, 'd', '0', 4, -1) WHEN 'g' THEN sqlite.format_integer(thursday % 100, 'd', '0', 2, -1)
      WHEN 'H' THEN lpad(x.h::text, 2, '0') WHEN 'k' THEN lpad(x.h::text, 2)
      WHEN 'I' THEN lpad((CASE WHEN x.h > 12 THEN x.h - 12 WHEN x.h = 0 THEN 12 ELSE x.h END)::text, 2, '0')
      WHEN 'l' THEN lpad((CASE WHEN x.h > 12 THEN x.h - 12 WHEN x.h = 0 THEN 12 ELSE x.h END)::text, 2)
      WHEN 'j' THEN sqlite.format_integer(day_of_year + 1, 'd', '0', 3, -1)
      WHEN 'J' THEN sqlite.format_real(x.jd::float8 / 86400000.0, 'g', '', 0, 16)
      WHEN 'm' THEN lpad(x.m::text, 2, '0') WHEN 'M' THEN lpad(x.mi::text, 2, '0')
      WHEN 'p' THEN CASE WHEN x.h >= 12 THEN 'PM' ELSE 'AM' END WHEN 'P' THEN CASE WHEN x.h >= 12 THEN 'pm' ELSE 'am' END
      WHEN 'R' THEN lpad(x.h::text, 2, '0') || ':' || lpad(x.mi::text, 2, '0')
      WHEN 's' THEN CASE WHEN x.subsec THEN sqlite.format_real((x.jd - 210866760000000)::float8 / 1000.0, 'f', '', 0, 3)
        ELSE (x.jd / 1000 - 210866760000)::text END
      WHEN 'S' THEN lpad(trunc(x.s)::int::text, 2, '0') WHEN 'T' THEN sqlite.time_text(x.h, x.mi, x.s, false)
      WHEN 'u' THEN CASE sunday WHEN 0 THEN '7' ELSE sunday::text END WHEN 'w' THEN sunday::text
      WHEN 'U' THEN sqlite.format_integer((day_of_year - sunday + 7) / 7, 'd', '0', 2, -1)
      WHEN 'V' THEN lpad(((x.jd + (3 - monday) * 86400000::bigint - (sqlite.julian(thursday, 1, 1) + clock) + 43200000) / 86400000 / 7 + 1)::text, 2, '0')
      WHEN 'W' THEN sqlite.format_integer((day_of_year - monday + 7) / 7, 'd', '0', 2, -1)
      WHEN 'Y' THEN sqlite.format_integer(x.y, 'd', '0', 4, -1) WHEN '%' THEN '%' END;
    IF piece IS NULL THEN RETURN NULL; END IF;
    result := result || piece;
  END LOOP;
END $$;

-- What must be added to the second to get the first.
CREATE OR REPLACE FUNCTION sqlite.timediff_of(now bigint, value1 text, number1 float8, value2 text, number2 float8) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  a record := sqlite.moment(now, value1, number1, '{}'); b record := sqlite.moment(now, value2, number2, '{}');
  forward boolean; years int; months int; y int; m int; d int; clock bigint; jd bigint; rest bigint; x record;
BEGIN
  IF a.jd IS NULL OR b.jd IS NULL THEN RETURN NULL; END IF;
  forward := a.jd >= b.jd;
  y := b.y; m := b.m; d := b.d; jd := b.jd;
  clock := b.h * 3600000 + b.mi * 60000 + trunc(b.s * 1000 + 0.5)::bigint;
  years := CASE WHEN forward THEN a.y - y ELSE y - a.y END;
  IF years <> 0 THEN y := a.y; jd := sqlite.julian(y, m, d) + clock; END IF;
  months := CASE WHEN forward THEN a.m - m ELSE m - a.m END;
  IF months < 0 THEN years := years - 1; months := months + 12; END IF;
  IF months <> 0 THEN m := a.m; jd := sqlite.julian(y, m, d) + clock; END IF;
  WHILE (forward AND a.jd < jd) OR (NOT forward AND a.jd > jd) LOOP
    months := months - 1;
    IF months < 0 THEN months := 11; years := years - 1; END IF;
    m := CASE WHEN forward THEN m - 1 ELSE m + 1 END;
    IF m < 1 THEN m := 12; y := y - 1; END IF;
    IF m > 12 THEN m := 1; y := y + 1; END IF;
    jd := sqlite.julian(y, m, d) + clock;
  END LOOP;
  rest := abs(a.jd - jd) + 148699540800000;
  SELECT * INTO x FROM sqlite.civil(rest);
  rest := (rest + 43200000) % 86400000;
  RETURN CASE WHEN forward THEN '+' ELSE '-' END || sqlite.format_integer(years, 'd', '0', 4, -1) || '-' || lpad(months::text, 2, '0') || '-'
    || lpad((x.d - 1)::text, 2, '0') || ' ' || sqlite.time_text((rest / 3600000)::int, (rest / 60000 % 60)::int, (rest % 60000) / 1000.0, true);
END $$;

-- A value whose class is known when the query runs.
CREATE OR REPLACE FUNCTION sqlite.moment_text(j json) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT CASE WHEN json_typeof(j) <> 'number' THEN sqlite.dynamic_text(j) END $$;
CREATE OR REPLACE FUNCTION sqlite.moment_number(j json) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT CASE WHEN json_typeof(j) = 'number' THEN sqlite.dynamic_real(j) END $$;
