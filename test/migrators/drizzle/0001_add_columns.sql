ALTER TABLE `users` ADD `role` text DEFAULT 'member' NOT NULL;--> statement-breakpoint
ALTER TABLE `posts` ADD `views` real DEFAULT 0;--> statement-breakpoint
CREATE INDEX `posts_author_idx` ON `posts` (`author_id`,"title" DESC);--> statement-breakpoint
INSERT INTO `users` (`name`, `email`, `created_at`) VALUES ('Ann', 'ann@x', 1), ('Bob', 'bob@x', 2);--> statement-breakpoint
INSERT INTO `posts` (`id`, `author_id`, `title`) VALUES ('p1', 1, 'one'), ('p2', 2, 'two');
