// Many live clients in one process: how long after the answer to a submission has the last
// of them been told?
//
//   live-clients events|socketio HOST PORT COUNT ROUNDS PATH
//
// events: streams of server-sent events from /api/events. socketio: sessions of Engine.IO's
// long-polling, each connected to "/". An entry is sent to PATH as a form for each round; a round is
// over when all clients have been told its caption. Prints a line of JSON: milliseconds from the
// answer to the last client, the median and the longest of the rounds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { buffer_bytes = 8192 };

struct client {
  int descriptor;
  int round;           // The last one it was told of.
  size_t filled;
  char *buffer;
  char session[64];
};

static const char *host, *path, *kind;
static int port, count, rounds;
static struct client *clients;
static _Atomic double answered;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int connected(void) {
  // Each source address has 28,000 ports; loopback has many addresses.
  static int number = 0;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, host, &address.sin_addr);
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in own = {.sin_family = AF_INET};
  own.sin_addr.s_addr = htonl(0x7F000001 + number++ / 20000);
  if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&own, sizeof own) ||
      connect(descriptor, (struct sockaddr *)&address, sizeof address))
    fail("connect");
  return descriptor;
}

static void write_all(int descriptor, const char *text) {
  size_t length = strlen(text);
  while (length > 0) {
    ssize_t written = send(descriptor, text, length, MSG_NOSIGNAL);
    if (written < 0) fail("send");
    text += written;
    length -= written;
  }
}

// The end of a whole answer with a Content-Length in a buffer; 0 if it is not there yet.
static size_t answer_end(const char *buffer) {
  const char *body = strstr(buffer, "\r\n\r\n");
  if (!body) return 0;
  const char *length = strcasestr(buffer, "\r\ncontent-length:");
  size_t end = body + 4 - buffer + (length && length < body ? strtoul(length + 17, NULL, 10) : 0);
  return strlen(buffer) >= end ? end : 0;
}

static void exchange(int descriptor, const char *request, char *answer) {
  write_all(descriptor, request);
  size_t filled = 0;
  answer[0] = 0;
  while (!answer_end(answer)) {
    ssize_t got = recv(descriptor, answer + filled, buffer_bytes - 1 - filled, 0);
    if (got <= 0) fail("recv");
    answer[filled += got] = 0;
  }
}

static void ask(struct client *client) {
  char request[512];
  if (strcmp(kind, "events") == 0)
    snprintf(request, sizeof request, "GET /api/events HTTP/1.1\r\nHost: a\r\n\r\n");
  else
    snprintf(request, sizeof request,
      "GET /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: a\r\n\r\n", client->session);
  write_all(client->descriptor, request);
}

static void begin(struct client *client) {
  client->descriptor = connected();
  client->round = -1;
  client->buffer = malloc(buffer_bytes);
  client->buffer[0] = 0;
  if (strcmp(kind, "socketio") == 0) {
    char request[512];
    exchange(client->descriptor, "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n\r\n",
      client->buffer);
    const char *sid = strstr(client->buffer, "\"sid\":\"");
    if (!sid) fail("handshake");
    sscanf(sid + 7, "%63[^\"]", client->session);
    snprintf(request, sizeof request,
      "POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: a\r\n"
      "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n40", client->session);
    exchange(client->descriptor, request, client->buffer);
    snprintf(request, sizeof request,
      "GET /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: a\r\n\r\n", client->session);
    exchange(client->descriptor, request, client->buffer);
    if (!strstr(client->buffer, "40{")) fail("namespace");
    client->buffer[0] = 0;
  }
  ask(client);
}

static void *submit(void *argument) {
  char body[512], request[1024], answer[buffer_bytes];
  int length = snprintf(body, sizeof body,
    "--B\r\nContent-Disposition: form-data; name=\"category\"\r\n\r\nbest\r\n"
    "--B\r\nContent-Disposition: form-data; name=\"caption\"\r\n\r\nround<%ld>\r\n--B--\r\n",
    (long)argument);
  snprintf(request, sizeof request,
    "POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=B\r\n"
    "Content-Length: %d\r\n\r\n%s", path, length, body);
  int descriptor = connected();
  exchange(descriptor, request, answer);
  answered = now();
  if (!strstr(answer, " 200 ")) fail("submit");
  close(descriptor);
  return NULL;
}

// Reads what there is; whether the client has now been told of a round.
static int is_told(struct client *client, int round) {
  char marker[32];
  snprintf(marker, sizeof marker, "round<%d>", round);
  for (;;) {
    ssize_t got = recv(client->descriptor, client->buffer + client->filled,
      buffer_bytes - 1 - client->filled, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) {
      fprintf(stderr, "a connection ended\n");
      exit(1);
    }
    client->buffer[client->filled += got] = 0;
    if (client->filled == buffer_bytes - 1) break;
  }
  int told = client->round < round && strstr(client->buffer, marker) != NULL;
  if (strcmp(kind, "socketio") == 0) {
    size_t end = answer_end(client->buffer);
    if (!end) return 0;
    client->filled -= end;
    memmove(client->buffer, client->buffer + end, client->filled + 1);
    ask(client);
  } else if (told || client->filled > buffer_bytes / 2) {
    client->buffer[client->filled = 0] = 0;
  }
  if (told) client->round = round;
  return told;
}

static int by_size(const void *one, const void *other) {
  double difference = *(double *)one - *(double *)other;
  return difference < 0 ? -1 : difference > 0;
}

int main(int argument_count, char **arguments) {
  if (argument_count != 7) {
    fprintf(stderr, "usage: live-clients events|socketio HOST PORT COUNT ROUNDS PATH\n");
    return 64;
  }
  kind = arguments[1], host = arguments[2], port = atoi(arguments[3]), count = atoi(arguments[4]);
  rounds = atoi(arguments[5]), path = arguments[6];
  clients = calloc(count, sizeof *clients);
  int epoll = epoll_create1(0);
  for (int index = 0; index < count; index++) {
    begin(&clients[index]);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &clients[index]};
    epoll_ctl(epoll, EPOLL_CTL_ADD, clients[index].descriptor, &event);
  }
  sleep(2);
  double *delays = calloc(rounds, sizeof *delays);
  for (long round = 0; round < rounds; round++) {
    answered = 0;
    pthread_t thread;
    pthread_create(&thread, NULL, submit, (void *)round);
    double last = 0;
    for (int told = 0; told < count;) {
      struct epoll_event events[256];
      int ready = epoll_wait(epoll, events, 256, 20000);
      if (ready == 0) {
        fprintf(stderr, "only %d of %d were told of round %ld\n", told, count, round);
        return 1;
      }
      for (int index = 0; index < ready; index++) {
        if (is_told(events[index].data.ptr, round)) told++, last = now();
      }
    }
    pthread_join(thread, NULL);
    delays[round] = last > answered ? last - answered : 0;
    usleep(100000);
  }
  qsort(delays, rounds, sizeof *delays, by_size);
  printf("{\"medianMs\":%.1f,\"maxMs\":%.1f}\n", delays[rounds / 2], delays[rounds - 1]);
  return 0;
}
