#pragma once

// An alternate stack of this program's, in this thread.
void set_altstack(void);

// Where the handler of `number` runs, and the flags that a query tells of it.
void show(const char *when, int number);

void handle(int number);
