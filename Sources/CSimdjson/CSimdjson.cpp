#include "CSimdjson.h"

#include <cstring>
#include <memory>
#include <new>

// Without exceptions simdjson only offers its error codes, and every call here is `noexcept`.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

namespace {

csimdjson_status status_of(simdjson::error_code error) noexcept {
    switch (error) {
    case simdjson::SUCCESS: return CSIMDJSON_SUCCESS;
    case simdjson::EMPTY: return CSIMDJSON_EMPTY;
    case simdjson::UTF8_ERROR: return CSIMDJSON_INVALID_UTF8;
    case simdjson::STRING_ERROR:
    case simdjson::UNESCAPED_CHARS:
    case simdjson::UNCLOSED_STRING: return CSIMDJSON_INVALID_STRING;
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE: return CSIMDJSON_INVALID_NUMBER;
    case simdjson::DEPTH_ERROR: return CSIMDJSON_TOO_DEEP;
    case simdjson::CAPACITY: return CSIMDJSON_TOO_LARGE;
    case simdjson::MEMALLOC: return CSIMDJSON_OUT_OF_MEMORY;
    default: return CSIMDJSON_MALFORMED;
    }
}

/// The number of bytes in use at the front of the string buffer. Strings are appended in document order, so the last
/// one on the tape ends them.
size_t strings_count(const uint64_t *tape, size_t tape_count, const uint8_t *strings) noexcept {
    using simdjson::internal::tape_type;
    constexpr size_t none = SIZE_MAX;
    size_t last = none;
    for (size_t index = 1; index < tape_count; index++) {
        switch (tape_type(tape[index] >> 56)) {
        case tape_type::STRING: last = size_t(tape[index] & simdjson::internal::JSON_VALUE_MASK); break;
        case tape_type::INT64:
        case tape_type::UINT64:
        case tape_type::DOUBLE: index++; break;
        default: break;
        }
    }
    if (last == none) { return 0; }
    uint32_t length;
    std::memcpy(&length, strings + last, sizeof length);
    return last + sizeof length + length;
}

}  // namespace

extern "C" csimdjson_status csimdjson_parse(
    const uint8_t *bytes, size_t length, size_t depth_max, csimdjson_document *document) {
    if (length == 0) { return CSIMDJSON_EMPTY; }
    std::unique_ptr<simdjson::dom::document> owner(new (std::nothrow) simdjson::dom::document());
    if (!owner) { return CSIMDJSON_OUT_OF_MEMORY; }

    // The parser's own index goes away with it at the end of this function; only the tape and the strings stay.
    simdjson::dom::parser parser;
    // simdjson refuses a container when the depth reaches its limit, hence the one more.
    simdjson::error_code error = parser.allocate(length, depth_max + 1);
    if (error) { return status_of(error); }
    // `true`: let the parser copy the text into a buffer with the padding that its vector loads need.
    error = parser.parse_into_document(*owner, bytes, length, true).error();
    if (error) { return status_of(error); }

    const uint64_t *tape = owner->tape.get();
    const size_t tape_count = size_t(tape[0] & simdjson::internal::JSON_VALUE_MASK);
    document->tape = tape;
    document->tape_count = tape_count;
    document->strings = owner->string_buf.get();
    document->strings_count = strings_count(tape, tape_count, owner->string_buf.get());
    document->owner = owner.release();
    return CSIMDJSON_SUCCESS;
}

extern "C" void csimdjson_free(csimdjson_document document) {
    delete static_cast<simdjson::dom::document *>(document.owner);
}
