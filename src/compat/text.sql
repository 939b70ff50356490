-- SQLite's functions of text and blobs. Rules: substrFunc, unhexFunc, patternCompare and their like,
-- https://www.sqlite.org/lang_corefunc.html. Characters are counted, not bytes, except in blobs.

-- From position p (0 and negative ones count as SQLite has it), n characters, or before p where n is negative.
CREATE OR REPLACE FUNCTION sqlite.span(size bigint, p bigint, n bigint, OUT start int, OUT taken int)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  n := greatest(n, -9223372036854775807);
  IF p < 0 THEN
    p := p + size;
    IF p < 0 THEN n := CASE WHEN n < 0 THEN 0 ELSE n + p END; p := 0; END IF;
  ELSIF p > 0 THEN p := p - 1;
  ELSIF n > 0 THEN n := n - 1;
  END IF;
  IF n < 0 THEN
    n := CASE WHEN n < -p THEN p ELSE -n END;
    p := p - n;
  END IF;
  start := least(p, 2147483646) + 1;
  taken := CASE WHEN p >= size THEN 0 ELSE least(n, size - p) END;
END $$;
CREATE OR REPLACE FUNCTION sqlite.substr(s text, p bigint, n bigint DEFAULT 2147483647) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  r record;
BEGIN
  SELECT * INTO r FROM sqlite.span(length(s), p, n);
  RETURN CASE WHEN r.taken <= 0 THEN '' ELSE substr(s, r.start, r.taken) END;
END $$;
CREATE OR REPLACE FUNCTION sqlite.substr(s bytea, p bigint, n bigint DEFAULT 2147483647) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  r record;
BEGIN
  -- SQLite takes an empty blob for none at all here.
  IF s = '' THEN RETURN NULL; END IF;
  SELECT * INTO r FROM sqlite.span(length(s), p, n);
  RETURN CASE WHEN r.taken <= 0 THEN ''::bytea ELSE substr(s, r.start, r.taken) END;
END $$;
CREATE OR REPLACE FUNCTION sqlite.substr(s json, p bigint, n bigint DEFAULT 2147483647) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(s) = 'object' THEN sqlite.dynamic(sqlite.substr(sqlite.dynamic_blob(s), p, n))
    ELSE sqlite.dynamic(sqlite.substr(sqlite.dynamic_text(s), p, n)) END
$$;
CREATE OR REPLACE FUNCTION sqlite.length(s json) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(s) = 'object' THEN length(sqlite.dynamic_blob(s)) ELSE length(sqlite.dynamic_text(s)) END
$$;
CREATE OR REPLACE FUNCTION sqlite.octet_length(s json) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(s) = 'object' THEN length(sqlite.dynamic_blob(s)) ELSE octet_length(sqlite.dynamic_text(s)) END
$$;
CREATE OR REPLACE FUNCTION sqlite.instr(s json, part json) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(s) = 'object' AND json_typeof(part) = 'object'
    THEN position(sqlite.dynamic_blob(part) IN sqlite.dynamic_blob(s))
    ELSE strpos(sqlite.dynamic_text(s), sqlite.dynamic_text(part)) END
$$;
-- An empty pattern gives the text back, even where there is no replacement.
CREATE OR REPLACE FUNCTION sqlite.replace(s text, pattern text, replacement text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN pattern = '' THEN s ELSE replace(s, pattern, replacement) END $$;
-- PostgreSQL's own is only stable.
CREATE OR REPLACE FUNCTION sqlite.concat_ws(separator text, VARIADIC parts text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN separator IS NOT NULL THEN array_to_string(parts, separator) END $$;

CREATE OR REPLACE FUNCTION sqlite.hex(s bytea) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT upper(encode(coalesce(s, ''), 'hex')) $$;
CREATE OR REPLACE FUNCTION sqlite.hex(s text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT upper(encode(convert_to(coalesce(s, ''), 'UTF8'), 'hex')) $$;
CREATE OR REPLACE FUNCTION sqlite.hex(s json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(s) = 'object' THEN s ->> 'blob' ELSE sqlite.hex(sqlite.dynamic_text(s)) END
$$;
CREATE OR REPLACE FUNCTION sqlite.unhex(s text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT CASE WHEN s ~ '^([0-9A-Fa-f]{2})*$' THEN decode(s, 'hex') END $$;
-- Characters of `ignored` may stand between two bytes, not within one.
CREATE OR REPLACE FUNCTION sqlite.unhex(s text, ignored text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  c text; digits text := '';
BEGIN
  FOREACH c IN ARRAY regexp_split_to_array(s, '') LOOP
    IF c ~ '^[0-9A-Fa-f]$' THEN digits := digits || c;
    ELSIF c <> '' AND (length(digits) % 2 = 1 OR strpos(ignored, c) = 0) THEN RETURN NULL;
    END IF;
  END LOOP;
  RETURN CASE WHEN length(digits) % 2 = 0 THEN decode(digits, 'hex') END;
END $$;

-- Characters by their code points; none of them can be 0 on PostgreSQL, which is an error here.
CREATE OR REPLACE FUNCTION sqlite.char(VARIADIC points bigint[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(string_agg(chr(CASE WHEN p BETWEEN 0 AND 1114111 THEN p::int WHEN p IS NULL THEN 0 ELSE 65533 END), '' ORDER BY place), '')
  FROM unnest(points) WITH ORDINALITY u(p, place)
$$;
CREATE OR REPLACE FUNCTION sqlite.unicode(s text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT nullif(ascii(s), 0)::bigint $$;

-- \XXXX, \uXXXX, \+XXXXXX and \UXXXXXXXX are characters, \\ is a backslash, and anything else behind one an error.
CREATE OR REPLACE FUNCTION sqlite.unistr(s text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  result text := ''; rest text := s; place int; m text[];
BEGIN
  LOOP
    place := strpos(rest, '\');
    IF place = 0 THEN RETURN result || rest; END IF;
    result := result || left(rest, place - 1);
    rest := substr(rest, place + 1);
    IF left(rest, 1) = '\' THEN
      result := result || '\'; rest := substr(rest, 2);
    ELSE
      m := regexp_match(rest, '^(?:([0-9A-Fa-f]{4})|u([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6})|U([0-9A-Fa-f]{8}))');
      IF m IS NULL THEN RAISE EXCEPTION 'invalid Unicode escape' USING ERRCODE = '22025'; END IF;
      result := result || chr(('x' || lpad(coalesce(m[1], m[2], m[3], m[4]), 8, '0'))::bit(32)::int);
      rest := substr(rest, 1 + CASE WHEN m[1] IS NOT NULL THEN 4 WHEN m[2] IS NOT NULL THEN 5 WHEN m[3] IS NOT NULL THEN 7 ELSE 9 END);
    END IF;
  END LOOP;
END $$;

-- Over bytes without their highest bit, as SQLite has it; only the first letter must be of ASCII.
CREATE OR REPLACE FUNCTION sqlite.soundex(s text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  word bytea := convert_to(regexp_replace(s COLLATE "C", '^[^A-Za-z]+', ''), 'UTF8'); code text; before text; result text;
BEGIN
  IF word IS NULL OR length(word) = 0 THEN RETURN '?000'; END IF;
  FOR i IN 0 .. length(word) - 1 LOOP
    code := substr('01230120022455012623010202', (get_byte(word, i) & 95) - 64, 1);
    IF get_byte(word, i) & 127 < 65 OR code = '' THEN code := '0'; END IF;
    IF i = 0 THEN result := chr(get_byte(word, 0) & 95);
    ELSIF code <> '0' AND code <> before THEN result := result || code;
    END IF;
    before := code;
    EXIT WHEN length(result) = 4;
  END LOOP;
  RETURN rpad(result, 4, '0');
END $$;

CREATE OR REPLACE FUNCTION sqlite.regex_literal(c text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT CASE WHEN strpos('!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', c) > 0 THEN '\' || c ELSE c END $$;

-- SQLITE_MAX_LIKE_PATTERN_LENGTH. The argument keeps the planner from calling it beforehand.
CREATE OR REPLACE FUNCTION sqlite.pattern_fault(p text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RAISE EXCEPTION 'LIKE or GLOB pattern too complex' USING ERRCODE = 'LS007';
END $$;
CREATE OR REPLACE FUNCTION sqlite.pattern(p text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN octet_length(p) > 50000 THEN sqlite.pattern_fault(p) ELSE p END $$;

-- A GLOB pattern as a regular expression; a constant pattern becomes one when the query is planned, and its
-- fixed beginning can use an index. '$.' matches nothing.
CREATE OR REPLACE FUNCTION sqlite.glob_regex(pattern text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  result text := '^'; i int := 1; c text; items text; prior text; inverted boolean;
BEGIN
  pattern := sqlite.pattern(pattern);
  WHILE i <= length(pattern) LOOP
    c := substr(pattern, i, 1);
    IF c = '*' THEN result := result || '.*';
    ELSIF c = '?' THEN result := result || '.';
    ELSIF c <> '[' THEN result := result || sqlite.regex_literal(c);
    ELSE
      items := ''; prior := NULL; i := i + 1; inverted := substr(pattern, i, 1) = '^';
      IF inverted THEN i := i + 1; END IF;
      IF substr(pattern, i, 1) = ']' THEN items := '\]'; i := i + 1; END IF;
      LOOP
        c := substr(pattern, i, 1);
        IF c = '' THEN RETURN '$.'; END IF;
        EXIT WHEN c = ']';
        IF c = '-' AND prior IS NOT NULL AND substr(pattern, i + 1, 1) NOT IN (']', '') THEN
          i := i + 1; c := substr(pattern, i, 1);
          IF ascii(prior) <= ascii(c) THEN
            items := items || sqlite.regex_literal(prior) || '-' || sqlite.regex_literal(c);
          END IF;
          prior := NULL;
        ELSE
          items := items || sqlite.regex_literal(c); prior := c;
        END IF;
        i := i + 1;
      END LOOP;
      result := result || CASE WHEN items <> '' THEN '[' || CASE WHEN inverted THEN '^' ELSE '' END || items || ']'
        WHEN inverted THEN '.' ELSE '$.' END;
    END IF;
    i := i + 1;
  END LOOP;
  RETURN result || '$';
END $$;
CREATE OR REPLACE FUNCTION sqlite.glob(pattern text, s text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT s COLLATE "C" ~ sqlite.glob_regex(pattern) $$;

-- ASCII letters match in either case.
CREATE OR REPLACE FUNCTION sqlite.like(pattern text, s text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT s COLLATE "C" ILIKE sqlite.pattern(pattern) ESCAPE '' $$;
CREATE OR REPLACE FUNCTION sqlite.like(pattern text, s text, escape text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT s COLLATE "C" ILIKE sqlite.pattern(pattern) ESCAPE escape $$;
CREATE OR REPLACE FUNCTION sqlite.zeroblob(n bigint) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT decode(repeat('00', greatest(coalesce(n, 0), 0)::int), 'hex') $$;
