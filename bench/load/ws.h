// One WebSocket client connection over loopback: handshake, masked text frames out, frames in. No TLS, no extensions.
#ifndef PORTCULLIS_BENCH_WS_H
#define PORTCULLIS_BENCH_WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  int fd;
  // Of the frame that is being read: bytes of its header so far, and bytes of its payload still to come.
  unsigned char header[10];
  int header_length;
  uint64_t payload_left;
  int opcode;
  // What the socket did not take yet.
  unsigned char *unsent;
  size_t unsent_length;
  size_t unsent_room;
  bool closed;
} ws_conn;

// Called for each piece of a frame's payload, in order; `ends` with the last piece of a message.
typedef void (*ws_take)(void *context, int opcode, const unsigned char *bytes, size_t length, bool ends);

double now_seconds(void);
uint64_t now_ns(void);
// Processor seconds that these processes (ids with commas between) have used.
double processor_seconds(const char *ids);

// Connects to a port of this machine. Exits with a word on failure.
int tcp_open(int port);
// Connects, upgrades and leaves the socket non-blocking. Exits with a word on failure. `headers` end in \r\n each, or "".
void ws_open(ws_conn *conn, int port, const char *path, const char *headers);
// Queues what the socket does not take; ws_flush sends it. False once nothing waits.
void ws_text(ws_conn *conn, const char *text, size_t length);
bool ws_flush(ws_conn *conn);
// Reads what has arrived. Answers pings. False when the connection is at its end.
bool ws_read(ws_conn *conn, ws_take take, void *context);
// Says what a connection says on arrival. A field "?TEXT" waits until a message with TEXT has come.
void ws_say(ws_conn *conn, const char *field);

// Turns the two characters \r, \n and \t into what they stand for, in place.
void unescape(char *text);
// Reads a file of lines; fields of a line are separated by tabs. Exits with a word on failure.
typedef struct {
  char **fields;
  int count;
} ws_line;
ws_line *read_script(const char *file, int *lines);

#endif
