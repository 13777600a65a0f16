// Closed-loop fan-out: connections that hear each other, some of which publish again whenever they get one of their own.
//
//   fan-out PORT PATH SCRIPT CONNECTIONS PUBLISHERS WINDOW SECONDS MARKER SERVER [whole]
//
// SCRIPT has a line for each connection, used in turns: request headers, what to say on arrival (see ws_say), and last the frame that
// publishes. MARKER is one character that stands once in each message and nowhere else. The first PUBLISHERS connections
// keep WINDOW messages in flight each. With `whole` (one publisher, window 1) the next message waits until everyone has the
// last one, and its time is that of the whole fan-out.
// SERVER: the server's process ids, with commas between: deliveries are counted by its processor time as well.
// Prints JSON. `short`: the fewest messages a connection got, less the most: 0 when nobody missed any.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "ws.h"

enum { EVENTS = 512, IN_FLIGHT = 4096, TIMES = 4000000 };

typedef struct {
  ws_conn ws;
  const char *publish;
  size_t publish_length;
  bool publisher;
  unsigned long got;
  unsigned long fresh;
  // When the messages in flight were sent, oldest first.
  double *sent;
  unsigned long sent_count;
} client;

static char marker;
static unsigned long deliveries;
static double *times;
static size_t time_count;

static void count(void *context, int opcode, const unsigned char *bytes, size_t length, bool ends) {
  client *me = context;
  (void)opcode;
  (void)ends;
  const unsigned char *end = bytes + length;
  for (const unsigned char *at = bytes; (at = memchr(at, marker, (size_t)(end - at))); at++) me->fresh++;
}

static void publish(client *me, double at) {
  me->sent[me->sent_count++ % IN_FLIGHT] = at;
  ws_text(&me->ws, me->publish, me->publish_length);
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double quantile(double share) {
  return time_count == 0 ? 0 : times[(size_t)((double)(time_count - 1) * share)] * 1e3;
}

static void note(double took) {
  if (time_count < TIMES) times[time_count++] = took;
}

// Reads from whoever has something; answers how many connections did.
static int turn(int poll, client *clients, int wait, bool going) {
  struct epoll_event events[EVENTS];
  int ready = epoll_wait(poll, events, EVENTS, wait);
  for (int i = 0; i < ready; i++) {
    client *me = &clients[events[i].data.u32];
    me->fresh = 0;
    if (me->ws.unsent_length > 0) ws_flush(&me->ws);
    if (!ws_read(&me->ws, count, me)) {
      fprintf(stderr, "the server closed a connection\n");
      exit(1);
    }
    deliveries += me->fresh;
    if (me->publisher) {
      double at = now_seconds();
      for (unsigned long done = me->got; done < me->got + me->fresh; done++) {
        note(at - me->sent[done % IN_FLIGHT]);
        if (going) publish(me, at);
      }
    }
    me->got += me->fresh;
  }
  return ready;
}

static void until_quiet(int poll, client *clients) {
  double last = now_seconds();
  while (now_seconds() - last < 0.4) {
    if (turn(poll, clients, 100, false) > 0) last = now_seconds();
  }
}

int main(int argc, char **argv) {
  if (argc < 10) {
    fprintf(stderr, "fan-out PORT PATH SCRIPT CONNECTIONS PUBLISHERS WINDOW SECONDS MARKER SERVER [whole]\n");
    return 2;
  }
  int port = atoi(argv[1]), connections = atoi(argv[4]), publishers = atoi(argv[5]), window = atoi(argv[6]);
  double seconds = atof(argv[7]);
  marker = argv[8][0];
  const char *server = argv[9];
  bool whole = argc > 10;
  int lines;
  ws_line *script = read_script(argv[3], &lines);
  client *clients = calloc((size_t)connections, sizeof *clients);
  times = malloc(sizeof *times * TIMES);
  int poll = epoll_create1(0);
  for (int i = 0; i < connections; i++) {
    client *me = &clients[i];
    ws_line line = script[i % lines];
    ws_open(&me->ws, port, argv[2], line.fields[0]);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    epoll_ctl(poll, EPOLL_CTL_ADD, me->ws.fd, &event);
    for (int f = 1; f < line.count - 1; f++) ws_say(&me->ws, line.fields[f]);
    me->publish = line.fields[line.count - 1];
    me->publish_length = strlen(me->publish);
    me->publisher = i < publishers && !whole;
    if (i < publishers) me->sent = calloc(IN_FLIGHT, sizeof *me->sent);
    if (i % 50 == 49) turn(poll, clients, 0, false);
  }
  until_quiet(poll, clients);
  for (int i = 0; i < connections; i++) clients[i].got = 0;
  deliveries = 0;

  for (int i = 0; i < publishers; i++) {
    for (int w = 0; w < (whole ? 1 : window); w++) publish(&clients[i], now_seconds());
  }
  unsigned long published = 1, before = 0;
  double begun = now_seconds(), warm = begun + seconds * 0.25, end = begun + seconds, started = begun, busy = 0;
  bool warmed = false;
  for (double t = begun; t < end; t = now_seconds()) {
    if (!warmed && t > warm) {
      warmed = true;
      started = t;
      before = deliveries;
      busy = processor_seconds(server);
      time_count = 0;
    }
    turn(poll, clients, 100, true);
    if (whole && deliveries >= published * (unsigned long)connections) {
      double at = now_seconds();
      note(at - clients[0].sent[(clients[0].sent_count - 1) % IN_FLIGHT]);
      publish(&clients[0], at);
      published++;
    }
  }
  double took = now_seconds() - started;
  busy = processor_seconds(server) - busy;
  unsigned long delivered = deliveries - before;
  size_t answered = time_count;
  until_quiet(poll, clients);
  unsigned long least = clients[0].got, most = clients[0].got;
  for (int i = 0; i < connections; i++) {
    if (clients[i].got < least) least = clients[i].got;
    if (clients[i].got > most) most = clients[i].got;
  }
  time_count = answered;
  qsort(times, time_count, sizeof *times, by_size);
  printf("{\"deliveriesPerSecond\":%.0f,\"deliveriesPerProcessorSecond\":%.0f,\"publishesPerSecond\":%.0f,\"p50\":%.4f,\"p99\":%.4f,\"short\":%lu}\n",
         (double)delivered / took, busy > 0 ? (double)delivered / busy : 0, (double)answered / took, quantile(0.5), quantile(0.99),
         publishers == 1 ? most - least : 0);
  return 0;
}
