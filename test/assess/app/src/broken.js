const half = `SELECT id FROM users
