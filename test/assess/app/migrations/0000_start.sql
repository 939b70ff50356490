CREATE TABLE `users` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`email` text NOT NULL UNIQUE,
	`name` text,
	`created_at` text DEFAULT (datetime('now')) NOT NULL
);
--> statement-breakpoint
CREATE TABLE `orders` (
	`id` integer PRIMARY KEY NOT NULL,
	`user_id` integer NOT NULL REFERENCES `users`(`id`) ON DELETE cascade,
	`total` real DEFAULT 0 NOT NULL,
	`meta` text
);
--> statement-breakpoint
CREATE INDEX `orders_user` ON `orders` (`user_id`);
--> statement-breakpoint
CREATE VIRTUAL TABLE notes_fts USING fts5(title, body);
