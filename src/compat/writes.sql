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
