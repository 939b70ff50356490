-- JSONB, SQLite's binary form of JSON: https://www.sqlite.org/jsonb.html. Each element is a head of its type and size
-- and a payload, which for scalars is the text that stands in the document.

-- The text of JSONB, or NULL where it is broken. @param plain of what a document of plain JSON would be made of, so
-- that it can be made again
CREATE OR REPLACE FUNCTION sqlite.jsonb_parse(b bytea, plain boolean) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  at int := 0; total int := octet_length(b); depth int := 0; ends int[] := '{}'; kinds int[] := '{}'; counts int[] := '{}';
  parts text[] := '{}'; head int; kind int; more int; size bigint; payload text; broken boolean := false;
BEGIN
  LOOP
    WHILE depth > 0 AND at = ends[depth] LOOP
      broken := broken OR (kinds[depth] = 12 AND counts[depth] % 2 = 1);
      parts := parts || (CASE kinds[depth] WHEN 11 THEN ']' ELSE '}' END);
      depth := depth - 1;
    END LOOP;
    EXIT WHEN broken OR (depth = 0 AND at > 0);
    broken := at >= total;
    EXIT WHEN broken;
    head := get_byte(b, at); kind := head & 15;
    more := CASE WHEN head < 192 THEN 0 WHEN head < 208 THEN 1 WHEN head < 224 THEN 2 WHEN head < 240 THEN 4 ELSE 8 END;
    broken := kind > 12 OR at + more >= total;
    IF more = 8 AND NOT broken AND at + 8 < total THEN broken := substring(b FROM at + 2 FOR 4) <> '\x00000000'; END IF;
    EXIT WHEN broken;
    size := CASE WHEN more = 0 THEN head >> 4 ELSE 0 END;
    FOR i IN 1..more LOOP size := (size & 4294967295) * 256 + get_byte(b, at + i); END LOOP;
    at := at + more + 1;
    broken := at + size > CASE WHEN depth = 0 THEN total ELSE ends[depth] END OR (depth = 0 AND at + size <> total)
      OR (kind <= 2 AND size > 0) OR (kind BETWEEN 3 AND 6 AND size = 0)
      OR (depth > 0 AND kinds[depth] = 12 AND counts[depth] % 2 = 0 AND kind NOT BETWEEN 7 AND 10);
    EXIT WHEN broken;
    IF depth > 0 THEN
      IF counts[depth] > 0 THEN parts := parts || (CASE WHEN kinds[depth] = 12 AND counts[depth] % 2 = 1 THEN ':' ELSE ',' END); END IF;
      counts[depth] := counts[depth] + 1;
    END IF;
    IF kind >= 11 THEN
      depth := depth + 1; kinds[depth] := kind; ends[depth] := at + size; counts[depth] := 0;
      parts := parts || (CASE kind WHEN 11 THEN '[' ELSE '{' END);
      CONTINUE;
    END IF;
    IF plain AND kind IN (4, 6, 9, 10) THEN
      PERFORM sqlite.require(false, 'A change of JSONB that holds what plain JSON does not');
    END IF;
    payload := sqlite.blob_text(substring(b FROM at + 1 FOR size::int));
    at := at + size;
    parts := parts || CASE kind WHEN 0 THEN 'null' WHEN 1 THEN 'true' WHEN 2 THEN 'false'
      WHEN 4 THEN (sqlite.json5_number(payload)).canonical WHEN 6 THEN (sqlite.json5_number(payload)).canonical
      WHEN 7 THEN '"' || payload || '"' WHEN 8 THEN '"' || payload || '"' WHEN 9 THEN '"' || sqlite.json5_string(payload) || '"'
      WHEN 10 THEN to_json(payload)::text ELSE payload END;
  END LOOP;
  RETURN CASE WHEN NOT broken THEN array_to_string(parts, '') END;
END $$;

-- Whether a BLOB is JSONB by its head (jsonArgIsJsonb in json.c). A short one that JSON text may look like is JSONB if
-- it is whole, which is refused where it takes more than a look to tell.
CREATE OR REPLACE FUNCTION sqlite.is_jsonb(b bytea) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  total int := octet_length(b); head int; more int; first int; size bigint := 0; payload text;
BEGIN
  IF total = 0 THEN RETURN false; END IF;
  head := get_byte(b, 0);
  more := CASE WHEN head < 192 THEN 0 WHEN head < 208 THEN 1 WHEN head < 224 THEN 2 WHEN head < 240 THEN 4 ELSE 8 END;
  IF head & 15 > 12 OR total <= more THEN RETURN false; END IF;
  IF more = 0 THEN size := head >> 4; END IF;
  FOR i IN 1..least(more, 4) LOOP size := size * 256 + get_byte(b, CASE WHEN more = 8 THEN 4 + i ELSE i END); END LOOP;
  IF size + more + 1 <> total OR (head & 15 <= 2 AND size > 0) THEN RETURN false; END IF;
  IF size > 7 OR (head NOT BETWEEN 48 AND 57 AND head NOT IN (91, 123)) THEN RETURN true; END IF;
  first := CASE WHEN size > 0 THEN get_byte(b, 1) ELSE 15 END;
  IF head IN (91, 123) THEN
    -- What JSON begins an element with mostly is the head of none.
    IF first & 15 > 12 OR (first & 15 <= 2 AND first >= 16) OR (first >> 4) + 1 > size THEN RETURN false; END IF;
  ELSE
    payload := sqlite.blob_text(substring(b FROM 2));
    IF head & 15 = 3 AND payload ~ '^-?[0-9]+$' THEN RETURN true; END IF;
    IF head & 15 = 3 OR (head & 15 = 5 AND payload !~ '[.eE]') THEN RETURN false; END IF;
  END IF;
  RETURN sqlite.require(false, 'A BLOB that may be JSON or the binary form of it (JSONB)');
END $$;

-- A document that is a BLOB: JSONB, or else the text that its bytes are.
CREATE OR REPLACE FUNCTION sqlite.blob_document(b bytea, plain boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  doc text;
BEGIN
  IF NOT sqlite.is_jsonb(b) THEN RETURN sqlite.blob_text(b); END IF;
  doc := sqlite.jsonb_parse(b, plain);
  IF doc IS NULL THEN RAISE EXCEPTION USING ERRCODE = 'LS007', MESSAGE = 'malformed JSON'; END IF;
  RETURN doc;
END $$;
CREATE OR REPLACE FUNCTION sqlite.dynamic_document(j json) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(j) = 'object' THEN sqlite.blob_document(decode(j ->> 'blob', 'hex')) ELSE sqlite.dynamic_text(j) END
$$;
CREATE OR REPLACE FUNCTION sqlite.blob_json_valid(b bytea, flags bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF b IS NULL OR coalesce(flags, 0) NOT BETWEEN 1 AND 15 THEN RETURN sqlite.json_valid_as(NULL, flags); END IF;
  IF NOT sqlite.is_jsonb(b) THEN RETURN sqlite.json_valid_as(sqlite.blob_text(b), flags); END IF;
  PERFORM sqlite.require(flags & 12 <> 8, 'json_valid() that looks into the binary form of JSON (JSONB)');
  RETURN CASE WHEN flags & 4 <> 0 THEN 1 ELSE 0 END;
END $$;
CREATE OR REPLACE FUNCTION sqlite.blob_element(b bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF b IS NULL THEN RETURN 'null'; END IF;
  IF sqlite.is_jsonb(b) THEN RETURN sqlite.blob_document(b); END IF;
  RAISE EXCEPTION USING ERRCODE = 'LS007', MESSAGE = 'JSON cannot hold BLOB values';
END $$;

CREATE OR REPLACE FUNCTION sqlite.jsonb_element(kind int, payload bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN n <= 11 THEN set_byte('\x00'::bytea, 0, n << 4 | kind)
    WHEN n <= 255 THEN set_byte('\x00'::bytea, 0, 192 | kind) || substring(int4send(n) FROM 4)
    WHEN n <= 65535 THEN set_byte('\x00'::bytea, 0, 208 | kind) || substring(int4send(n) FROM 3)
    ELSE set_byte('\x00'::bytea, 0, 224 | kind) || int4send(n) END || payload
  FROM (SELECT octet_length(payload) AS n) q
$$;
-- The text of a string, with its escapes.
CREATE OR REPLACE FUNCTION sqlite.jsonb_string(token text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT sqlite.jsonb_element(CASE WHEN strpos(token, '\') > 0 THEN 8 ELSE 7 END, convert_to(substr(token, 2, length(token) - 2), 'UTF8'))
$$;
CREATE OR REPLACE FUNCTION sqlite.jsonb_node(node json) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  t text; payload bytea;
BEGIN
  CASE json_typeof(node)
    WHEN 'object' THEN
      SELECT string_agg(sqlite.jsonb_string(to_json(e.key)::text) || sqlite.jsonb_node(e.value), '' ORDER BY e.place) INTO payload
        FROM json_each(node) WITH ORDINALITY e(key, value, place);
      RETURN sqlite.jsonb_element(12, coalesce(payload, ''));
    WHEN 'array' THEN
      SELECT string_agg(sqlite.jsonb_node(e.value), '' ORDER BY e.place) INTO payload
        FROM json_array_elements(node) WITH ORDINALITY e(value, place);
      RETURN sqlite.jsonb_element(11, coalesce(payload, ''));
    ELSE NULL;
  END CASE;
  t := btrim(node::text, E' \t\n\r');
  RETURN CASE json_typeof(node) WHEN 'string' THEN sqlite.jsonb_string(t)
    WHEN 'number' THEN sqlite.jsonb_element(CASE WHEN t ~ '[.eE]' THEN 5 ELSE 3 END, convert_to(t, 'UTF8'))
    ELSE sqlite.jsonb_element(CASE t WHEN 'null' THEN 0 WHEN 'true' THEN 1 ELSE 2 END, '') END;
END $$;
CREATE OR REPLACE FUNCTION sqlite.jsonb_of(doc text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.jsonb_node(sqlite.json_plain(doc)) $$;
-- A document of which JSONB will be made. What JSON writes in another way than it stands here has another form in
-- JSONB too, and is refused.
CREATE OR REPLACE FUNCTION sqlite.jsonb_source(doc text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF sqlite.json_valid(doc) = 0 THEN
    PERFORM sqlite.require((sqlite.json5(doc)).rewritten IS NOT TRUE, 'JSONB of values that JSON writes in another way');
  END IF;
  RETURN doc;
END $$;
CREATE OR REPLACE FUNCTION sqlite.jsonb_source(b bytea) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.is_jsonb(b) THEN sqlite.blob_document(b, true) ELSE sqlite.jsonb_source(sqlite.blob_text(b)) END
$$;
CREATE OR REPLACE FUNCTION sqlite.jsonb_extract(doc text, path text) RETURNS json
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  node json := sqlite.json_at(sqlite.json_doc(doc), sqlite.json_steps(path));
BEGIN
  IF json_typeof(node) IN ('array', 'object') THEN RETURN sqlite.dynamic(sqlite.jsonb_of(node::text)); END IF;
  RETURN sqlite.json_value(node);
END $$;
