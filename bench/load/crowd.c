// A crowd of connections that only listens and tells what it saw. It knows nothing of a server but its WebSocket frames.
//
//   crowd PORT PATH [JOINED [LOST]]
//
// Messages carry `~SEQ.PLACE.NS~`: a number that rises, the place of the channel among those of the connection (0 to 15) and
// the publisher's monotonic clock. JOINED and LOST are texts by which the server says that a join was done, or that
// something was taken away. Commands come on standard input, one a line, and are answered with one line of JSON each:
//
//   open FILE              a connection for each line: request headers, then what it says on arrival
//   say FILE               line i goes to connection i, all at once
//   call FILE              sends an HTTP request beside them
//   calls                  of each call when it began and was answered (ns), and its status
//   await KIND COUNT MS    until so many `messages`, `joined`, `lost`, `closed` or `answered` have come since the last reset, or time is up
//   reset                  counts from 0 on
//   report                 counts, times of the first and last of each kind (ns), latency of messages
//   seen FILE              for each connection the greatest SEQ of each place, and when it lost something or was closed (ns)
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#include "calls.h"
#include "ws.h"

enum { EVENTS = 1024, PLACES = 16, LONGEST = 64, TIMES = 8000000 };

typedef struct {
  uint64_t count, first, last;
} tally;

typedef struct {
  ws_conn ws;
  // A marker may be cut in two by the end of what was read; so may a text.
  char carry[LONGEST];
  int carried;
  bool in_marker;
  char marker[LONGEST];
  int marker_length;
  uint64_t seen[PLACES];
  uint64_t lost_at, closed_at;
  bool writable_asked;
} member;

static member **members;
static int member_count;
static int epoll_fd;
static int port;
static const char *path;
static const char *joined_text, *lost_text;
static tally messages, joined, lost, closed_count, answered;
static float *latencies;
static size_t latency_count;
static uint64_t now;

static void hit(tally *what) {
  if (what->count++ == 0) what->first = now;
  what->last = now;
}

static void take_marker(member *me) {
  uint64_t seq, ns;
  unsigned place;
  me->marker[me->marker_length] = 0;
  if (sscanf(me->marker, "%lu.%u.%lu", &seq, &place, &ns) != 3 || place >= PLACES) return;
  hit(&messages);
  if (seq > me->seen[place]) me->seen[place] = seq;
  if (latency_count < TIMES) latencies[latency_count++] = (float)(now - ns);
}

static void find_markers(member *me, const unsigned char *bytes, size_t length) {
  const unsigned char *end = bytes + length;
  while (bytes < end) {
    const unsigned char *tilde = memchr(bytes, '~', (size_t)(end - bytes));
    if (me->in_marker) {
      size_t part = (size_t)((tilde ? tilde : end) - bytes);
      if (me->marker_length + part < LONGEST) {
        memcpy(me->marker + me->marker_length, bytes, part);
        me->marker_length += (int)part;
      }
      if (tilde) take_marker(me);
    }
    if (!tilde) return;
    me->in_marker = !me->in_marker;
    me->marker_length = 0;
    bytes = tilde + 1;
  }
}

static int count_text(const unsigned char *bytes, size_t length, const char *text) {
  int found = 0;
  const unsigned char *end = bytes + length;
  for (const unsigned char *at = bytes; (at = memmem(at, (size_t)(end - at), text, strlen(text))); at++) found++;
  return found;
}

// Texts are looked for in the new bytes with the last few of those before them in front.
static void find_texts(member *me, const unsigned char *bytes, size_t length) {
  static unsigned char joint[(1 << 18) + LONGEST];
  const char *texts[2] = {joined_text, lost_text};
  memcpy(joint, me->carry, (size_t)me->carried);
  memcpy(joint + me->carried, bytes, length);
  size_t whole = (size_t)me->carried + length;
  for (int i = 0; i < 2; i++) {
    if (!texts[i] || !*texts[i]) continue;
    size_t overlap = strlen(texts[i]) - 1;
    size_t from = (size_t)me->carried > overlap ? (size_t)me->carried - overlap : 0;
    for (int n = count_text(joint + from, whole - from, texts[i]); n > 0; n--) {
      hit(i == 0 ? &joined : &lost);
      if (i == 1) me->lost_at = now;
    }
  }
  me->carried = whole < LONGEST ? (int)whole : LONGEST - 1;
  memcpy(me->carry, joint + whole - (size_t)me->carried, (size_t)me->carried);
}

static void take(void *context, int opcode, const unsigned char *bytes, size_t length, bool ends) {
  member *me = context;
  (void)ends;
  if (opcode != 1 && opcode != 2) return;
  now = now_ns();
  find_markers(me, bytes, length);
  if (joined_text) find_texts(me, bytes, length);
}

static void watch(int i, bool writable) {
  member *me = members[i];
  struct epoll_event event = {.events = EPOLLIN | (writable ? EPOLLOUT : 0), .data.u32 = (uint32_t)i};
  epoll_ctl(epoll_fd, EPOLL_CTL_MOD, me->ws.fd, &event);
  me->writable_asked = writable;
}

static void turn(int wait) {
  struct epoll_event events[EVENTS];
  int ready = epoll_wait(epoll_fd, events, EVENTS, wait);
  now = now_ns();
  for (int k = 0; k < ready; k++) {
    int i = (int)events[k].data.u32;
    if (i == INT32_MAX) continue;
    if (events[k].data.u32 & CALL_EVENT) {
      if (call_read(events[k].data.u32)) hit(&answered);
      continue;
    }
    member *me = members[i];
    if (events[k].events & EPOLLOUT) ws_flush(&me->ws);
    bool open = (events[k].events & ~(unsigned)EPOLLOUT) == 0 || ws_read(&me->ws, take, me);
    if (!open || me->ws.closed) {
      hit(&closed_count);
      me->closed_at = now;
      epoll_ctl(epoll_fd, EPOLL_CTL_DEL, me->ws.fd, NULL);
      close(me->ws.fd);
    } else if (me->writable_asked != (me->ws.unsent_length > 0)) {
      watch(i, me->ws.unsent_length > 0);
    }
  }
}

static void open_all(const char *file) {
  int lines;
  ws_line *script = read_script(file, &lines);
  members = realloc(members, sizeof *members * (size_t)(member_count + lines));
  for (int l = 0; l < lines; l++) {
    member *me = calloc(1, sizeof *me);
    int i = member_count++;
    members[i] = me;
    ws_open(&me->ws, port, path, script[l].fields[0]);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, me->ws.fd, &event);
    for (int f = 1; f < script[l].count; f++) {
      if (*script[l].fields[f]) ws_say(&me->ws, script[l].fields[f]);
    }
    if (me->ws.unsent_length > 0) watch(i, true);
    if (l % 20 == 19) turn(0);
  }
  printf("{\"connections\":%d}\n", member_count);
}

static void say_all(const char *file) {
  int lines;
  ws_line *script = read_script(file, &lines);
  uint64_t begun = now_ns();
  for (int i = 0; i < lines && i < member_count; i++) {
    if (members[i]->ws.closed) continue;
    for (int f = 0; f < script[i].count; f++) {
      if (*script[i].fields[f]) ws_text(&members[i]->ws, script[i].fields[f], strlen(script[i].fields[f]));
    }
    if (members[i]->ws.unsent_length > 0) watch(i, true);
    if (i % 20 == 19) turn(0);
  }
  printf("{\"begun\":%lu}\n", begun);
}

static tally *kind(const char *name) {
  if (strcmp(name, "messages") == 0) return &messages;
  if (strcmp(name, "joined") == 0) return &joined;
  if (strcmp(name, "answered") == 0) return &answered;
  return strcmp(name, "lost") == 0 ? &lost : &closed_count;
}

static void await_count(const char *name, uint64_t count, double milliseconds) {
  tally *what = kind(name);
  uint64_t end = now_ns() + (uint64_t)(milliseconds * 1e6);
  while (what->count < count && now_ns() < end) turn(10);
  printf("{\"reached\":%s,\"count\":%lu,\"first\":%lu,\"last\":%lu}\n", what->count >= count ? "true" : "false", what->count,
         what->first, what->last);
}

static int by_size(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

static double latency(double share) {
  return latency_count == 0 ? 0 : latencies[(size_t)((double)(latency_count - 1) * share)] * 1e-6;
}

static void report(void) {
  tally *all[] = {&messages, &joined, &lost, &closed_count};
  const char *names[] = {"messages", "joined", "lost", "closed"};
  qsort(latencies, latency_count, sizeof *latencies, by_size);
  printf("{");
  for (int i = 0; i < 4; i++) {
    printf("\"%s\":{\"count\":%lu,\"first\":%lu,\"last\":%lu},", names[i], all[i]->count, all[i]->first, all[i]->last);
  }
  printf("\"latency\":{\"p50\":%.4f,\"p99\":%.4f,\"p999\":%.4f,\"max\":%.4f}}\n", latency(0.5), latency(0.99), latency(0.999),
         latency(1));
}

static void reset(void) {
  memset(&messages, 0, sizeof messages);
  memset(&joined, 0, sizeof joined);
  memset(&lost, 0, sizeof lost);
  memset(&closed_count, 0, sizeof closed_count);
  memset(&answered, 0, sizeof answered);
  latency_count = 0;
  printf("{}\n");
}

static void write_seen(const char *file) {
  FILE *out = fopen(file, "w");
  if (!out) {
    perror(file);
    exit(1);
  }
  for (int i = 0; i < member_count; i++) {
    for (int p = 0; p < PLACES; p++) fprintf(out, "%lu ", members[i]->seen[p]);
    fprintf(out, "%lu %lu\n", members[i]->lost_at, members[i]->closed_at);
  }
  fclose(out);
  printf("{}\n");
}

static void obey(char *command) {
  char *word = strsep(&command, " ");
  if (strcmp(word, "open") == 0) open_all(command);
  else if (strcmp(word, "say") == 0) say_all(command);
  else if (strcmp(word, "call") == 0) printf("{\"call\":%d}\n", call_begin(command));
  else if (strcmp(word, "calls") == 0) calls_write();
  else if (strcmp(word, "reset") == 0) reset();
  else if (strcmp(word, "report") == 0) report();
  else if (strcmp(word, "seen") == 0) write_seen(command);
  else if (strcmp(word, "await") == 0) {
    char *name = strsep(&command, " "), *count = strsep(&command, " ");
    await_count(name, strtoull(count, NULL, 10), atof(command));
  } else {
    printf("{\"unknown\":true}\n");
  }
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "crowd PORT PATH [JOINED [LOST]]\n");
    return 2;
  }
  port = atoi(argv[1]);
  path = argv[2];
  joined_text = argc > 3 ? argv[3] : NULL;
  lost_text = argc > 4 ? argv[4] : NULL;
  latencies = malloc(sizeof *latencies * TIMES);
  epoll_fd = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = INT32_MAX};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &event);
  calls_setup(epoll_fd, port);
  // Commands are read by hand: what a stream had read ahead would not wake the loop.
  static char command[65536];
  size_t length = 0;
  for (;;) {
    turn(1000);
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(0, &readable);
    struct timeval none = {0, 0};
    if (select(1, &readable, NULL, NULL, &none) <= 0) continue;
    ssize_t got = read(0, command + length, sizeof command - length - 1);
    if (got <= 0) return 0;
    length += (size_t)got;
    command[length] = 0;
    char *end;
    while ((end = strchr(command, '\n'))) {
      *end = 0;
      size_t rest = length - (size_t)(end + 1 - command);
      char *line = strdup(command);
      memmove(command, end + 1, rest + 1);
      length = rest;
      obey(line);
      free(line);
    }
  }
}
