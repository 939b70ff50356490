-- What statements that write ask of the server.

-- Stops a statement whose answer on SQLite cannot be told; see sqlState in postgres/errors.ts.
CREATE OR REPLACE FUNCTION sqlite.require(holds boolean, message text) RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $$
BEGIN
  IF holds IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = 'LS005', MESSAGE = message;
  END IF;
  RETURN holds;
END
$$;

-- A rowid that SET gives; SQLite's message where it is none.
CREATE OR REPLACE FUNCTION sqlite.rowid(given bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $$
BEGIN
  IF given IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'LS006', MESSAGE = 'datatype mismatch';
  END IF;
  RETURN given;
END
$$;

-- A rowid that is only looked at: NULL where the value is none, which fails when its row is written.
CREATE OR REPLACE FUNCTION sqlite.seen_rowid(value json) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(n) THEN n::text::bigint
    WHEN json_typeof(n) = 'number' AND sqlite.dynamic_real(n) = trunc(sqlite.dynamic_real(n)) AND abs(sqlite.dynamic_real(n)) < 9223372036854775807
      THEN sqlite.dynamic_real(n)::bigint END
  FROM (SELECT sqlite.apply_numeric(value) AS n) q
$$;

-- Fails as a CHECK constraint does: PostgreSQL's tables have none, as a row comes to them checked.
CREATE OR REPLACE FUNCTION sqlite.fail_check(message text) RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL SAFE COST 1 AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = '23514', MESSAGE = message;
END
$$;
