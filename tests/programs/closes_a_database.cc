// Adds one row, begins to add another, and ends by argv[2], a word that end_by knows. Closing the database
// argv[1] rolls back what is not committed, and removes the log that SQLite keeps beside it.
#include <sqlite3.h>

#include <axshim/axshim.hpp>

#include "ends/causes.c"

static void run(sqlite3 *database, const char *sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(database));
}

int main(int, char **argv) {
  sqlite3 *books = nullptr;
  if (sqlite3_open(argv[1], &books) != SQLITE_OK) return 9;
  axshim::at_exit(sqlite3_close, books);
  run(books, "PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS sales (amount)");
  run(books, "INSERT INTO sales VALUES (1)");
  run(books, "BEGIN; INSERT INTO sales VALUES (1000)");
  end_by(argv[2]);
}
