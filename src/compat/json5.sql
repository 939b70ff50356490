-- Text as SQLite reads it for JSON: JSON5 and some more (jsonTranslateTextToBlob in json.c, and the way back in
-- jsonTranslateBlobToText). Strict JSON never comes here: PostgreSQL reads that itself.

-- The length of the white space and the comments that a text begins with.
CREATE OR REPLACE FUNCTION sqlite.json5_space(t text) RETURNS int
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT coalesce(length(substring(t from
    '^(?:[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]|/\*(?:[^*]|\*+[^*/])*\*+/|//[^\n\r\u2028\u2029]*[\n\r\u2028\u2029]?)+')), 0)
$$;

-- A number that a text begins with, as JSON writes it, and its length; else the place of the fault, from 0.
CREATE OR REPLACE FUNCTION sqlite.json5_number(t text, OUT size int, OUT canonical text, OUT fault int)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  sign text := CASE WHEN left(t, 1) IN ('+', '-') THEN left(t, 1) ELSE '' END;
  minus text := CASE WHEN sign = '-' THEN '-' ELSE '' END;
  rest text := substr(t, length(sign) + 1); m text; j int; c text; point boolean := false; e boolean := false; hex numeric := 0;
BEGIN
  IF sign <> '' AND rest ~* '^inf' THEN
    size := CASE WHEN rest ~* '^infinity' THEN 9 ELSE 4 END; canonical := minus || '9e999'; RETURN;
  END IF;
  IF sign <> '' AND rest !~ '^[0-9.]' THEN fault := 0; RETURN; END IF;
  IF sign = '' AND rest ~ '^\.(?![0-9])' THEN fault := 0; RETURN; END IF;
  m := substring(rest from '^0[xX]([0-9a-fA-F]+)');
  IF m IS NOT NULL THEN
    size := length(sign) + 2 + length(m);
    IF length(ltrim(m, '0')) > 16 THEN canonical := minus || '9.0e999'; RETURN; END IF;
    FOR j IN 1..length(m) LOOP hex := hex * 16 + strpos('0123456789abcdef', lower(substr(m, j, 1))) - 1; END LOOP;
    canonical := minus || hex; RETURN;
  END IF;
  IF rest ~ '^0[0-9]' THEN fault := 1; RETURN; END IF;
  -- Position by position, so that the fault is where SQLite meets it.
  j := 2; point := left(t, 1) = '.';
  LOOP
    c := substr(t, j, 1);
    IF c ~ '[0-9]' THEN NULL;
    ELSIF c = '.' THEN
      IF point THEN fault := j - 1; RETURN; END IF;
      point := true;
    ELSIF c IN ('e', 'E') THEN
      IF substr(t, j - 1, 1) !~ '[0-9]' AND NOT (substr(t, j - 1, 1) = '.' AND j > 2 AND substr(t, j - 2, 1) ~ '[0-9]') THEN fault := j - 1; RETURN; END IF;
      IF e THEN fault := j - 1; RETURN; END IF;
      e := true; point := true;
      IF substr(t, j + 1, 1) IN ('+', '-') THEN j := j + 1; END IF;
      IF substr(t, j + 1, 1) !~ '[0-9]' THEN fault := j - 1; RETURN; END IF;
    ELSE EXIT;
    END IF;
    j := j + 1;
  END LOOP;
  IF substr(t, j - 1, 1) !~ '[0-9]' AND NOT (substr(t, j - 1, 1) = '.' AND j > 2 AND substr(t, j - 2, 1) ~ '[0-9]') THEN fault := j - 1; RETURN; END IF;
  size := j - 1;
  canonical := minus || regexp_replace(regexp_replace(substr(t, length(sign) + 1, size - length(sign)), '^\.', '0.'), '\.(?![0-9])', '.0');
END $$;

-- The inside of a string with the escapes of JSON5 as JSON writes them.
CREATE OR REPLACE FUNCTION sqlite.json5_string(t text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  made text := ''; piece text[]; c text;
BEGIN
  FOR piece IN SELECT regexp_matches(t, '(\\\r\n|\\x[0-9a-fA-F]{2}|\\.|[\x01-\x1f"]|[^\\"\x01-\x1f]+)', 'g') LOOP
    c := piece[1];
    made := made || CASE
      WHEN c = '"' THEN '\"'
      WHEN c IN (E'\\\r\n', E'\\\n', E'\\\r', E'\\\u2028', E'\\\u2029') THEN ''
      WHEN c = '\''' THEN '''' WHEN c = '\v' THEN '\u000b' WHEN c = '\0' THEN '\u0000'
      WHEN c LIKE '\\x__' AND length(c) = 4 THEN '\u00' || substr(c, 3)
      WHEN c ~ '^[\x01-\x1f]' THEN CASE ascii(c) WHEN 8 THEN '\b' WHEN 9 THEN '\t' WHEN 10 THEN '\n' WHEN 12 THEN '\f' WHEN 13 THEN '\r'
        ELSE '\u00' || lpad(to_hex(ascii(c)), 2, '0') END
      ELSE c END;
  END LOOP;
  RETURN made;
END $$;

-- The text as JSON writes it, or the place of the fault, from 1. Each open container is a row of `stack`: what it
-- is, and where it began if it stands where something else should. `met` is where SQLite had to look twice last: it
-- takes that for the fault where something stands behind the document. `rewritten` tells a value that JSON writes in
-- another way.
CREATE OR REPLACE FUNCTION sqlite.json5(t text, OUT canonical text, OUT fault int, OUT rewritten boolean)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  z text[] := string_to_array(t, NULL); n int := coalesce(array_length(z, 1), 0);
  stack text[] := '{}'; misplaced int[] := '{}'; depth int := 0;
  parts text[] := '{}'; state text := 'value'; i int := 1; j int; k int; c text; m text; num record; word text; empty boolean := true; met int := 1;
BEGIN
  rewritten := false;
  LOOP
    -- `i` is where SQLite begins to look, and `j` the next thing behind white space.
    j := i;
    WHILE z[j] IN (' ', E'\t', E'\n', E'\r') LOOP j := j + 1; END LOOP;
    k := j;
    IF z[j] IN ('/', E'\x0b', E'\x0c') OR z[j] > E'\x7f' THEN j := j + sqlite.json5_space(substr(t, j)); END IF;
    c := coalesce(z[j], '');
    IF state = 'end' THEN
      IF c = '' THEN canonical := array_to_string(parts, ''); ELSE fault := met; END IF;
      RETURN;
    ELSIF state = 'colon' THEN
      IF c IN ('', ',', '}', ']') THEN fault := k; RETURN; END IF;
      IF c = ':' THEN
        IF j > k THEN met := j; END IF;
        parts := parts || ':'::text; i := j + 1; state := 'value'; CONTINUE;
      END IF;
      -- SQLite reads what stands there, whose own faults come first.
      state := 'stray'; i := k;
    ELSIF state = 'after' THEN
      IF j > k AND c IN (',', '}', ']') THEN met := j; END IF;
      IF c = ',' THEN
        i := j + 1; state := CASE WHEN stack[depth] = '{' THEN 'name' ELSE 'value' END; CONTINUE;
      ELSIF c <> (CASE WHEN stack[depth] = '{' THEN '}' ELSE ']' END) THEN fault := k; RETURN; END IF;
    END IF;
    IF (c = '}' AND depth > 0 AND stack[depth] = '{' AND state IN ('name', 'after'))
      OR (c = ']' AND depth > 0 AND stack[depth] = '[' AND state IN ('value', 'after')) THEN
      IF state <> 'after' THEN met := j; END IF;
      parts := parts || c; i := j + 1;
      k := misplaced[depth]; depth := depth - 1;
      IF k > 0 THEN fault := k; RETURN; END IF;
      state := CASE WHEN depth = 0 THEN 'end' ELSE 'after' END; empty := false; CONTINUE;
    END IF;
    IF c IN ('', '}', ']', ',', ':') THEN
      fault := CASE WHEN depth = 0 THEN CASE WHEN c = '' THEN 1 ELSE j END WHEN state = 'name' THEN j ELSE i END; RETURN;
    END IF;
    IF NOT empty AND right(parts[cardinality(parts)], 1) <> ':' THEN parts := parts || ','::text; END IF;
    empty := false;
    IF c IN ('{', '[') THEN
      depth := depth + 1; stack[depth] := c; misplaced[depth] := CASE WHEN state IN ('name', 'stray') THEN i ELSE 0 END;
      IF depth > 1000 THEN fault := j; RETURN; END IF;
      parts := parts || c; i := j + 1; state := CASE WHEN c = '{' THEN 'name' ELSE 'value' END; empty := true; CONTINUE;
    END IF;
    IF c IN ('"', '''') THEN
      k := j + 1;
      LOOP
        m := coalesce(z[k], '');
        EXIT WHEN m = c;
        IF m = '' THEN fault := k; RETURN; END IF;
        IF m = '\' THEN
          k := k + 1; m := coalesce(z[k], '');
          IF m = E'\r' AND z[k + 1] = E'\n' THEN k := k + 1;
          ELSIF m IN ('"', '\', '/', 'b', 'f', 'n', 'r', 't', '''', 'v', E'\n', E'\r', E'\u2028', E'\u2029') THEN NULL;
          ELSIF m = '0' AND coalesce(z[k + 1], '') !~ '[0-9]' THEN NULL;
          ELSIF m = 'u' AND array_to_string(z[k + 1:k + 4], '') ~ '^[0-9a-fA-F]{4}$' THEN NULL;
          ELSIF m = 'x' AND array_to_string(z[k + 1:k + 2], '') ~ '^[0-9a-fA-F]{2}$' THEN NULL;
          ELSE fault := k; RETURN;
          END IF;
        END IF;
        k := k + 1;
      END LOOP;
      word := '"' || sqlite.json5_string(array_to_string(z[j + 1:k - 1], '')) || '"';
      rewritten := rewritten OR word <> '"' || array_to_string(z[j + 1:k - 1], '') || '"'; k := k + 1;
    ELSE
      m := substring(substr(t, j, 9) from '^(?:true|false|null)(?![0-9A-Za-z])');
      IF m IS NOT NULL THEN word := m; k := j + length(m);
      ELSIF c ~ '[-+.0-9]' THEN
        num := sqlite.json5_number(substr(t, j));
        IF num.fault IS NOT NULL THEN fault := j + num.fault; RETURN; END IF;
        word := num.canonical; k := j + num.size;
        rewritten := rewritten OR ltrim(substr(t, j, num.size), '+') <> word AND word !~ '^-?9e999$';
      ELSE
        m := substring(substr(t, j, 9) from '(?i)^(?:infinity|inf|nan|qnan|snan)(?![0-9A-Za-z])');
        IF m IS NOT NULL THEN
          word := CASE WHEN m ~* '^inf' THEN '9e999' ELSE 'null' END; k := j + length(m);
        ELSIF state = 'name' THEN
          -- The end of a name is a sign that is none of one's, or white space of JSON5.
          m := substring(substr(t, j) from '^(?:[A-Za-z_$]|[^\x01-\x7f]|\\u[0-9a-fA-F]{4})(?:[A-Za-z0-9_$]|[^\x01-\x7f\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]|\\u[0-9a-fA-F]{4})*');
          IF m IS NULL THEN fault := j; RETURN; END IF;
          met := j; parts := parts || ('"' || m || '"'); i := j + length(m); state := 'colon'; CONTINUE;
        ELSE fault := j; RETURN;
        END IF;
      END IF;
      IF state = 'name' THEN fault := i; RETURN; END IF;
    END IF;
    IF state = 'stray' THEN fault := i; RETURN; END IF;
    parts := parts || word; i := k;
    state := CASE WHEN state = 'name' THEN 'colon' WHEN depth = 0 THEN 'end' ELSE 'after' END;
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION sqlite.json5_document(t text) RETURNS json
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  made text := (sqlite.json5(t)).canonical;
BEGIN
  IF made IS NULL THEN RAISE EXCEPTION USING ERRCODE = 'LS007', MESSAGE = 'malformed JSON'; END IF;
  RETURN made::json;
END $$;
