-- JSON functions. Rules: json.c of SQLite, https://www.sqlite.org/json1.html
-- Documents are text, as in SQLite; the type json keeps their text, and so the order of keys and the form of
-- numbers. JSON5 is in json5.sql and SQLite's binary form in jsonb.sql. A node is json as it stands in a document;
-- `json_value` makes of it what SQL sees, a dynamic value.

-- Deeper than SQLite reads (JSON_MAX_DEPTH). Most texts are too short for it, or have too few brackets.
CREATE OR REPLACE FUNCTION sqlite.json_depth(doc text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT max(depth) FROM (
    SELECT sum(CASE WHEN c IN ('[', '{') THEN 1 ELSE -1 END) OVER (ORDER BY place) AS depth
    FROM string_to_table(regexp_replace(regexp_replace(doc, '"(?:[^"\\]|\\.)*"', '', 'g'), '[^][{}]+', '', 'g'), NULL)
      WITH ORDINALITY AS s(c, place)) q
$$;
CREATE OR REPLACE FUNCTION sqlite.json_deep(doc text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1 AS $$
BEGIN
  RETURN octet_length(doc) - octet_length(replace(replace(doc, '[', ''), '{', '')) > 1000 AND sqlite.json_depth(doc) > 1000;
END $$;
-- The document that a text is. JSON5 is read where the server can tell beforehand that it is no JSON, since version 16;
-- it is JSON5 that finds the fault of a text that is too deep. Neither is STRICT, so that they become a part of the statement.
DO $do$
DECLARE
  has_predicate boolean := current_setting('server_version_num')::int >= 160000;
BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION sqlite.json_is(doc text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
    CASE WHEN has_predicate THEN 'SELECT CASE WHEN octet_length(doc) > 2000 AND sqlite.json_deep(doc) THEN FALSE ELSE doc IS JSON END'
      ELSE 'SELECT NOT (octet_length(doc) > 2000 AND sqlite.json_deep(doc))' END);
END $do$;
-- It is no function in SQL: the cast of a constant would be tried before the predicate is.
CREATE OR REPLACE FUNCTION sqlite.json_doc(doc text) RETURNS json
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF sqlite.json_is(doc) THEN RETURN doc::json; END IF;
  RETURN sqlite.json5_document(doc);
END $$;

-- White space between tokens goes; what is in strings stays, escapes included.
-- PostgreSQL takes it out as well, along with members that are null, and writes strings anew, which shows only in escapes.
CREATE OR REPLACE FUNCTION sqlite.json_minify(t text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF t !~ '[ \t\n\r]' THEN RETURN t; END IF;
  IF strpos(t, '\') = 0 AND strpos(t, 'null') = 0 THEN RETURN json_strip_nulls(t::json)::text; END IF;
  RETURN regexp_replace(t, '("(?:[^"\\]|\\.)*")|[ \t\n\r]+', '\1', 'g');
END $$;
CREATE OR REPLACE FUNCTION sqlite.json(t text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.json_minify(sqlite.json_doc(t)::text) $$;

-- A document whose names are read and written again: one with escapes that PostgreSQL writes in another form
-- would come out different.
CREATE OR REPLACE FUNCTION sqlite.json_plain(doc text) RETURNS json
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  j json := sqlite.json_doc(doc); t text := j::text;
BEGIN
  IF strpos(t, '\') > 0 AND t ~ '"(?:[^"\\]|\\.)*\\[u/](?:[^"\\]|\\.)*"[ \t\n\r]*:' THEN
    RAISE EXCEPTION 'a JSON name with \u or \/ escapes is not carried over here' USING ERRCODE = '0A000';
  END IF;
  RETURN j;
END $$;

-- The first member of that name; PostgreSQL's own operator gives the last. It serves where the name stands once in the text at
-- most, and no other spelling of it can: that takes an escape.
CREATE OR REPLACE FUNCTION sqlite.json_member(j json, name text) RETURNS json
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  t text := j::text;
BEGIN
  IF json_typeof(j) <> 'object' THEN RETURN NULL; END IF;
  IF strpos(t, '\u') = 0 AND translate(name, E'"/\\\b\f\n\r\t', '') = name AND split_part(t, '"' || name || '"', 3) = '' THEN
    RETURN j -> name;
  END IF;
  RETURN (SELECT e.value FROM json_each(j) WITH ORDINALITY e(key, value, place) WHERE e.key = name ORDER BY e.place LIMIT 1);
END $$;

-- The steps of a path behind its `$`: `.name`, `[3`, `[#` and `[#-1`. What is no step is kept, as it was written, behind a `!`:
-- it is an error only where the document has something that far in, and behind a bracket only where that is an array.
CREATE OR REPLACE FUNCTION sqlite.json_steps(rest text, written text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  steps text[] := '{}'; m text[];
BEGIN
  WHILE rest <> '' LOOP
    m := regexp_match(rest, '^\."((?:[^"\\]|\\.)*)"(.*)$');
    IF m IS NOT NULL THEN
      IF strpos(m[1], '\') > 0 THEN m[1] := sqlite.json_doc('"' || m[1] || '"') #>> '{}'; END IF;
      steps := steps || ('.' || m[1]);
    ELSE
      m := regexp_match(rest, '^(\.[^."\[][^.\[]*|\[(?:[0-9]+|#-[0-9]+|#)(?=\]))\]?(.*)$');
      IF m IS NULL OR (left(m[1], 1) = '.' AND left(m[1] || m[2], length(rest)) <> rest) THEN
        RETURN steps || (CASE WHEN left(rest, 1) = '[' THEN '[!' ELSE '!' END || written);
      END IF;
      steps := steps || m[1];
    END IF;
    rest := m[2];
  END LOOP;
  RETURN steps;
END $$;
CREATE OR REPLACE FUNCTION sqlite.json_steps(path text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN left(path, 1) = '$' THEN sqlite.json_steps(substr(path, 2), path) ELSE ARRAY['!' || path] END
$$;
CREATE OR REPLACE FUNCTION sqlite.json_path_fault(path text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  RAISE EXCEPTION 'bad JSON path: ''%''', replace(path, '''', '''''') USING ERRCODE = 'LS007';
END $$;
CREATE OR REPLACE FUNCTION sqlite.json_path(path text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  steps text[] := sqlite.json_steps(path); last text := steps[cardinality(steps)];
BEGIN
  IF last ~ '^\[?!' THEN PERFORM sqlite.json_path_fault(path); END IF;
  RETURN steps;
END $$;
-- What `->` and `->>` take besides: a number by itself, which counts from the end if it is negative, or a name, which SQLite puts
-- into quotes; so one that has quotes ends early. Without a name there is no path.
CREATE OR REPLACE FUNCTION sqlite.json_short_path(path text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN left(path, 1) = '$' THEN sqlite.json_steps(path) WHEN path ~ '^\[.+\]$' THEN sqlite.json_steps(path, path)
    WHEN path = '' THEN ARRAY['!'] WHEN path ~ '["\\]' THEN sqlite.json_steps('."' || path || '"', path) ELSE ARRAY['.' || path] END
$$;
CREATE OR REPLACE FUNCTION sqlite.json_short_path(place bigint) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT ARRAY['[' || CASE WHEN place < 0 THEN '#' ELSE '' END || place] $$;

-- The place that a step means in an array of `size`; -1 where it is none.
CREATE OR REPLACE FUNCTION sqlite.json_place(step text, size int) RETURNS int
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN step = '[#' THEN size WHEN step LIKE '[#%' THEN greatest(size - least(substr(step, 4)::numeric, 2147483647)::int, -1)
    WHEN step LIKE '[%' THEN least(substr(step, 2)::numeric, 2147483646)::int ELSE -1 END
$$;
CREATE OR REPLACE FUNCTION sqlite.json_at(j json, steps text[]) RETURNS json
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  step text; place int;
BEGIN
  FOREACH step IN ARRAY steps LOOP
    IF left(step, 1) = '!' THEN PERFORM sqlite.json_path_fault(substr(step, 2));
    ELSIF left(step, 1) = '.' THEN j := sqlite.json_member(j, substr(step, 2));
    ELSIF json_typeof(j) <> 'array' THEN RETURN NULL;
    ELSE
      IF left(step, 2) = '[!' THEN PERFORM sqlite.json_path_fault(substr(step, 3)); END IF;
      place := sqlite.json_place(step, CASE WHEN step LIKE '[#%' THEN json_array_length(j) ELSE 0 END);
      IF place < 0 THEN RETURN NULL; END IF;
      j := j -> place;
    END IF;
    IF j IS NULL THEN RETURN NULL; END IF;
  END LOOP;
  RETURN j;
END $$;

-- The text is JSON to PostgreSQL, and no name in it is written by its number, so that one can be looked for in the text.
DO $do$ BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION sqlite.json_sure(doc text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
    CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SELECT doc IS JSON AND ' ELSE 'SELECT ' END
    || $sql$(strpos(doc, '\') = 0 OR strpos(doc, '\u') = 0) AND (octet_length(doc) <= 2000 OR NOT sqlite.json_deep(doc))$sql$);
END $do$;
-- The planner takes both for cheap, as few rows come here: what they stand in is tried before what is not.
CREATE OR REPLACE FUNCTION sqlite.json_node(doc text, path text) RETURNS json
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1 AS $$
BEGIN
  RETURN sqlite.json_at(sqlite.json_doc(doc), sqlite.json_steps(path));
END $$;

-- A node as SQL sees it: true is 1, null is NULL, an array or object is its text.
CREATE OR REPLACE FUNCTION sqlite.json_value(node json) RETURNS json
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  kind text := json_typeof(node); t text;
BEGIN
  CASE kind
    WHEN 'string' THEN RETURN node;
    WHEN 'number' THEN
      t := btrim(node::text, E' \t\n\r');
      IF t ~ '[.eE]' THEN RETURN t::json; END IF;
      IF length(t) < 19 OR abs(t::numeric) <= 9223372036854775807 OR t = '-9223372036854775808' THEN
        RETURN t::bigint::text::json;
      END IF;
      RETURN sqlite.dynamic(sqlite.parse_real(t));
    WHEN 'boolean' THEN RETURN CASE WHEN node::text ~ 'true' THEN '1' ELSE '0' END::json;
    WHEN 'null' THEN RETURN NULL;
    ELSE RETURN to_json(sqlite.json_minify(node::text));
  END CASE;
END $$;

-- A node beside a number, which `n` stands for as `sqlite.sort_number` has it.
CREATE OR REPLACE FUNCTION sqlite.compare_node(node json, n numeric) RETURNS int
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  kind text := json_typeof(node); t text; x numeric;
BEGIN
  IF kind = 'number' THEN
    t := node::text;
    IF t ~ '^-?[0-9]{1,18}$' THEN x := t::numeric; ELSE x := sqlite.sort_number(sqlite.json_value(node)); END IF;
  ELSIF kind = 'null' THEN RETURN NULL;
  ELSIF kind = 'boolean' THEN x := CASE WHEN node::text ~ 'true' THEN 1 ELSE 0 END;
  -- A text, as an array and an object are as well, comes behind all numbers.
  ELSE RETURN 1;
  END IF;
  RETURN CASE WHEN x < n THEN -1 WHEN x > n THEN 1 ELSE 0 END;
END $$;

-- The value of one member or element, of the path that most statements have; `label` is the name in quotes, without escapes.
CREATE OR REPLACE FUNCTION sqlite.json_item(doc text, name text, label text) RETURNS json
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  node json;
BEGIN
  IF sqlite.json_is(doc) AND strpos(doc, '\u') = 0 AND split_part(doc, label, 3) = '' THEN node := doc::json -> name;
  ELSE node := sqlite.json_member(sqlite.json_doc(doc), name); END IF;
  IF json_typeof(node) = 'string' THEN RETURN node; END IF;
  RETURN sqlite.json_value(node);
END $$;
CREATE OR REPLACE FUNCTION sqlite.json_item(doc text, place int) RETURNS json
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  node json;
BEGIN
  IF sqlite.json_is(doc) THEN node := doc::json -> place; ELSE node := sqlite.json_doc(doc) -> place; END IF;
  IF json_typeof(node) = 'string' THEN RETURN node; END IF;
  RETURN sqlite.json_value(node);
END $$;

-- A dynamic value as an element of a document that is being made.
CREATE OR REPLACE FUNCTION sqlite.json_real(x float8) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE x WHEN 'Infinity' THEN '9.0e+999' WHEN '-Infinity' THEN '-9.0e+999' ELSE sqlite.real_text(x) END
$$;
CREATE OR REPLACE FUNCTION sqlite.json_element(value json) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  CASE json_typeof(value)
    WHEN 'string' THEN RETURN to_json(value #>> '{}')::text;
    WHEN 'number' THEN
      RETURN CASE WHEN sqlite.dynamic_is_integer(value) THEN sqlite.dynamic_text(value) ELSE sqlite.json_real(sqlite.dynamic_real(value)) END;
    WHEN 'object' THEN RAISE EXCEPTION 'JSON cannot hold BLOB values' USING ERRCODE = 'LS007';
    ELSE RETURN 'null';
  END CASE;
END $$;
-- A node that is taken over into another document by way of SQL: structures stay, scalars are SQL's.
CREATE OR REPLACE FUNCTION sqlite.json_embed(node json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(node) IN ('array', 'object') THEN sqlite.json_minify(node::text) ELSE sqlite.json_element(sqlite.json_value(node)) END
$$;

CREATE OR REPLACE FUNCTION sqlite.json_extract(doc text, path text) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.json_value(sqlite.json_at(sqlite.json_doc(doc), sqlite.json_steps(path))) $$;
CREATE OR REPLACE FUNCTION sqlite.json_extract_embed(doc text, path text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT nullif(sqlite.json_embed(sqlite.json_at(sqlite.json_doc(doc), sqlite.json_steps(path))), 'null') $$;
-- Of several paths it is an array, with null where there is nothing.
CREATE OR REPLACE FUNCTION sqlite.json_extract_all(doc text, VARIADIC paths text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN doc IS NOT NULL AND array_position(paths, NULL) IS NULL THEN
    '[' || (SELECT string_agg(coalesce(sqlite.json_minify(sqlite.json_at(sqlite.json_doc(doc), sqlite.json_steps(p))::text), 'null'), ',' ORDER BY place)
      FROM unnest(paths) WITH ORDINALITY u(p, place)) || ']' END
$$;
CREATE OR REPLACE FUNCTION sqlite.json_arrow(doc text, path text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.json_minify(sqlite.json_at(sqlite.json_doc(doc), sqlite.json_short_path(path))::text) $$;
CREATE OR REPLACE FUNCTION sqlite.json_arrow(doc text, path bigint) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.json_minify(sqlite.json_at(sqlite.json_doc(doc), sqlite.json_short_path(path))::text) $$;
CREATE OR REPLACE FUNCTION sqlite.json_arrow_value(doc text, path text) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.json_value(sqlite.json_at(sqlite.json_doc(doc), sqlite.json_short_path(path))) $$;
CREATE OR REPLACE FUNCTION sqlite.json_arrow_value(doc text, path bigint) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.json_value(sqlite.json_at(sqlite.json_doc(doc), sqlite.json_short_path(path))) $$;

CREATE OR REPLACE FUNCTION sqlite.json_kind(node json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE json_typeof(node) WHEN 'number' THEN CASE WHEN node::text ~ '[.eE]' THEN 'real' ELSE 'integer' END WHEN 'string' THEN 'text'
    WHEN 'boolean' THEN btrim(node::text, E' \t\n\r') ELSE json_typeof(node) END
$$;
CREATE OR REPLACE FUNCTION sqlite.json_type(doc text, path text DEFAULT '$') RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.json_kind(sqlite.json_at(sqlite.json_doc(doc), sqlite.json_steps(path))) $$;
CREATE OR REPLACE FUNCTION sqlite.json_array_length(doc text, path text DEFAULT '$') RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  node json := sqlite.json_at(sqlite.json_doc(doc), sqlite.json_steps(path));
BEGIN
  RETURN CASE WHEN node IS NULL THEN NULL WHEN json_typeof(node) = 'array' THEN json_array_length(node) ELSE 0 END;
END $$;

-- Without a subtransaction, which parallel plans do not allow: strings become `s` and other scalars `v`, then
-- closed brackets become `v` until nothing changes. What is left over and is not one value was not JSON.
CREATE OR REPLACE FUNCTION sqlite.json_valid_by_rules(doc text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  t text; before text;
BEGIN
  IF strpos(doc, E'\x01') > 0 THEN RETURN 0; END IF;
  t := regexp_replace(doc, '"(?:[^"\\\x01-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"', E'\x01', 'g');
  -- A letter that stands for itself would be taken for a token.
  t := replace(translate(replace(t, 'false', 'null'), 'sv', '??'), E'\x01', 's');
  t := regexp_replace(t, '(?:true|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![0-9A-Za-z_.+-])', 'v', 'g');
  t := regexp_replace(t, '[ \t\n\r]*([][{},:])[ \t\n\r]*', '\1', 'g');
  LOOP
    before := t;
    t := regexp_replace(t, '\{(?:s:[sv](?:,s:[sv])*)?\}|\[(?:[sv](?:,[sv])*)?\]', 'v', 'g');
    EXIT WHEN t = before;
  END LOOP;
  RETURN CASE WHEN t ~ '^[ \t\n\r]*[sv][ \t\n\r]*$' THEN 1 ELSE 0 END;
END $$;
-- PostgreSQL 16 has a predicate for it.
DO $do$ BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION sqlite.json_valid(doc text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
    CASE WHEN current_setting('server_version_num')::int >= 160000
      THEN 'SELECT CASE WHEN octet_length(doc) > 2000 AND sqlite.json_deep(doc) THEN 0 ELSE (doc IS JSON)::int::bigint END'
      ELSE 'SELECT CASE WHEN octet_length(doc) > 2000 AND sqlite.json_deep(doc) THEN 0 ELSE sqlite.json_valid_by_rules(doc) END' END);
END $do$;

-- By flags: 1 for JSON, 2 for JSON5; 4 and 8 mean JSONB, which no text is.
CREATE OR REPLACE FUNCTION sqlite.json_valid_as(doc text, flags bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF coalesce(flags, 0) NOT BETWEEN 1 AND 15 THEN
    RAISE EXCEPTION USING ERRCODE = 'LS007', MESSAGE = 'FLAGS parameter to json_valid() must be between 1 and 15';
  END IF;
  IF doc IS NULL THEN RETURN NULL; END IF;
  IF flags & 3 <> 0 AND sqlite.json_valid(doc) = 1 THEN RETURN 1; END IF;
  RETURN CASE WHEN flags & 2 <> 0 AND (sqlite.json5(doc)).fault IS NULL THEN 1 ELSE 0 END;
END $$;
CREATE OR REPLACE FUNCTION sqlite.json_error_position(doc text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.json_valid(doc) = 1 THEN 0 ELSE coalesce((sqlite.json5(doc)).fault, 0) END::bigint
$$;

CREATE OR REPLACE FUNCTION sqlite.json_pretty_node(node json, indent text, margin text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  inner_margin text := margin || indent; items text;
BEGIN
  CASE json_typeof(node)
    WHEN 'array' THEN
      SELECT string_agg(inner_margin || sqlite.json_pretty_node(e.value, indent, inner_margin), E',\n' ORDER BY e.place) INTO items
        FROM json_array_elements(node) WITH ORDINALITY e(value, place);
      RETURN CASE WHEN items IS NULL THEN '[]' ELSE E'[\n' || items || E'\n' || margin || ']' END;
    WHEN 'object' THEN
      SELECT string_agg(inner_margin || to_json(e.key)::text || ': ' || sqlite.json_pretty_node(e.value, indent, inner_margin), E',\n' ORDER BY e.place) INTO items
        FROM json_each(node) WITH ORDINALITY e(key, value, place);
      RETURN CASE WHEN items IS NULL THEN '{}' ELSE E'{\n' || items || E'\n' || margin || '}' END;
    ELSE RETURN btrim(node::text, E' \t\n\r');
  END CASE;
END $$;
CREATE OR REPLACE FUNCTION sqlite.json_pretty(doc text, indent text DEFAULT NULL) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN doc IS NOT NULL THEN sqlite.json_pretty_node(sqlite.json_plain(doc), coalesce(indent, '    '), '') END $$;

-- The name of a member.
CREATE OR REPLACE FUNCTION sqlite.json_label(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF name IS NULL THEN RAISE EXCEPTION 'json_object() labels must be TEXT' USING ERRCODE = 'LS007'; END IF;
  RETURN to_json(name)::text;
END $$;
CREATE OR REPLACE FUNCTION sqlite.json_label(name json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.json_label(CASE WHEN json_typeof(name) = 'string' THEN name #>> '{}' END) $$;
