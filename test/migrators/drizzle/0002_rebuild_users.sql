PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_users` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`email` text NOT NULL,
	`age` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`role` text DEFAULT 'member' NOT NULL,
	CONSTRAINT "name_check" CHECK(length("__new_users"."name") > 1)
);
--> statement-breakpoint
INSERT INTO `__new_users`("id", "name", "email", "age", "created_at", "role") SELECT "id", "name", "email", "age", "created_at", "role" FROM `users`;--> statement-breakpoint
DROP TABLE `users`;--> statement-breakpoint
ALTER TABLE `__new_users` RENAME TO `users`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`);
