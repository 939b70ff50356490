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

-- As OP_MustBeInt has it: an INTEGER, or what is one by NUMERIC affinity without loss; NULL where it is none.
CREATE OR REPLACE FUNCTION sqlite.whole_or_null(j json) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN sqlite.dynamic_is_integer(n) THEN sqlite.dynamic_integer(n)
    WHEN json_typeof(n) = 'number' AND abs(sqlite.dynamic_real(n)) < 9223372036854775807
      AND trunc(sqlite.dynamic_real(n)) = sqlite.dynamic_real(n) THEN sqlite.dynamic_real(n)::bigint END
  FROM (SELECT CASE WHEN json_typeof(j) = 'string' THEN sqlite.apply_numeric(j) ELSE j END AS n) q
$$;
-- A LIMIT or OFFSET. Stable, as what fails must not fail before the statement comes to it.
CREATE OR REPLACE FUNCTION sqlite.whole(j json) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  n bigint := sqlite.whole_or_null(j);
BEGIN
  IF n IS NULL THEN RAISE EXCEPTION USING ERRCODE = 'LS006', MESSAGE = 'datatype mismatch'; END IF;
  RETURN n;
END
$$;

-- The distance of lag() and lead(): one that is no whole number, or NULL, leads to no row, as one does that is
-- beyond every row.
CREATE OR REPLACE FUNCTION sqlite.window_distance(j json) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT least(greatest(coalesce(sqlite.whole_or_null(j), 2147483647), -2147483647), 2147483647)::int
$$;
-- Of the rows that follow, lag() finds on SQLite those that it happens to have read.
CREATE OR REPLACE FUNCTION sqlite.window_lag(j json) RETURNS int
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  PERFORM sqlite.require(coalesce(sqlite.whole_or_null(j), 0) >= 0, 'lag() with a negative distance: use lead()');
  RETURN sqlite.window_distance(j);
END
$$;
-- The place of nth_value().
CREATE OR REPLACE FUNCTION sqlite.window_place(j json) RETURNS int
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  n bigint := sqlite.whole_or_null(j);
BEGIN
  IF n IS NULL OR n <= 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'LS007', MESSAGE = 'second argument to nth_value must be a positive integer';
  END IF;
  RETURN least(n, 2147483647);
END
$$;
-- The number of groups of ntile().
CREATE OR REPLACE FUNCTION sqlite.window_tiles(n bigint) RETURNS int
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  IF n IS NULL OR n <= 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'LS007', MESSAGE = 'argument of ntile must be a positive integer';
  END IF;
  RETURN least(n, 2147483647);
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

-- What the INSTEAD OF triggers of a view do for one row; false, as SQLite counts no row for it. `program` has a
-- trigger after the other: `{"when": text, "actions": [...]}`, and an action is `{"text", "rowid"}`, or
-- `{"text", "raises": [{"kind", "message"}]}` for a query of the RAISE that each row calls for. `$1` in a text is
-- `args`, `$2` the rowid of the last row that the trigger has inserted. For the settings see schema/trigger-function.ts.
CREATE OR REPLACE FUNCTION sqlite.instead_of(program jsonb, args text[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  body jsonb; action jsonb; holds boolean; called text; made bigint; last bigint;
  began text := statement_timestamp()::text;
  behind boolean := coalesce(began IN (current_setting('lockstep.row', true), current_setting('lockstep.wrote', true)), false);
BEGIN
  PERFORM set_config('lockstep.row', began, true);
  FOR body IN SELECT * FROM jsonb_array_elements(program) LOOP
    last := NULL;
    IF body ->> 'when' IS NOT NULL THEN
      EXECUTE body ->> 'when' INTO holds USING args, last;
      CONTINUE WHEN NOT holds;
    END IF;
    FOR action IN SELECT * FROM jsonb_array_elements(body -> 'actions') LOOP
      IF action ? 'raises' THEN
        FOR called IN EXECUTE action ->> 'text' USING args, last LOOP
          CONTINUE WHEN called IS NULL;
          IF sqlite.raise(action -> 'raises' -> called::int, behind) THEN RETURN false; END IF;
        END LOOP;
      ELSE
        behind := true;
        PERFORM set_config('lockstep.wrote', began, true);
        IF (action ->> 'rowid')::boolean THEN
          FOR made IN EXECUTE action ->> 'text' USING args, last LOOP last := coalesce(made, last); END LOOP;
        ELSE
          EXECUTE action ->> 'text' USING args, last;
        END IF;
      END IF;
    END LOOP;
  END LOOP;
  RETURN false;
END
$$;
-- RAISE(): true for IGNORE, an error otherwise. FAIL leaves what the statement has done before, as ABORT does where
-- that is nothing.
CREATE OR REPLACE FUNCTION sqlite.raise(call jsonb, behind boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $$
BEGIN
  IF call ->> 'kind' = 'ignore' THEN RETURN true; END IF;
  IF call ->> 'kind' = 'fail' THEN
    PERFORM sqlite.require(NOT behind,
      'RAISE(FAIL) behind rows that the statement has changed already, which SQLite keeps. Use RAISE(ABORT)');
  END IF;
  RAISE EXCEPTION USING ERRCODE = CASE call ->> 'kind' WHEN 'rollback' THEN 'LS011' ELSE 'LS010' END,
    MESSAGE = call ->> 'message';
END
$$;
-- Before a trigger has inserted a row the answer would be that of the statement around it.
CREATE OR REPLACE FUNCTION sqlite.known_rowid(last bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $$
BEGIN
  PERFORM sqlite.require(last IS NOT NULL, 'last_insert_rowid() in a trigger that has inserted no row');
  RETURN last;
END
$$;
