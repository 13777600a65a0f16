#define _GNU_SOURCE
#include "calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ws.h"

enum { LONGEST = 65536 };

typedef struct {
  uint64_t begun, answered;
  int status;
} call;

typedef struct {
  int fd;
  // The call it carries; -1 while it is idle.
  int call;
  char answer[LONGEST];
  size_t length;
} line;

static int epoll_fd, port;
static call *calls;
static int call_count;
static line **lines;
static int line_count;

void calls_setup(int epoll, int to) {
  epoll_fd = epoll;
  port = to;
}

static line *idle_line(void) {
  for (int i = 0; i < line_count; i++) {
    if (lines[i]->call < 0) return lines[i];
  }
  line *fresh = calloc(1, sizeof *fresh);
  fresh->fd = tcp_open(port);
  lines = realloc(lines, sizeof *lines * (size_t)(line_count + 1));
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = CALL_EVENT | (uint32_t)line_count};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fresh->fd, &event);
  lines[line_count++] = fresh;
  return fresh;
}

int call_begin(const char *file) {
  char request[LONGEST];
  FILE *in = fopen(file, "r");
  size_t length = in ? fread(request, 1, sizeof request, in) : 0;
  if (in) fclose(in);
  line *on = idle_line();
  on->call = call_count++;
  on->length = 0;
  calls = realloc(calls, sizeof *calls * (size_t)call_count);
  calls[on->call] = (call){.begun = now_ns()};
  if (length == 0 || send(on->fd, request, length, MSG_NOSIGNAL) != (ssize_t)length) {
    perror(file);
    exit(1);
  }
  return on->call;
}

// Where the answer ends, or 0 while its head has not come.
static size_t end_of(const line *of) {
  const char *body = memmem(of->answer, of->length, "\r\n\r\n", 4);
  if (!body) return 0;
  const char *length = strcasestr(of->answer, "content-length:");
  return (size_t)(body + 4 - of->answer) + (length && length < body ? strtoul(length + 15, NULL, 10) : 0);
}

bool call_read(uint32_t event) {
  line *of = lines[event & ~CALL_EVENT];
  ssize_t got = recv(of->fd, of->answer + of->length, sizeof of->answer - of->length - 1, 0);
  if (got <= 0) {
    if (of->call >= 0) fprintf(stderr, "a call was not answered\n");
    epoll_ctl(epoll_fd, EPOLL_CTL_DEL, of->fd, NULL);
    close(of->fd);
    of->fd = of->call < 0 ? tcp_open(port) : of->fd;
    struct epoll_event again = {.events = EPOLLIN, .data.u32 = event};
    if (of->call < 0) epoll_ctl(epoll_fd, EPOLL_CTL_ADD, of->fd, &again);
    return false;
  }
  of->length += (size_t)got;
  of->answer[of->length] = 0;
  size_t end = end_of(of);
  if (of->call < 0 || end == 0 || of->length < end) return false;
  calls[of->call].answered = now_ns();
  sscanf(of->answer, "HTTP/1.1 %d", &calls[of->call].status);
  of->call = -1;
  return true;
}

void calls_write(void) {
  printf("[");
  for (int i = 0; i < call_count; i++) {
    printf("%s{\"begun\":%lu,\"answered\":%lu,\"status\":%d}", i ? "," : "", calls[i].begun, calls[i].answered,
           calls[i].status);
  }
  printf("]\n");
}
