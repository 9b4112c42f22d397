// A model server that costs next to nothing: what `make bench-gateway` puts behind every gateway.
//
//     cc -O2 upstream.c -o upstream && ./upstream PORT
//
// POST (any path)      a chat completion whose body has 1 KiB; or, if the body says "stream": true, EVENTS content
//                      events, one write each, then the usage (if the body says "include_usage": true) and [DONE].
//                      A content event is "@" and CLOCK_MONOTONIC in nanoseconds just before it was written.
// GET /gap/N           from now on N microseconds lie between two events of a stream; 0, as at the start: none.
// GET /aborts          how many streams were closed by the other side before their end, and when the last one was.
//
// One thread, HTTP/1.1 with keep-alive on 127.0.0.1, no pipelining. It trusts its clients and prints nothing.

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 100, ANSWER_BYTES = 1024, REQUEST_BYTES_MAX = 65536, PENDING_BYTES_MAX = 4096, READY_MAX = 256 };

typedef struct Connection {
    int socket;
    char request[REQUEST_BYTES_MAX + 1];
    size_t received;
    char pending[PENDING_BYTES_MAX];  // What the socket did not take yet.
    size_t pending_bytes;
    bool is_streaming, shows_usage;
    int next_event;
    uint64_t gap, due;                // Between events; when the next one is. Only if `gap` is not 0 is it in `paced`.
    LIST_ENTRY(Connection) place;
} Connection;

static int poller;
static uint64_t gap, aborts, last_abort;
static char answer[ANSWER_BYTES + 256];
static LIST_HEAD(, Connection) paced = LIST_HEAD_INITIALIZER(paced);

static const char usage[] = "{\"prompt_tokens\":50,\"completion_tokens\":100,\"total_tokens\":150}";
static const char chunk_start[] =
    "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"bench\"";

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * UINT64_C(1000000000) + time.tv_nsec;
}

static void prepare_answer(void) {
    char body[ANSWER_BYTES + 1], content[ANSWER_BYTES + 1];
    memset(content, 'x', ANSWER_BYTES);
    const char *format =
        "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"bench\","
        "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%.*s\"},"
        "\"finish_reason\":\"stop\"}],\"usage\":%s}";
    int around = snprintf(NULL, 0, format, 0, content, usage);
    snprintf(body, sizeof body, format, ANSWER_BYTES - around, content, usage);
    snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
        ANSWER_BYTES, body);
}

static void close_connection(Connection *connection) {
    if (connection->is_streaming) {
        aborts++;
        last_abort = now();
        if (connection->gap > 0) LIST_REMOVE(connection, place);
    }
    close(connection->socket);
    free(connection);
}

/// Writes all of it, now or when the socket takes it; false if the other side is gone.
static bool send_bytes(Connection *connection, const char *bytes, size_t count) {
    ssize_t written = connection->pending_bytes > 0 ? 0 : send(connection->socket, bytes, count, MSG_NOSIGNAL);
    if (written < 0 && errno != EAGAIN) return false;
    if (written < 0) written = 0;
    if (connection->pending_bytes + count - written > PENDING_BYTES_MAX) return false;
    memcpy(connection->pending + connection->pending_bytes, bytes + written, count - written);
    connection->pending_bytes += count - written;
    return true;
}

static bool send_chunk(Connection *connection, const char *text, const char *end) {
    char chunk[1024];
    int count = snprintf(chunk, sizeof chunk, "%zx\r\n%s\r\n%s", strlen(text), text, end);
    return send_bytes(connection, chunk, count);
}

/// Writes the next event, or the end; false if the other side is gone.
static bool send_event(Connection *connection) {
    char text[768];
    if (connection->next_event++ < EVENTS) {
        snprintf(text, sizeof text,
            "data: %s,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"@%llu\"},\"finish_reason\":null}]}\n\n",
            chunk_start, (unsigned long long)now());
        return send_chunk(connection, text, "");
    }
    int count = snprintf(text, sizeof text,
        "data: %s,\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n", chunk_start);
    if (connection->shows_usage) {
        count += snprintf(text + count, sizeof text - count, "data: %s,\"choices\":[],\"usage\":%s}\n\n", chunk_start,
            usage);
    }
    snprintf(text + count, sizeof text - count, "data: [DONE]\n\n");
    connection->is_streaming = false;
    if (connection->gap > 0) LIST_REMOVE(connection, place);
    return send_chunk(connection, text, "0\r\n\r\n");
}

/// Writes the event that is due, or without a gap as many as the socket takes; false if the other side is gone.
static bool continue_stream(Connection *connection) {
    if (connection->gap > 0) {
        connection->due += connection->gap;
        return connection->pending_bytes > 0 || send_event(connection);
    }
    while (connection->is_streaming && connection->pending_bytes == 0) {
        if (!send_event(connection)) return false;
    }
    return true;
}

/// Whether the body has the member `name`, and it is true.
static bool has_flag(const char *body, const char *name) {
    const char *place = strstr(body, name);
    return place != NULL && place[strlen(name) + strspn(place + strlen(name), ": ")] == 't';
}

static bool respond(Connection *connection, const char *body) {
    if (sscanf(connection->request, "GET /gap/%lu", &gap) == 1) {
        gap *= 1000;
        const char *empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        return send_bytes(connection, empty, strlen(empty));
    }
    if (strncmp(connection->request, "GET /aborts", 11) == 0) {
        char text[256];
        int count = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: 41\r\n\r\n%20lu %20lu", aborts,
            last_abort);
        return send_bytes(connection, text, count);
    }
    if (!has_flag(body, "\"stream\"")) return send_bytes(connection, answer, strlen(answer));
    connection->is_streaming = true;
    connection->shows_usage = has_flag(body, "\"include_usage\"");
    connection->next_event = 0;
    connection->gap = gap;
    connection->due = now();
    if (gap > 0) LIST_INSERT_HEAD(&paced, connection, place);
    const char *head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    return send_bytes(connection, head, strlen(head)) && continue_stream(connection);
}

/// The request's body once all of it is here, else NULL.
static const char *complete_body(Connection *connection) {
    char *end = strstr(connection->request, "\r\n\r\n");
    if (end == NULL) return NULL;
    const char *body = end + 4;
    size_t length = connection->received - (body - connection->request);
    char *field = strcasestr(connection->request, "\r\ncontent-length:");
    if (field != NULL && field < end) return length >= strtoul(field + 17, NULL, 10) ? body : NULL;
    field = strcasestr(connection->request, "\r\ntransfer-encoding:");
    if (field == NULL || field > end) return body;
    return length >= 5 && memcmp(body + length - 5, "0\r\n\r\n", 5) == 0 ? body : NULL;
}

/// Reads what there is and answers it; false if the other side is gone.
static bool receive(Connection *connection) {
    char *place = connection->request + connection->received;
    ssize_t count = recv(connection->socket, place, REQUEST_BYTES_MAX - connection->received, 0);
    if (count <= 0) return count < 0 && errno == EAGAIN;
    connection->received += count;
    place[count] = 0;
    const char *body = complete_body(connection);
    if (body == NULL) return connection->received < REQUEST_BYTES_MAX;
    if (connection->is_streaming) return false;
    connection->received = 0;
    return respond(connection, body);
}

static bool flush(Connection *connection) {
    if (connection->pending_bytes > 0) {
        ssize_t written = send(connection->socket, connection->pending, connection->pending_bytes, MSG_NOSIGNAL);
        if (written < 0) return errno == EAGAIN;
        connection->pending_bytes -= written;
        memmove(connection->pending, connection->pending + written, connection->pending_bytes);
    }
    return connection->gap > 0 || continue_stream(connection);
}

static void handle(Connection *connection, uint32_t events) {
    bool is_alive = (events & (EPOLLERR | EPOLLHUP)) == 0;
    if (is_alive && (events & (EPOLLIN | EPOLLRDHUP))) {
        is_alive = receive(connection) && (events & EPOLLRDHUP) == 0;
    }
    if (is_alive && (events & EPOLLOUT)) is_alive = flush(connection);
    if (!is_alive) close_connection(connection);
}

static void accept_connection(int listener) {
    int one = 1;
    Connection *connection = calloc(1, sizeof *connection);
    connection->socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    // Edge-triggered for the sake of EPOLLOUT; a request is longer than one read only if it comes in pieces.
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLOUT | EPOLLET, .data.ptr = connection};
    epoll_ctl(poller, EPOLL_CTL_ADD, connection->socket, &event);
}

/// Writes the events that are due; how many nanoseconds there are until the next one.
static uint64_t send_due_events(void) {
    uint64_t time = now(), next = time + 1000000000;
    for (Connection *connection = LIST_FIRST(&paced), *following; connection != NULL; connection = following) {
        following = LIST_NEXT(connection, place);
        if (connection->due <= time && !continue_stream(connection)) close_connection(connection);
        else if (connection->due < next) next = connection->due;
    }
    time = now();
    return next > time ? next - time : 0;
}

static int listen_on(int port) {
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4096) != 0) {
        perror("upstream");
        exit(1);
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    return listener;
}

int main(int count, char **arguments) {
    poller = epoll_create1(0);
    int listener = listen_on(count > 1 ? atoi(arguments[1]) : 0);
    prepare_answer();
    for (;;) {
        struct epoll_event ready[READY_MAX];
        uint64_t wait = send_due_events();
        struct timespec timeout = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
        int events = epoll_pwait2(poller, ready, READY_MAX, &timeout, NULL);
        for (int i = 0; i < events; i++) {
            if (ready[i].data.ptr == NULL) accept_connection(listener);
            else handle(ready[i].data.ptr, ready[i].events);
        }
    }
}
