-- format() and printf(). Rules: sqlite3_str_vappendf and sqlite3FpDecode, https://www.sqlite.org/printf.html

-- The significant digits of |x|, rounded to `places` of them (or, where that is not positive, to so many behind
-- the point), and where the point stands: 12.5 is `125` with its point behind 2.
CREATE OR REPLACE FUNCTION sqlite.decode_real(x float8, places int, most int, OUT digits text, OUT point int)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  rounded text;
BEGIN
  IF x = 0 THEN digits := '0'; point := 1; RETURN; END IF;
  SELECT r.digits, r.point INTO digits, point
    FROM sqlite.real_decimal(x, CASE WHEN places <= 0 OR places >= 18 THEN 18 ELSE places + 1 END) r;
  IF places <= 0 THEN
    places := point - places;
    IF places = 0 AND digits >= '5' THEN places := 1; digits := '0' || digits; point := point + 1; END IF;
  END IF;
  IF places > 0 AND (places < length(digits) OR length(digits) > most) THEN
    places := least(places, most);
    IF places = 17 THEN
      SELECT p.digits, p.exponent + 1 INTO digits, point FROM sqlite.real_places(x) p;
    ELSE
      rounded := left(digits, places);
      IF substr(digits, places + 1, 1) >= '5' THEN
        rounded := (rounded::numeric + 1)::text;
        rounded := lpad(rounded, greatest(places, length(rounded)), '0');
        point := point + length(rounded) - places;
      END IF;
      digits := rounded;
    END IF;
  END IF;
  digits := coalesce(nullif(rtrim(digits, '0'), ''), '0');
END $$;

CREATE OR REPLACE FUNCTION sqlite.with_commas(digits text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT reverse(regexp_replace(reverse(digits), '([0-9]{3})(?=[0-9])', '\1,', 'g'))
$$;

-- %d %i %u %o %x %X %r %p
CREATE OR REPLACE FUNCTION sqlite.format_integer(v bigint, kind text, flags text, width int, places int) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  signed boolean := kind IN ('d', 'i', 'r');
  sign text := ''; size numeric := v; digits text := ''; ending text := ''; last int;
BEGIN
  IF signed THEN
    sign := CASE WHEN v < 0 THEN '-' ELSE coalesce(right(regexp_replace(flags, '[^+ ]', '', 'g'), 1), '') END;
    size := abs(size);
  ELSIF v < 0 THEN size := size + 18446744073709551616;
  END IF;
  IF strpos(flags, '0') > 0 AND places < width - length(sign) THEN places := width - length(sign); END IF;
  IF kind = 'r' THEN
    last := (size % 10)::int;
    ending := CASE WHEN last > 3 OR div(size, 10) % 10 = 1 THEN 'th' ELSE (ARRAY['th', 'st', 'nd', 'rd'])[last + 1] END;
  END IF;
  IF kind IN ('x', 'X', 'p') THEN digits := to_hex(v);
  ELSIF kind = 'o' THEN
    LOOP digits := (size % 8)::text || digits; size := div(size, 8); EXIT WHEN size = 0; END LOOP;
  ELSE digits := size::text;
  END IF;
  IF kind IN ('X', 'p') THEN digits := upper(digits); END IF;
  digits := digits || ending;
  IF length(digits) < places THEN digits := lpad(digits, places, '0'); END IF;
  IF strpos(flags, ',') > 0 AND kind IN ('d', 'i', 'u') THEN digits := sqlite.with_commas(digits); END IF;
  IF strpos(flags, '#') > 0 AND v <> 0 THEN
    sign := sign || CASE kind WHEN 'o' THEN '0' WHEN 'x' THEN '0x' WHEN 'X' THEN '0X' WHEN 'p' THEN '0x' ELSE '' END;
  END IF;
  RETURN sign || digits;
END $$;

-- %f %e %E %g %G
CREATE OR REPLACE FUNCTION sqlite.format_real(x float8, kind text, flags text, width int, places int) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  alternate boolean := strpos(flags, '#') > 0; bang boolean := strpos(flags, '!') > 0;
  plus text := coalesce(right(regexp_replace(flags, '[^+ ]', '', 'g'), 1), '');
  sign text; digits text; point int; wanted int; scientific boolean; trimmed boolean; whole text; fraction text; result text; e int;
BEGIN
  places := CASE WHEN places < 0 THEN 6 ELSE places END;
  IF kind = 'f' THEN wanted := -places;
  ELSIF kind IN ('g', 'G') THEN places := greatest(places, 1); wanted := places;
  ELSE wanted := places + 1;
  END IF;
  IF abs(x) = 'Infinity' THEN
    IF strpos(flags, '0') = 0 THEN RETURN CASE WHEN x < 0 THEN '-' ELSE plus END || 'Inf'; END IF;
    digits := '9'; point := 1000;
  ELSE SELECT * INTO digits, point FROM sqlite.decode_real(x, wanted, CASE WHEN bang THEN 20 ELSE 16 END);
  END IF;
  sign := CASE WHEN x < 0 AND alternate AND plus = '' AND kind = 'f' AND point <= wanted THEN ''
    WHEN x < 0 THEN '-' ELSE plus END;
  scientific := kind IN ('e', 'E'); trimmed := bang;
  IF kind IN ('g', 'G') THEN
    places := places - 1; trimmed := NOT alternate;
    IF point - 1 < -4 OR point - 1 > places THEN scientific := true; ELSE places := places - (point - 1); END IF;
  END IF;
  e := point - 1;
  IF scientific THEN whole := left(digits, 1); fraction := substr(digits, 2);
  ELSIF point <= 0 THEN whole := '0'; fraction := repeat('0', -point) || digits;
  ELSE whole := rpad(left(digits, point), point, '0'); fraction := substr(digits, point + 1);
  END IF;
  IF strpos(flags, ',') > 0 AND NOT scientific THEN whole := sqlite.with_commas(whole); END IF;
  fraction := rpad(left(fraction, places), places, '0');
  IF trimmed THEN fraction := rtrim(fraction, '0'); END IF;
  IF fraction = '' THEN
    fraction := CASE WHEN trimmed AND bang THEN '.0' WHEN trimmed THEN '' WHEN places > 0 OR alternate OR bang THEN '.' ELSE '' END;
  ELSE fraction := '.' || fraction;
  END IF;
  result := whole || fraction;
  IF scientific THEN
    result := result || CASE WHEN kind IN ('E', 'G') THEN 'E' ELSE 'e' END || CASE WHEN e < 0 THEN '-' ELSE '+' END
      || lpad(abs(e)::text, greatest(2, length(abs(e)::text)), '0');
  END IF;
  IF strpos(flags, '0') > 0 AND strpos(flags, '-') = 0 AND length(sign) + length(result) < width THEN
    result := repeat('0', width - length(sign) - length(result)) || result;
  END IF;
  RETURN sign || result;
END $$;

-- %s %z %q %Q %w, whose widths and precisions count bytes, or characters with `!`.
CREATE OR REPLACE FUNCTION sqlite.format_text(t text, kind text, flags text, places int) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF kind IN ('q', 'Q') AND strpos(flags, '#') > 0 THEN
    RAISE EXCEPTION 'format() with %%#q or %%#Q is not carried over' USING ERRCODE = '0A000';
  END IF;
  IF t IS NULL THEN
    IF kind IN ('s', 'z') THEN RETURN ''; END IF;
    IF kind = 'Q' THEN RETURN left('NULL', CASE WHEN places < 0 THEN 4 ELSE places END); END IF;
    t := '(NULL)';
    kind := CASE kind WHEN 'Q' THEN 's' ELSE kind END;
  END IF;
  IF places >= 0 THEN
    IF strpos(flags, '!') > 0 THEN t := left(t, places);
    ELSE t := convert_from(substr(convert_to(t, 'UTF8'), 1, places), 'UTF8');
    END IF;
  END IF;
  RETURN CASE kind WHEN 'q' THEN replace(t, '''', '''''') WHEN 'Q' THEN '''' || replace(t, '''', '''''') || ''''
    WHEN 'w' THEN replace(t, '"', '""') ELSE t END;
END $$;

CREATE OR REPLACE FUNCTION sqlite.format(template text, VARIADIC args json[] DEFAULT '{}') RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  result text := ''; rest text := template; m text[]; k int := 1; flags text; kind text; width int; places int; piece text; missing int; converted boolean := false;
BEGIN
  LOOP
    missing := strpos(rest, '%');
    -- Where nothing was written, not even an empty text, it is NULL.
    IF missing = 0 THEN RETURN CASE WHEN converted OR rest <> '' OR result <> '' THEN result || rest END; END IF;
    result := result || left(rest, missing - 1);
    rest := substr(rest, missing + 1);
    IF rest = '' THEN RETURN result || '%'; END IF;
    m := regexp_match(rest, '^([-+ #!0,]*)([1-9][0-9]{0,8}|\*)?(\.(?:[0-9]{0,8}|\*))?(l{0,2})(.?)(.*)$');
    flags := m[1]; kind := m[5]; rest := m[6];
    IF m[2] = '*' THEN
      width := coalesce(sqlite.dynamic_integer(args[k]), 0); k := k + 1;
      IF width < 0 THEN flags := flags || '-'; width := -width; END IF;
    ELSE width := coalesce(m[2]::int, 0);
    END IF;
    IF m[3] = '.*' THEN places := abs(coalesce(sqlite.dynamic_integer(args[k]), 0)); k := k + 1;
    ELSE places := CASE WHEN m[3] IS NULL THEN -1 ELSE coalesce(nullif(substr(m[3], 2), ''), '0')::int END;
    END IF;
    CASE
      WHEN kind IN ('d', 'i', 'u', 'o', 'x', 'X', 'r', 'p') THEN
        piece := sqlite.format_integer(coalesce(sqlite.dynamic_integer(args[k]), 0), kind, flags, width, places); k := k + 1;
      WHEN kind IN ('f', 'e', 'E', 'g', 'G') THEN
        piece := sqlite.format_real(coalesce(sqlite.dynamic_real(args[k]), 0), kind, flags, width, places); k := k + 1;
      WHEN kind IN ('s', 'z', 'q', 'Q', 'w') THEN
        piece := sqlite.format_text(sqlite.dynamic_text(args[k]), kind, flags, places); k := k + 1;
      WHEN kind = 'c' THEN
        piece := left(sqlite.dynamic_text(args[k]), 1); k := k + 1; flags := flags || '!';
        IF coalesce(piece, '') = '' THEN RAISE EXCEPTION 'format() with %%c and no character makes a NUL, which PostgreSQL has not' USING ERRCODE = '22021'; END IF;
        piece := repeat(piece, greatest(places, 1));
      WHEN kind = '%' THEN piece := '%';
      WHEN kind = 'n' THEN piece := ''; width := 0;
      ELSE RETURN CASE WHEN converted OR result <> '' THEN result END;
    END CASE;
    converted := true;
    missing := width - CASE WHEN strpos(flags, '!') > 0 THEN length(piece) ELSE octet_length(piece) END;
    IF missing > 0 THEN
      piece := CASE WHEN strpos(flags, '-') > 0 THEN piece || repeat(' ', missing) ELSE repeat(' ', missing) || piece END;
    END IF;
    result := result || piece;
  END LOOP;
END $$;
