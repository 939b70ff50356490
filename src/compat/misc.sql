-- What belongs to no other group.

CREATE OR REPLACE FUNCTION sqlite.typeof(j json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE json_typeof(j) WHEN 'string' THEN 'text' WHEN 'object' THEN 'blob'
    WHEN 'number' THEN CASE WHEN sqlite.dynamic_is_integer(j) THEN 'integer' ELSE 'real' END ELSE 'null' END
$$;
CREATE OR REPLACE FUNCTION sqlite.quote(s text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN s IS NULL THEN 'NULL' ELSE '''' || replace(s, '''', '''''') || '''' END $$;
CREATE OR REPLACE FUNCTION sqlite.quote(j json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE json_typeof(j) WHEN 'string' THEN sqlite.quote(j #>> '{}') WHEN 'object' THEN 'X''' || (j ->> 'blob') || ''''
    WHEN 'number' THEN CASE WHEN sqlite.dynamic_is_integer(j) THEN sqlite.dynamic_text(j) ELSE sqlite.json_real(sqlite.dynamic_real(j)) END
    ELSE 'NULL' END
$$;
-- Text with control characters as a call of unistr(), which a shell can take.
CREATE OR REPLACE FUNCTION sqlite.unistr_quote(s text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  result text := '';
  c text;
BEGIN
  IF s IS NULL OR s !~ '[\x01-\x1f]' THEN RETURN sqlite.quote(s); END IF;
  FOREACH c IN ARRAY regexp_split_to_array(s, '') LOOP
    result := result || CASE WHEN c = '\' THEN '\\' WHEN c = '''' THEN '''''' WHEN c ~ '[\x01-\x1f]' THEN '\u' || lpad(to_hex(ascii(c)), 4, '0') ELSE c END;
  END LOOP;
  RETURN 'unistr(''' || result || ''')';
END $$;
CREATE OR REPLACE FUNCTION sqlite.unistr_quote(j json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(j) = 'string' THEN sqlite.unistr_quote(j #>> '{}') ELSE sqlite.quote(j) END
$$;

-- 64 bits of which PostgreSQL's generator gives 32 at a time.
CREATE OR REPLACE FUNCTION sqlite.random() RETURNS bigint
LANGUAGE sql VOLATILE PARALLEL RESTRICTED AS $$
  SELECT (floor(random() * 4294967296)::bigint << 32) | floor(random() * 4294967296)::bigint
$$;
CREATE OR REPLACE FUNCTION sqlite.randomblob(n bigint) RETURNS bytea
LANGUAGE sql VOLATILE PARALLEL RESTRICTED AS $$
  SELECT substr(string_agg(decode(md5(gen_random_uuid()::text), 'hex'), ''), 1, greatest(coalesce(n, 1), 1)::int)
  FROM generate_series(0, (greatest(coalesce(n, 1), 1) - 1) / 16)
$$;
CREATE OR REPLACE FUNCTION sqlite.zeroblob(n bigint) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT decode(repeat('00', greatest(coalesce(n, 0), 0)::int), 'hex') $$;
