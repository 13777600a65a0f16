// HTTP calls from within a load program, so that what they bring about is seen by the same clock and nothing waits for another
// process. No TLS; an answer has to say its length.
#ifndef PORTCULLIS_BENCH_CALLS_H
#define PORTCULLIS_BENCH_CALLS_H

#include <stdbool.h>
#include <stdint.h>

// Ids of epoll events from here on are connections of calls.
#define CALL_EVENT 0x80000000u

void calls_setup(int epoll_fd, int port);
// Sends a request, the whole of it as the file has it, on a connection of its own or an idle one. Answers its number.
int call_begin(const char *file);
// Reads what has come; true when an answer is whole.
bool call_read(uint32_t event);
// All calls so far as JSON: `[{"begun":NS,"answered":NS,"status":N}, …]`, 0 for what has not come.
void calls_write(void);

#endif
