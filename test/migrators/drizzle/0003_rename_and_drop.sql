ALTER TABLE `users_to_groups` RENAME TO `members`;--> statement-breakpoint
ALTER TABLE `members` RENAME COLUMN "group_id" TO "team_id";--> statement-breakpoint
DROP INDEX `posts_author_idx`;--> statement-breakpoint
ALTER TABLE `posts` DROP COLUMN `views`;--> statement-breakpoint
CREATE TABLE `audit` (
	`id` integer PRIMARY KEY,
	`line` text
);
--> statement-breakpoint
INSERT INTO `audit` (`line`) SELECT 'migrated ' || `name` FROM `users` ORDER BY `id`;--> statement-breakpoint
CREATE VIEW `authors` AS select "users"."name", count(*) as "posts" from "users" inner join "posts" on "posts"."author_id" = "users"."id" group by "users"."name";
