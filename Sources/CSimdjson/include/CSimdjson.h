#pragma once

#include <stddef.h>
#include <stdint.h>

// A C view of simdjson's DOM parser (https://github.com/simdjson/simdjson). The DOM parser chooses its kernel when
// the program runs, and checks every byte of its input before it answers.

#ifdef __cplusplus
extern "C" {
#endif

/// Why a text was refused. simdjson does not promise the same error for the same input on every processor, so these
/// are kept coarse.
typedef enum csimdjson_status {
    CSIMDJSON_SUCCESS = 0,
    CSIMDJSON_EMPTY,
    CSIMDJSON_MALFORMED,
    CSIMDJSON_INVALID_UTF8,
    CSIMDJSON_INVALID_STRING,
    CSIMDJSON_INVALID_NUMBER,
    CSIMDJSON_TOO_DEEP,
    CSIMDJSON_TOO_LARGE,
    CSIMDJSON_OUT_OF_MEMORY,
} csimdjson_status;

/// A parsed text: the tape and the strings that it points into, both as described in simdjson's `doc/tape.md`.
/// Everything lives until the view is given to `csimdjson_free`.
typedef struct csimdjson_document {
    void *_Nullable owner;
    const uint64_t *_Nullable tape;
    size_t tape_count;
    const uint8_t *_Nullable strings;
    size_t strings_count;
} csimdjson_document;

/// Parses one complete JSON text of `length` bytes, which need no padding, and fills `document` on success only.
/// `depth_max` is the number of containers that may lie inside each other. Never throws.
csimdjson_status csimdjson_parse(
    const uint8_t *_Nullable bytes, size_t length, size_t depth_max, csimdjson_document *_Nonnull document);

/// Frees what `csimdjson_parse` filled in.
void csimdjson_free(csimdjson_document document);

#ifdef __cplusplus
}
#endif
