/**
 * A shop as SQLite files in the wild are: every kind of key, names with spaces and in mixed case, dates and
 * JSON in text, partial and expression indexes, cascades, a tree, a trigger that writes an audit log.
 */
export const shopSchema: string = `
CREATE TABLE "customers" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "email" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "phone" TEXT,
  "is_active" BOOLEAN NOT NULL DEFAULT 1,
  "loyalty_number" INTEGER NOT NULL,
  "preferences" TEXT NOT NULL DEFAULT '{}',
  "created_at" DATETIME NOT NULL,
  "updated_at" TEXT,
  "version" INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX "customers_email" ON "customers" (lower("email"));
CREATE UNIQUE INDEX "customers_phone" ON "customers" ("phone") WHERE "phone" IS NOT NULL AND "phone" <> '';

CREATE TABLE "addresses" (
  "id" INTEGER PRIMARY KEY,
  "customer_id" INTEGER NOT NULL REFERENCES "customers" ("id") ON DELETE CASCADE,
  "label" VARCHAR(20) NOT NULL DEFAULT 'home',
  "street" TEXT NOT NULL,
  "city" TEXT NOT NULL,
  "postal_code" TEXT
);
CREATE INDEX "addresses_customer" ON "addresses" ("customer_id");

CREATE TABLE "Categories" (
  "CategoryId" INTEGER PRIMARY KEY,
  "ParentId" INTEGER REFERENCES "Categories" ("CategoryId"),
  "Title" NVARCHAR(120) NOT NULL
);

CREATE TABLE "products" (
  "id" INTEGER PRIMARY KEY,
  "sku" TEXT NOT NULL UNIQUE,
  "CategoryId" INTEGER REFERENCES "Categories" ("CategoryId"),
  "title" TEXT NOT NULL,
  "weight_kg" REAL,
  "price_cents" INTEGER NOT NULL,
  "photo" BLOB,
  "attributes" TEXT,
  "version" INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE "product tags" (
  "product_id" INTEGER NOT NULL REFERENCES "products" ("id") ON DELETE CASCADE,
  "tag" TEXT NOT NULL,
  "Added By" TEXT,
  PRIMARY KEY ("product_id", "tag")
) WITHOUT ROWID;

CREATE TABLE "warehouses" (
  "code" TEXT NOT NULL PRIMARY KEY,
  "name" TEXT NOT NULL,
  "latitude" REAL,
  "longitude" REAL
);

CREATE TABLE "stock" (
  "warehouse" TEXT NOT NULL REFERENCES "warehouses" ("code"),
  "product_id" INTEGER NOT NULL REFERENCES "products" ("id"),
  "on_hand" INTEGER NOT NULL,
  "moves" INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY ("warehouse", "product_id")
);

CREATE TABLE "orders" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "customer_id" INTEGER NOT NULL REFERENCES "customers" ("id") ON DELETE CASCADE,
  "reference" TEXT NOT NULL UNIQUE,
  "placed_at" DATETIME NOT NULL,
  "status" TEXT NOT NULL DEFAULT 'open',
  "total_cents" INTEGER NOT NULL,
  "note" TEXT
);
CREATE INDEX "orders_customer" ON "orders" ("customer_id", "placed_at" DESC);

CREATE TABLE "order_lines" (
  "order_id" INTEGER NOT NULL REFERENCES "orders" ("id") ON DELETE CASCADE,
  "line" INTEGER NOT NULL,
  "product_id" INTEGER NOT NULL REFERENCES "products" ("id"),
  "quantity" INTEGER NOT NULL CHECK ("quantity" > 0),
  "price_cents" INTEGER NOT NULL,
  "discount" REAL NOT NULL DEFAULT 0,
  PRIMARY KEY ("order_id", "line")
);
CREATE INDEX "order_lines_product" ON "order_lines" ("product_id");

CREATE TABLE "payments" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "order_id" INTEGER NOT NULL REFERENCES "orders" ("id") ON DELETE CASCADE,
  "amount" REAL NOT NULL,
  "provider_reference" INTEGER NOT NULL,
  "raw" BLOB
);
CREATE INDEX "payments_order" ON "payments" ("order_id");

CREATE TABLE "sessions" (
  "token" BLOB NOT NULL PRIMARY KEY,
  "customer_id" INTEGER REFERENCES "customers" ("id") ON DELETE CASCADE,
  "data" TEXT NOT NULL,
  "hits" INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE "settings" (
  "name" TEXT NOT NULL PRIMARY KEY,
  "value" TEXT,
  "changes" INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE "page views" (
  "seen_at" TEXT NOT NULL,
  "Path" TEXT NOT NULL,
  "visitor" INTEGER,
  "marker" TEXT
);
CREATE INDEX "page views by marker" ON "page views" ("marker");

CREATE TABLE "audit log" (
  "id" INTEGER PRIMARY KEY,
  "customer_id" INTEGER NOT NULL,
  "version" INTEGER NOT NULL,
  "change" TEXT NOT NULL
);
CREATE INDEX "audit log by customer" ON "audit log" ("customer_id", "version");
`

/** Created after the rows, as a file that has lived for a while has more audit rows than it has triggers. */
export const shopTrigger: string = `
CREATE TRIGGER "customers_touched" AFTER UPDATE OF "name", "phone", "preferences", "version" ON "customers"
BEGIN
  UPDATE "customers" SET "updated_at" = strftime('%Y-%m-%d %H:%M:%f', 'now') WHERE "id" = NEW."id";
  INSERT INTO "audit log" ("customer_id", "version", "change") VALUES (NEW."id", NEW."version", 'edited');
END;
`

/**
 * The same trigger for PostgreSQL, as an operator writes it. It leaves the applier's transactions alone: the
 * rows that those bring have been through SQLite's trigger already.
 */
export const shopTriggerTwin: string = `
CREATE FUNCTION customers_touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "customers"
     SET "updated_at" = to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')
   WHERE "id" = NEW."id";
  INSERT INTO "audit log" ("customer_id", "version", "change") VALUES (NEW."id", NEW."version", 'edited');
  RETURN NULL;
END $$;
CREATE TRIGGER "customers_touched"
  AFTER UPDATE OF "name", "phone", "preferences", "version" ON "customers"
  FOR EACH ROW WHEN (current_setting('lockstep.applying', true) IS DISTINCT FROM 'on')
  EXECUTE FUNCTION customers_touched();
`
