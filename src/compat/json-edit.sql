-- Changes of JSON documents, and their elements as rows. See json.sql.

-- The document with `value` (the text of a JSON value) at the path; NULL where nothing changes.
-- Modes: `set` replaces and adds, `insert` only adds, `replace` only replaces, `array_insert` moves up, `remove`.
CREATE OR REPLACE FUNCTION sqlite.json_put(node json, steps text[], value text, mode text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  step text := steps[1]; rest text[] := steps[2:]; last boolean := cardinality(steps) = 1;
  adds boolean := mode IN ('set', 'insert', 'array_insert'); parts text[] := '{}'; size int; place int; at int := 0; e record; part text; found boolean := false;
BEGIN
  IF left(step, 1) = '.' AND json_typeof(node) = 'object' THEN
    FOR e IN SELECT key, o.value FROM json_each(node) o LOOP
      part := NULL;
      IF NOT found AND e.key = substr(step, 2) THEN
        found := true;
        IF last THEN
          IF mode = 'insert' THEN RETURN NULL; END IF;
          IF mode = 'array_insert' THEN RAISE EXCEPTION 'not an array element' USING ERRCODE = 'LS007'; END IF;
          CONTINUE WHEN mode = 'remove';
          part := value;
        ELSE
          part := sqlite.json_put(e.value, rest, value, mode);
          IF part IS NULL THEN RETURN NULL; END IF;
        END IF;
      END IF;
      parts := parts || (to_json(e.key)::text || ':' || coalesce(part, sqlite.json_minify(e.value::text)));
    END LOOP;
    IF NOT found THEN
      IF NOT adds THEN RETURN NULL; END IF;
      IF mode = 'array_insert' AND left(steps[cardinality(steps)], 1) = '.' THEN RAISE EXCEPTION 'not an array element' USING ERRCODE = 'LS007'; END IF;
      part := CASE WHEN last THEN value ELSE sqlite.json_put(CASE WHEN left(rest[1], 1) = '.' THEN '{}' ELSE '[]' END::json, rest, value, mode) END;
      IF part IS NULL THEN RETURN NULL; END IF;
      parts := parts || (to_json(substr(step, 2))::text || ':' || part);
    END IF;
    RETURN '{' || array_to_string(parts, ',') || '}';
  ELSIF left(step, 1) = '[' AND json_typeof(node) = 'array' THEN
    size := json_array_length(node);
    place := sqlite.json_place(step, size);
    IF place < 0 OR place > size OR (place = size AND NOT adds) THEN RETURN NULL; END IF;
    FOR e IN SELECT o.value FROM json_array_elements(node) o LOOP
      at := at + 1;
      part := NULL;
      IF at = place + 1 THEN
        IF last THEN
          IF mode = 'insert' THEN RETURN NULL; END IF;
          CONTINUE WHEN mode = 'remove';
          part := CASE WHEN mode = 'array_insert' THEN value || ',' || sqlite.json_minify(e.value::text) ELSE value END;
        ELSE
          part := sqlite.json_put(e.value, rest, value, mode);
          IF part IS NULL THEN RETURN NULL; END IF;
        END IF;
      END IF;
      parts := parts || coalesce(part, sqlite.json_minify(e.value::text));
    END LOOP;
    IF place = size THEN
      part := CASE WHEN last THEN value ELSE sqlite.json_put(CASE WHEN left(rest[1], 1) = '.' THEN '{}' ELSE '[]' END::json, rest, value, mode) END;
      IF part IS NULL THEN RETURN NULL; END IF;
      parts := parts || part;
    END IF;
    RETURN '[' || array_to_string(parts, ',') || ']';
  END IF;
  RETURN NULL;
END $$;

-- One path and one value, which is JSON text already. A path that is NULL changes nothing.
CREATE OR REPLACE FUNCTION sqlite.json_edit(doc text, path text, value text, mode text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  -- A text that is no JSON is an error before any path is looked at.
  whole json := sqlite.json_plain(doc); steps text[] := sqlite.json_path(path);
BEGIN
  IF doc IS NULL OR (mode = 'remove' AND (path IS NULL OR steps = '{}')) THEN RETURN NULL; END IF;
  IF steps = '{}' THEN RETURN CASE WHEN mode IN ('set', 'replace') THEN value ELSE sqlite.json(doc) END; END IF;
  RETURN coalesce(CASE WHEN path IS NOT NULL THEN sqlite.json_put(whole, steps, value, mode) END, sqlite.json(doc));
END $$;
-- A value as json_set() and its like take it, which differs from json_array() in infinities.
CREATE OR REPLACE FUNCTION sqlite.json_put_value(value json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(value) = 'number' AND abs(sqlite.dynamic_real(value)) = 'Infinity'
    THEN CASE WHEN sqlite.dynamic_real(value) > 0 THEN '9e999' ELSE '-9e999' END ELSE sqlite.json_element(value) END
$$;

-- RFC 7396, with the order of members that SQLite leaves. Members are taken one by one, so that the first of
-- several with one name is the one that is changed.
CREATE OR REPLACE FUNCTION sqlite.json_merge(target json, patch json) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  names text[] := '{}'; items text[] := '{}'; e record; place int;
BEGIN
  IF json_typeof(patch) <> 'object' THEN RETURN sqlite.json_minify(patch::text); END IF;
  IF json_typeof(target) = 'object' THEN
    FOR e IN SELECT o.key, o.value FROM json_each(target) o LOOP
      names := names || e.key; items := items || sqlite.json_minify(e.value::text);
    END LOOP;
  END IF;
  FOR e IN SELECT o.key, o.value FROM json_each(patch) o LOOP
    place := array_position(names, e.key);
    IF place IS NULL THEN
      CONTINUE WHEN json_typeof(e.value) = 'null';
      names := names || e.key; items := items || sqlite.json_merge(NULL, e.value);
    ELSIF json_typeof(e.value) = 'null' THEN
      names := names[:place - 1] || names[place + 1:]; items := items[:place - 1] || items[place + 1:];
    ELSE items[place] := sqlite.json_merge(items[place]::json, e.value);
    END IF;
  END LOOP;
  RETURN '{' || coalesce((SELECT string_agg(to_json(n)::text || ':' || i, ',' ORDER BY o) FROM unnest(names, items) WITH ORDINALITY u(n, i, o)), '') || '}';
END $$;
CREATE OR REPLACE FUNCTION sqlite.json_patch(target text, patch text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT sqlite.json_merge(sqlite.json_plain(target), sqlite.json_plain(patch)) $$;

-- The bytes that a node takes in SQLite's binary form, as the column `id` of json_each() counts them.
CREATE OR REPLACE FUNCTION sqlite.json_bytes(payload bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT payload + CASE WHEN payload <= 11 THEN 1 WHEN payload <= 255 THEN 2 WHEN payload <= 65535 THEN 3 ELSE 5 END
$$;
CREATE OR REPLACE FUNCTION sqlite.json_payload(node json) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  RETURN CASE json_typeof(node)
    WHEN 'object' THEN coalesce((SELECT sum(sqlite.json_bytes(octet_length(to_json(e.key)::text) - 2) + sqlite.json_bytes(sqlite.json_payload(e.value))) FROM json_each(node) e), 0)
    WHEN 'array' THEN coalesce((SELECT sum(sqlite.json_bytes(sqlite.json_payload(e.value))) FROM json_array_elements(node) e(value)), 0)
    WHEN 'string' THEN octet_length(btrim(node::text, E' \t\n\r')) - 2
    WHEN 'number' THEN octet_length(btrim(node::text, E' \t\n\r'))
    ELSE 0 END;
END $$;

-- The direct elements of a node in order, or none; `head` is where the name (or the value, in an array) begins.
CREATE OR REPLACE FUNCTION sqlite.json_children(node json, start bigint)
RETURNS TABLE(step text, key json, node_value json, head bigint, body bigint)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  e record; place bigint := 0;
BEGIN
  body := start + sqlite.json_bytes(sqlite.json_payload(node)) - sqlite.json_payload(node);
  IF json_typeof(node) = 'object' THEN
    FOR e IN SELECT o.key, o.value FROM json_each(node) o LOOP
      step := '.' || CASE WHEN e.key ~ '^[A-Za-z][0-9A-Za-z]*$' THEN e.key ELSE to_json(e.key)::text END;
      key := to_json(e.key); node_value := e.value; head := body;
      body := body + sqlite.json_bytes(octet_length(to_json(e.key)::text) - 2);
      RETURN NEXT;
      body := body + sqlite.json_bytes(sqlite.json_payload(e.value));
    END LOOP;
  ELSIF json_typeof(node) = 'array' THEN
    FOR e IN SELECT o.value FROM json_array_elements(node) o LOOP
      step := '[' || place || ']'; key := place::text::json; node_value := e.value; head := body;
      RETURN NEXT;
      body := body + sqlite.json_bytes(sqlite.json_payload(e.value)); place := place + 1;
    END LOOP;
  END IF;
END $$;
-- Where the node of a path begins: at its name, where it is a member, and its value.
CREATE OR REPLACE FUNCTION sqlite.json_start(node json, steps text[], OUT head bigint, OUT body bigint)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  wanted text; c record;
BEGIN
  head := 0; body := 0;
  FOREACH wanted IN ARRAY steps LOOP
    SELECT * INTO c FROM sqlite.json_children(node, body) x
     WHERE CASE WHEN left(wanted, 1) = '.' THEN x.key #>> '{}' = substr(wanted, 2)
       ELSE x.step = '[' || sqlite.json_place(wanted, CASE json_typeof(node) WHEN 'array' THEN json_array_length(node) ELSE 0 END) || ']' END LIMIT 1;
    node := c.node_value; head := c.head; body := c.body;
  END LOOP;
END $$;
-- The bytes before the payload of a node.
CREATE OR REPLACE FUNCTION sqlite.json_head(node json) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT sqlite.json_bytes(payload) - payload FROM (SELECT sqlite.json_payload(node) AS payload) q
$$;
-- The node of which json_each() gives the elements.
CREATE OR REPLACE FUNCTION sqlite.json_root(doc text, root text) RETURNS json
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF root = '$' AND strpos(doc, '\') = 0 AND sqlite.json_is(doc) THEN RETURN doc::json; END IF;
  RETURN sqlite.json_at(sqlite.json_plain(doc), sqlite.json_steps(root));
END $$;
-- PostgreSQL makes it a part of the statement, and computes the columns alone that this one names: `id` takes long.
CREATE OR REPLACE FUNCTION sqlite.json_elements(doc text, root text DEFAULT '$')
RETURNS TABLE(key json, value json, type text, atom json, id bigint, parent bigint, fullkey text, path text, node json)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10 AS $$
  SELECT CASE WHEN i.name IS NOT NULL THEN to_json(i.name) WHEN i.place IS NOT NULL THEN (i.place - 1)::text::json END,
    CASE json_typeof(i.node) WHEN 'string' THEN i.node ELSE sqlite.json_value(i.node) END,
    sqlite.json_kind(i.node),
    CASE json_typeof(i.node) WHEN 'string' THEN i.node WHEN 'array' THEN NULL WHEN 'object' THEN NULL ELSE sqlite.json_value(i.node) END,
    (CASE WHEN i.place IS NULL THEN (n.start).head ELSE (n.start).body + n.header + coalesce(sum(
        CASE WHEN i.name IS NULL THEN 0 ELSE sqlite.json_bytes(octet_length(to_json(i.name)::text) - 2) END + sqlite.json_bytes(sqlite.json_payload(i.node))
      ) OVER (ORDER BY i.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) END)::bigint,
    NULL::bigint,
    root || CASE WHEN i.name ~ '^[A-Za-z][0-9A-Za-z]*$' THEN '.' || i.name WHEN i.name IS NOT NULL THEN '.' || to_json(i.name)::text
      WHEN i.place IS NOT NULL THEN '[' || i.place - 1 || ']' ELSE '' END,
    root,
    i.node
  FROM (
    SELECT sqlite.json_root(doc, root) AS node, sqlite.json_head(sqlite.json_root(doc, root)) AS header,
      sqlite.json_start(sqlite.json_doc(doc), CASE WHEN sqlite.json_root(doc, root) IS NULL THEN '{}' ELSE sqlite.json_steps(root) END) AS start OFFSET 0
  ) AS n, LATERAL (
    SELECT NULL::text AS name, a.node, a.place FROM json_array_elements(CASE json_typeof(n.node) WHEN 'array' THEN n.node ELSE '[]' END) WITH ORDINALITY AS a (node, place)
    UNION ALL
    SELECT o.name, o.node, o.place FROM json_each(CASE json_typeof(n.node) WHEN 'object' THEN n.node ELSE '{}' END) WITH ORDINALITY AS o (name, node, place)
    UNION ALL
    SELECT NULL, n.node, NULL WHERE json_typeof(n.node) NOT IN ('array', 'object')
  ) AS i
$$;
CREATE OR REPLACE FUNCTION sqlite.json_each(doc text, root text DEFAULT '$')
RETURNS TABLE(key json, value json, type text, atom json, id bigint, parent bigint, fullkey text, path text, embed text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10 AS $$
  SELECT e.key, e.value, e.type, e.atom, e.id, e.parent, e.fullkey, e.path, sqlite.json_embed(e.node) FROM sqlite.json_elements(doc, root) e
$$;
-- Where nothing but the values is read one array of them does; that of most documents is the text itself.
DO $do$ BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION sqlite.json_list_sure(doc text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
    CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SELECT doc IS JSON ARRAY'
      ELSE $sql$SELECT ltrim(doc, E' \t\n\r') LIKE '[%'$sql$ END
    || ' AND (octet_length(doc) <= 2000 OR NOT sqlite.json_deep(doc))');
END $do$;
CREATE OR REPLACE FUNCTION sqlite.json_values(doc text, root text) RETURNS json
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1 AS $$
DECLARE
  node json := sqlite.json_root(doc, root); kind text := json_typeof(node);
BEGIN
  RETURN CASE kind WHEN 'array' THEN node
    WHEN 'object' THEN (SELECT coalesce('[' || string_agg(e.value::text, ',' ORDER BY e.place) || ']', '[]')::json FROM json_each(node) WITH ORDINALITY AS e (name, value, place))
    ELSE ('[' || node::text || ']')::json END;
END $$;

CREATE OR REPLACE FUNCTION sqlite.json_walk(node json, name json, start bigint, head bigint, above bigint, own_path text, upper_path text)
RETURNS TABLE(key json, value json, type text, atom json, id bigint, parent bigint, fullkey text, path text, embed text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  c record;
BEGIN
  key := name; value := sqlite.json_value(node); type := sqlite.json_kind(node);
  atom := CASE WHEN type NOT IN ('array', 'object') THEN value END;
  id := head; parent := above; fullkey := own_path; path := upper_path; embed := sqlite.json_embed(node);
  RETURN NEXT;
  FOR c IN SELECT * FROM sqlite.json_children(node, start) LOOP
    RETURN QUERY SELECT * FROM sqlite.json_walk(c.node_value, c.key, c.body, c.head, json_walk.head, own_path || c.step, own_path);
  END LOOP;
END $$;
-- The key and the path of the node that json_tree() begins with. SQLite finds the container of the first of its elements alone, and
-- takes the whole path for the key of another: jsonEachPathLength() of json.c.
CREATE OR REPLACE FUNCTION sqlite.json_tree_place(whole json, root text, steps text[], OUT key json, OUT path text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  last text := steps[cardinality(steps)]; above json := sqlite.json_at(whole, trim_array(steps, least(1, cardinality(steps))));
BEGIN
  path := CASE WHEN last IS NULL THEN root ELSE '$' END;
  IF last IS NULL THEN RETURN; END IF;
  IF cardinality(steps) = 1 OR (CASE json_typeof(above) WHEN 'array' THEN sqlite.json_place(last, json_array_length(above)) = 0
    ELSE (SELECT c.key #>> '{}' = substr(last, 2) FROM sqlite.json_children(above, 0) c LIMIT 1) END)
  THEN
    path := regexp_replace(root, '(\."(?:[^"\\]|\\.)*"|\.[^."\[\]]+|\[(?:[0-9]+|#(?:-[0-9]+)?)\])$', '');
    key := CASE WHEN last LIKE '.%' THEN to_json(substr(last, 2)) ELSE coalesce(substring(last from '^\[(\d+)'), '0')::json END;
  ELSIF root LIKE '$[%' THEN key := coalesce(substring(root from '^\$\[(\d+)'), '0')::json;
  ELSE key := to_json(CASE WHEN root LIKE '$."%' THEN substr(root, 4, length(root) - 4) ELSE substr(root, 3) END);
  END IF;
END $$;
CREATE OR REPLACE FUNCTION sqlite.json_tree(doc text, root text DEFAULT '$')
RETURNS TABLE(key json, value json, type text, atom json, id bigint, parent bigint, fullkey text, path text, embed text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 100 AS $$
DECLARE
  whole json := sqlite.json_plain(doc); steps text[] := sqlite.json_steps(root); node json := sqlite.json_at(whole, steps);
  place record; shown record;
BEGIN
  IF node IS NULL THEN RETURN; END IF;
  place := sqlite.json_start(whole, steps);
  shown := sqlite.json_tree_place(whole, root, steps);
  RETURN QUERY SELECT * FROM sqlite.json_walk(node, shown.key, place.body, place.head, NULL, root, shown.path);
END $$;
