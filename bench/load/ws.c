#define _GNU_SOURCE
#include "ws.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10 };

static void fail(const char *what) {
  perror(what);
  exit(1);
}

uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

double now_seconds(void) { return (double)now_ns() * 1e-9; }

double processor_seconds(const char *ids) {
  double ticks = 0;
  for (const char *at = ids; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
    char file[64], text[1024];
    snprintf(file, sizeof file, "/proc/%d/stat", atoi(at));
    FILE *in = fopen(file, "r");
    if (!in) continue;
    text[fread(text, 1, sizeof text - 1, in)] = 0;
    fclose(in);
    // The name in brackets may hold anything: the numbers begin behind it.
    char *rest = strrchr(text, ')');
    unsigned long user = 0, system = 0;
    if (rest) sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    ticks += (double)(user + system);
  }
  return ticks / (double)sysconf(_SC_CLK_TCK);
}

static void shake_hands(int fd, int port, const char *path, const char *headers) {
  char request[8192], answer[8192];
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
                        path, port, headers);
  if (length >= (int)sizeof request || send(fd, request, (size_t)length, MSG_NOSIGNAL) != length) fail("handshake");
  // One byte at a time: what follows the head is frames.
  size_t got = 0;
  while (got < 4 || memcmp(answer + got - 4, "\r\n\r\n", 4) != 0) {
    if (got + 1 >= sizeof answer || recv(fd, answer + got, 1, 0) != 1) {
      fprintf(stderr, "handshake: the server hung up after %.*s\n", (int)got, answer);
      exit(1);
    }
    got++;
  }
  if (strncmp(answer, "HTTP/1.1 101", 12) != 0) {
    fprintf(stderr, "handshake: %.*s\n", (int)got, answer);
    exit(1);
  }
}

int tcp_open(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) fail("socket");
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

void ws_open(ws_conn *conn, int port, const char *path, const char *headers) {
  memset(conn, 0, sizeof *conn);
  conn->fd = tcp_open(port);
  shake_hands(conn->fd, port, path, headers);
  fcntl(conn->fd, F_SETFL, O_NONBLOCK);
}

static void queue(ws_conn *conn, const unsigned char *bytes, size_t length) {
  if (conn->unsent_length + length > conn->unsent_room) {
    conn->unsent_room = (conn->unsent_length + length) * 2;
    conn->unsent = realloc(conn->unsent, conn->unsent_room);
    if (!conn->unsent) fail("realloc");
  }
  memcpy(conn->unsent + conn->unsent_length, bytes, length);
  conn->unsent_length += length;
}

static void put(ws_conn *conn, const unsigned char *bytes, size_t length) {
  if (conn->closed) return;
  if (conn->unsent_length > 0) {
    queue(conn, bytes, length);
    return;
  }
  ssize_t sent = send(conn->fd, bytes, length, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) {
    conn->closed = true;
    return;
  }
  size_t taken = sent < 0 ? 0 : (size_t)sent;
  if (taken < length) queue(conn, bytes + taken, length - taken);
}

// Masked with zeros: a mask is asked for, and unmasking costs a server the same whatever it is.
static void put_frame(ws_conn *conn, int opcode, const char *payload, size_t length) {
  unsigned char small[2048];
  unsigned char *frame = length + 14 <= sizeof small ? small : malloc(length + 14);
  if (!frame) fail("malloc");
  size_t at = 0;
  frame[at++] = (unsigned char)(0x80 | opcode);
  if (length < 126) {
    frame[at++] = (unsigned char)(0x80 | length);
  } else if (length < 65536) {
    frame[at++] = 0x80 | 126;
    frame[at++] = (unsigned char)(length >> 8);
    frame[at++] = (unsigned char)length;
  } else {
    frame[at++] = 0x80 | 127;
    for (int shift = 56; shift >= 0; shift -= 8) frame[at++] = (unsigned char)((uint64_t)length >> shift);
  }
  memset(frame + at, 0, 4);
  at += 4;
  memcpy(frame + at, payload, length);
  put(conn, frame, at + length);
  if (frame != small) free(frame);
}

void ws_text(ws_conn *conn, const char *text, size_t length) { put_frame(conn, 1, text, length); }

bool ws_flush(ws_conn *conn) {
  if (conn->unsent_length == 0 || conn->closed) return false;
  ssize_t sent = send(conn->fd, conn->unsent, conn->unsent_length, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN) conn->closed = true;
    return !conn->closed;
  }
  memmove(conn->unsent, conn->unsent + sent, conn->unsent_length - (size_t)sent);
  conn->unsent_length -= (size_t)sent;
  return conn->unsent_length > 0;
}

// Takes one byte of a header; true when the header is whole.
static bool take_header(ws_conn *conn, unsigned char byte) {
  conn->header[conn->header_length++] = byte;
  if (conn->header_length < 2) return false;
  int length = conn->header[1] & 127;
  int whole = length < 126 ? 2 : length == 126 ? 4 : 10;
  if (conn->header_length < whole) return false;
  conn->opcode = conn->header[0] & 15;
  conn->payload_left = whole == 2 ? (uint64_t)length : 0;
  for (int i = 2; i < whole; i++) conn->payload_left = conn->payload_left << 8 | conn->header[i];
  conn->header_length = 0;
  return true;
}

bool ws_read(ws_conn *conn, ws_take take, void *context) {
  static unsigned char buffer[1 << 18];
  for (;;) {
    ssize_t got = recv(conn->fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN) return true;
    if (got <= 0) {
      conn->closed = true;
      return false;
    }
    for (size_t at = 0; at < (size_t)got;) {
      if (conn->payload_left == 0) {
        if (!take_header(conn, buffer[at++])) continue;
        if (conn->opcode == OP_PING) put_frame(conn, OP_PONG, "", 0);
        if (conn->payload_left == 0) take(context, conn->opcode, buffer + at, 0, true);
        continue;
      }
      size_t there = (size_t)got - at;
      size_t length = conn->payload_left < there ? (size_t)conn->payload_left : there;
      conn->payload_left -= length;
      take(context, conn->opcode, buffer + at, length, conn->payload_left == 0);
      at += length;
    }
    if ((size_t)got < sizeof buffer) return true;
  }
}

typedef struct {
  const char *text;
  bool found;
} awaited;

static void look(void *context, int opcode, const unsigned char *bytes, size_t length, bool ends) {
  awaited *what = context;
  (void)opcode;
  (void)ends;
  if (memmem(bytes, length, what->text, strlen(what->text))) what->found = true;
}

void ws_say(ws_conn *conn, const char *field) {
  if (field[0] != '?') {
    ws_text(conn, field, strlen(field));
    return;
  }
  awaited what = {.text = field + 1, .found = false};
  for (int tries = 0; tries < 100 && !what.found; tries++) {
    struct pollfd poll_one = {.fd = conn->fd, .events = POLLIN};
    poll(&poll_one, 1, 100);
    if (!ws_read(conn, look, &what)) break;
  }
  if (!what.found) {
    fprintf(stderr, "the server did not say %s\n", field + 1);
    exit(1);
  }
}

void unescape(char *text) {
  char *out = text;
  for (char *in = text; *in; in++) {
    char next = in[0] == '\\' ? in[1] : 0;
    if (next == 'r' || next == 'n' || next == 't') {
      *out++ = next == 'r' ? '\r' : next == 'n' ? '\n' : '\t';
      in++;
    } else {
      *out++ = *in;
    }
  }
  *out = 0;
}

static ws_line split(char *text) {
  ws_line line = {.fields = NULL, .count = 0};
  for (char *field = strsep(&text, "\t"); field; field = strsep(&text, "\t")) {
    line.fields = realloc(line.fields, sizeof(char *) * (size_t)(line.count + 1));
    if (!line.fields) fail("realloc");
    unescape(field);
    line.fields[line.count++] = field;
  }
  return line;
}

ws_line *read_script(const char *file, int *lines) {
  FILE *in = fopen(file, "r");
  if (!in) fail(file);
  ws_line *all = NULL;
  char *text = NULL;
  size_t room = 0;
  ssize_t length;
  *lines = 0;
  while ((length = getline(&text, &room, in)) > 0) {
    if (text[length - 1] == '\n') text[length - 1] = 0;
    all = realloc(all, sizeof *all * (size_t)(*lines + 1));
    if (!all) fail("realloc");
    all[(*lines)++] = split(strdup(text));
  }
  free(text);
  fclose(in);
  return all;
}
