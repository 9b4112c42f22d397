// A client that sends one HTTP request over and over: the load of `make bench-gateway`.
//
//     cc -O2 load.c -o load -lm && ./load -p PORT -c CONNECTIONS -s SECONDS [-r RATE] [-k] [-e EVENTS] REQUEST
//
// -r RATE    a request comes up RATE times a second, at random (the same each run) and whether or not others are done
//            (open loop); it waits for a free connection if there is none. Without it, all come up at once.
// -k         a connection once used sends its next request as soon as it has the answer (closed loop).
// -e EVENTS  answers are streams that must have so many events with a time in them, "@" and CLOCK_MONOTONIC in
//            nanoseconds, and end with [DONE]; the difference to the time here is the event's age.
//
// One thread, HTTP/1.1 with keep-alive to 127.0.0.1. An answer that is not 200 or 201, or not whole, counts as an
// error. Latency is counted from when the request came up. Prints one JSON object; times are microseconds.

#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES_MAX = 8192, READ_BYTES = 65536, READY_MAX = 256, CONNECTIONS_MAX = 4096, GRACE_SECONDS = 60 };

typedef enum { IN_STATUS, IN_HEAD, IN_BODY, IN_CHUNK_SIZE, IN_CHUNK, AFTER_CHUNK, IN_TRAILER } Part;

typedef struct {
    char text[LINE_BYTES_MAX + 1];
    size_t length;
} Line;

typedef struct {
    int socket;
    bool is_busy;
    uint64_t came_up;
    Part part;
    bool is_good, is_chunked, is_last, is_done;
    size_t left;     // Of the body or chunk.
    Line line;       // Of the head, or a chunk's size.
    Line event;      // Of the body.
    unsigned events;
} Connection;

typedef struct {
    double *values;
    size_t count, capacity;
} Samples;

static int poller, port;
static unsigned connections_max, events_expected;
static bool keeps_sending;
static double rate;
static const char *request;
static uint64_t deadline;

static Connection connections[CONNECTIONS_MAX];
static Connection *idle[CONNECTIONS_MAX];
static unsigned idle_count, busy_count;
static Samples latencies, ages;
static uint64_t errors, reconnections, events, time_read;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * UINT64_C(1000000000) + time.tv_nsec;
}

static void add(Samples *samples, double nanoseconds) {
    if (samples->count == samples->capacity) {
        samples->capacity = samples->capacity == 0 ? 65536 : 2 * samples->capacity;
        samples->values = realloc(samples->values, samples->capacity * sizeof(double));
    }
    samples->values[samples->count++] = nanoseconds / 1000;
}

static int compare(const void *one, const void *other) {
    double difference = *(const double *)one - *(const double *)other;
    return (difference > 0) - (difference < 0);
}

static double quantile(Samples *samples, double fraction) {
    if (samples->count == 0) return 0;
    qsort(samples->values, samples->count, sizeof(double), compare);
    return samples->values[(size_t)(fraction * (samples->count - 1) + 0.5)];
}

static void open_connection(Connection *connection) {
    int one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection->socket, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("load: connect");
        exit(1);
    }
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(poller, EPOLL_CTL_ADD, connection->socket, &event);
}

static void send_request(Connection *connection, uint64_t came_up) {
    connection->is_busy = true;
    connection->came_up = came_up;
    connection->part = IN_STATUS;
    connection->is_good = connection->is_chunked = connection->is_last = connection->is_done = false;
    connection->left = connection->line.length = connection->event.length = connection->events = 0;
    busy_count++;
    // Requests are small: a socket with nothing in flight always takes one whole.
    if (send(connection->socket, request, strlen(request), MSG_NOSIGNAL) < 0) shutdown(connection->socket, SHUT_RDWR);
}

static void reopen(Connection *connection) {
    close(connection->socket);
    open_connection(connection);
    reconnections++;
}

/// The answer is here, or will never be; on to what the connection does next.
static void end_request(Connection *connection, bool is_whole) {
    uint64_t time = now();
    bool is_good = is_whole && connection->is_good;
    if (events_expected > 0) is_good = is_good && connection->is_done && connection->events == events_expected;
    if (is_good) add(&latencies, time - connection->came_up);
    else errors++;
    connection->is_busy = false;
    busy_count--;
    if (!is_whole || connection->is_last) reopen(connection);
    if (keeps_sending && time < deadline) send_request(connection, time);
    else idle[idle_count++] = connection;
}

/// Moves the bytes up to a line's end into `line`; true if that end is here, and the line without it is a string.
static bool take_line(Line *line, const char **bytes, size_t *count) {
    const char *end = memchr(*bytes, '\n', *count);
    size_t taken = end == NULL ? *count : (size_t)(end - *bytes) + 1;
    size_t kept = line->length + taken > LINE_BYTES_MAX ? LINE_BYTES_MAX - line->length : taken;
    memcpy(line->text + line->length, *bytes, kept);
    line->length += kept;
    *bytes += taken;
    *count -= taken;
    if (end == NULL) return false;
    while (line->length > 0 && strchr("\r\n", line->text[line->length - 1]) != NULL) line->length--;
    line->text[line->length] = 0;
    return true;
}

static void take_body(Connection *connection, const char *bytes, size_t count) {
    Line *event = &connection->event;
    if (events_expected == 0) return;
    while (count > 0 && take_line(event, &bytes, &count)) {
        const char *stamp = strstr(event->text, "\"@");
        if (stamp != NULL) {
            connection->events++;
            events++;
            add(&ages, time_read - strtoull(stamp + 2, NULL, 10));
        }
        if (strcmp(event->text, "data: [DONE]") == 0) connection->is_done = true;
        event->length = 0;
    }
}

static void take_field(Connection *connection, const char *field) {
    if (strncasecmp(field, "content-length:", 15) == 0) connection->left = strtoul(field + 15, NULL, 10);
    if (strncasecmp(field, "transfer-encoding:", 18) == 0) connection->is_chunked = true;
    if (strncasecmp(field, "connection:", 11) == 0 && strcasestr(field, "close") != NULL) connection->is_last = true;
}

/// What follows a complete line outside of the body; IN_STATUS when the answer is whole.
static Part part_after_line(Connection *connection) {
    const Line *line = &connection->line;
    switch (connection->part) {
    case IN_STATUS:
        connection->is_good = strncmp(line->text, "HTTP/1.1 20", 11) == 0;
        return IN_HEAD;
    case IN_HEAD:
        take_field(connection, line->text);
        if (line->length > 0) return IN_HEAD;
        return connection->is_chunked ? IN_CHUNK_SIZE : connection->left > 0 ? IN_BODY : IN_STATUS;
    case IN_CHUNK_SIZE:
        connection->left = strtoul(line->text, NULL, 16);
        return connection->left > 0 ? IN_CHUNK : IN_TRAILER;
    case AFTER_CHUNK:
        return IN_CHUNK_SIZE;
    default:
        return line->length > 0 ? IN_TRAILER : IN_STATUS;
    }
}

/// Takes a piece of an answer in; true if the answer ends there.
static bool take(Connection *connection, const char *bytes, size_t count) {
    while (count > 0) {
        if (connection->part == IN_BODY || connection->part == IN_CHUNK) {
            size_t taken = count < connection->left ? count : connection->left;
            take_body(connection, bytes, taken);
            bytes += taken;
            count -= taken;
            connection->left -= taken;
            if (connection->left > 0) return false;
            if (connection->part == IN_BODY) return true;
            connection->part = AFTER_CHUNK;
        } else if (take_line(&connection->line, &bytes, &count)) {
            connection->part = part_after_line(connection);
            connection->line.length = 0;
            if (connection->part == IN_STATUS) return true;
        }
    }
    return false;
}

static void receive(Connection *connection) {
    static char bytes[READ_BYTES];
    ssize_t count = recv(connection->socket, bytes, READ_BYTES, MSG_DONTWAIT);
    time_read = now();
    if (count < 0 && errno == EAGAIN) return;
    if (count > 0 && connection->is_busy) {
        if (take(connection, bytes, count)) end_request(connection, true);
    } else if (!connection->is_busy) {
        reopen(connection);  // It was closed for being idle.
    } else if (connection->part == IN_STATUS && connection->line.length == 0) {
        reopen(connection);  // It was closed for being idle just when the request was sent: send it again.
        busy_count--;
        send_request(connection, connection->came_up);
    } else {
        end_request(connection, false);
    }
}

/// Nanoseconds until the next request comes up.
static double wait_for_arrival(void) {
    return rate == 0 ? 0 : -log(1 - drand48()) / rate * 1e9;
}

static double run(double seconds) {
    for (unsigned i = 0; i < connections_max; i++) {
        open_connection(&connections[i]);
        idle[idle_count++] = &connections[i];
    }
    usleep(50000);  // The other side accepts them.
    uint64_t start = now();
    deadline = start + seconds * 1e9;
    double arrival = start + wait_for_arrival();
    for (;;) {
        uint64_t time = now();
        bool is_over = keeps_sending ? time >= deadline : arrival >= deadline;
        for (; !is_over && idle_count > 0 && arrival <= time && arrival < deadline; arrival += wait_for_arrival()) {
            send_request(idle[--idle_count], arrival);
        }
        if ((is_over && busy_count == 0) || time > deadline + GRACE_SECONDS * UINT64_C(1000000000)) break;
        double wait = idle_count > 0 && !is_over ? fmax(fmin(arrival, deadline) - time, 0) : 1e9;
        struct epoll_event ready[READY_MAX];
        struct timespec timeout = {.tv_sec = wait / 1e9, .tv_nsec = fmod(wait, 1e9)};
        int count = epoll_pwait2(poller, ready, READY_MAX, &timeout, NULL);
        for (int i = 0; i < count; i++) receive(ready[i].data.ptr);
    }
    errors += busy_count;
    return (now() - start) / 1e9;
}

static void print_results(double seconds) {
    printf("{\"requests\": %zu, \"errors\": %lu, \"reconnections\": %lu, \"events\": %lu, \"seconds\": %.3f, ",
        latencies.count, errors, reconnections, events, seconds);
    printf("\"latency_p50_us\": %.1f, \"latency_p99_us\": %.1f, \"age_p50_us\": %.1f, \"age_p99_us\": %.1f}\n",
        quantile(&latencies, 0.5), quantile(&latencies, 0.99), quantile(&ages, 0.5), quantile(&ages, 0.99));
}

int main(int count, char **arguments) {
    double seconds = 1;
    connections_max = 1;
    for (int option; (option = getopt(count, arguments, "p:c:s:r:ke:")) != -1;) {
        switch (option) {
        case 'p': port = atoi(optarg); break;
        case 'c': connections_max = atoi(optarg); break;
        case 's': seconds = atof(optarg); break;
        case 'r': rate = atof(optarg); break;
        case 'k': keeps_sending = true; break;
        case 'e': events_expected = atoi(optarg); break;
        default: return 2;
        }
    }
    if (optind != count - 1 || connections_max > CONNECTIONS_MAX || (rate == 0 && !keeps_sending)) return 2;
    request = arguments[optind];
    poller = epoll_create1(0);
    print_results(run(seconds));
}
