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

-- Fails as a CHECK constraint does: PostgreSQL's tables have none, as a row comes to them checked.
CREATE OR REPLACE FUNCTION sqlite.fail_check(message text) RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL SAFE COST 1 AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = '23514', MESSAGE = message;
END
$$;
