-- The date and time functions as translated statements call them: the time value as text, as a number or as
-- a dynamic value, and the modifiers; stable, and immutable with `_i`. See date.sql.
CREATE OR REPLACE FUNCTION sqlite.date(value text, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.date_of(sqlite.now(), value, NULL, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.date(value float8, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.date_of(sqlite.now(), NULL, value, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.date(value json, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.date_of(sqlite.now(), sqlite.moment_text(value), sqlite.moment_number(value), modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.date_i(value text, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.date_of(NULL, value, NULL, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.date_i(value float8, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.date_of(NULL, NULL, value, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.date_i(value json, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.date_of(NULL, sqlite.moment_text(value), sqlite.moment_number(value), modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.time(value text, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.time_of(sqlite.now(), value, NULL, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.time(value float8, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.time_of(sqlite.now(), NULL, value, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.time(value json, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.time_of(sqlite.now(), sqlite.moment_text(value), sqlite.moment_number(value), modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.time_i(value text, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.time_of(NULL, value, NULL, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.time_i(value float8, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.time_of(NULL, NULL, value, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.time_i(value json, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.time_of(NULL, sqlite.moment_text(value), sqlite.moment_number(value), modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.datetime(value text, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.datetime_of(sqlite.now(), value, NULL, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.datetime(value float8, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.datetime_of(sqlite.now(), NULL, value, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.datetime(value json, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.datetime_of(sqlite.now(), sqlite.moment_text(value), sqlite.moment_number(value), modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.datetime_i(value text, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.datetime_of(NULL, value, NULL, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.datetime_i(value float8, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.datetime_of(NULL, NULL, value, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.datetime_i(value json, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.datetime_of(NULL, sqlite.moment_text(value), sqlite.moment_number(value), modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.julianday(value text, VARIADIC modifiers text[] DEFAULT '{}') RETURNS float8
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.julianday_of(sqlite.now(), value, NULL, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.julianday(value float8, VARIADIC modifiers text[] DEFAULT '{}') RETURNS float8
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.julianday_of(sqlite.now(), NULL, value, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.julianday(value json, VARIADIC modifiers text[] DEFAULT '{}') RETURNS float8
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.julianday_of(sqlite.now(), sqlite.moment_text(value), sqlite.moment_number(value), modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.julianday_i(value text, VARIADIC modifiers text[] DEFAULT '{}') RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.julianday_of(NULL, value, NULL, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.julianday_i(value float8, VARIADIC modifiers text[] DEFAULT '{}') RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.julianday_of(NULL, NULL, value, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.julianday_i(value json, VARIADIC modifiers text[] DEFAULT '{}') RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.julianday_of(NULL, sqlite.moment_text(value), sqlite.moment_number(value), modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.unixepoch(value text, VARIADIC modifiers text[] DEFAULT '{}') RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.unixepoch_of(sqlite.now(), value, NULL, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.unixepoch(value float8, VARIADIC modifiers text[] DEFAULT '{}') RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.unixepoch_of(sqlite.now(), NULL, value, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.unixepoch(value json, VARIADIC modifiers text[] DEFAULT '{}') RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.unixepoch_of(sqlite.now(), sqlite.moment_text(value), sqlite.moment_number(value), modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.unixepoch_i(value text, VARIADIC modifiers text[] DEFAULT '{}') RETURNS json
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.unixepoch_of(NULL, value, NULL, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.unixepoch_i(value float8, VARIADIC modifiers text[] DEFAULT '{}') RETURNS json
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.unixepoch_of(NULL, NULL, value, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.unixepoch_i(value json, VARIADIC modifiers text[] DEFAULT '{}') RETURNS json
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.unixepoch_of(NULL, sqlite.moment_text(value), sqlite.moment_number(value), modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.strftime(template text, value text, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.strftime_of(template, sqlite.now(), value, NULL, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.strftime(template text, value float8, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.strftime_of(template, sqlite.now(), NULL, value, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.strftime(template text, value json, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sqlite.strftime_of(template, sqlite.now(), sqlite.moment_text(value), sqlite.moment_number(value), modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.timediff(a json, b json) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sqlite.timediff_of(sqlite.now(), sqlite.moment_text(a), sqlite.moment_number(a), sqlite.moment_text(b), sqlite.moment_number(b))
$$;
CREATE OR REPLACE FUNCTION sqlite.strftime_i(template text, value text, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.strftime_of(template, NULL, value, NULL, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.strftime_i(template text, value float8, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.strftime_of(template, NULL, NULL, value, modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.strftime_i(template text, value json, VARIADIC modifiers text[] DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sqlite.strftime_of(template, NULL, sqlite.moment_text(value), sqlite.moment_number(value), modifiers) $$;
CREATE OR REPLACE FUNCTION sqlite.timediff_i(a json, b json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sqlite.timediff_of(NULL, sqlite.moment_text(a), sqlite.moment_number(a), sqlite.moment_text(b), sqlite.moment_number(b))
$$;
