-- What statements that write ask of the server.

-- SQLite gives the next row the rowid behind the highest, so a rowid that was given moves the sequence past
-- itself. Small steps are taken with nextval, which no other session can undo; only a leap sets the sequence.
CREATE OR REPLACE FUNCTION sqlite.keep_rowid(given bigint, sequence regclass) RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
  last bigint := coalesce(pg_sequence_last_value(sequence), 0);
BEGIN
  IF given > last THEN
    IF given - last > 100 THEN
      PERFORM setval(sequence, given);
    ELSE
      WHILE nextval(sequence) < given LOOP
      END LOOP;
    END IF;
  END IF;
  RETURN given;
END
$$;

-- Stops a statement whose answer on SQLite cannot be told; see sqlState in postgres/errors.ts.
CREATE OR REPLACE FUNCTION sqlite.require(holds boolean, message text) RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $$
BEGIN
  IF holds IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = 'LS004', MESSAGE = message;
  END IF;
  RETURN holds;
END
$$;
