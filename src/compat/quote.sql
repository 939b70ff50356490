-- quote() and unistr_quote(): a value as a literal of SQL. Rules: quoteFunc, https://www.sqlite.org/lang_corefunc.html#quote

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
