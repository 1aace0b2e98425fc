/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A pull reader for JSON: the caller asks for one token after the other and keeps what it needs.
 *
 * A reader of our own, because no other fits both programs: the launcher has libc only, and in the
 * helper, a short-lived root program that meets JSON in one image of thousands, json-glib would bring
 * GObject and GIO, and json-c one more library to load in every run.
 *
 * The grammar is RFC 8259's, strictly: nothing behind the document, no comment, no comma too many, valid
 * UTF-8 throughout. One thing is refused that the RFC allows: "\u0000", as every string that is read
 * becomes a C string, and one that ends too early would be another name than the one that was written.
 * Whether a key may be there twice is for the caller to say.
 *
 * There is no recursion. Memory is the document's length, once, whatever is in it.
 */

#include <stdbool.h>
#include <stddef.h>

/* Objects and arrays inside one another, at most: no user needs as many, and each costs a byte. */
#define JSON_DEPTH_MAX 128

typedef enum {
    JSON_INVALID, /* it is not JSON, or nested too deeply; so is every token from here on */
    JSON_END,    /* the document is over, and all of it was valid; so is every token from here on */
    JSON_OBJECT, /* "{" */
    JSON_OBJECT_END,
    JSON_KEY,   /* of a member; its value is the next token */
    JSON_ARRAY, /* "[" */
    JSON_ARRAY_END,
    JSON_STRING,
    JSON_NUMBER,
    JSON_WORD, /* true, false or null */
} JsonToken;

/* Private but for @text. */
typedef struct {
    const char
        *text; /* of a JSON_KEY or JSON_STRING: its value; of a JSON_NUMBER or JSON_WORD: as it is
                         written; until the next call, ended by NUL */
    const char *at;
    const char *end;
    char *scratch;
    size_t max_depth;
    size_t depth;
    char open[JSON_DEPTH_MAX]; /* the brackets that are open, from the outermost */
    int expected;
    bool single_quotes; /* to be set after json_open(): QEMU takes strings in these as well */
} JsonReader;

/**
 * json_open:
 * @document: @length bytes, which must stay until json_close(); no NUL is needed behind them
 * @max_depth: how many objects and arrays may be inside one another, the outermost counted; not more
 *   than JSON_DEPTH_MAX
 * Returns: false where there is no memory; json_close() may be called nevertheless
 */
bool json_open(JsonReader *reader, const char *document, size_t length, size_t max_depth);
void json_close(JsonReader *reader);

/** json_next: the next token; only JSON_END says that the tokens before it were those of a document. */
JsonToken json_next(JsonReader *reader);

/**
 * json_skip:
 * @token: the token that came last, the begin of a value
 * Reads to the end of that value: nothing to do but for an object or an array.
 * Returns: whether it was valid
 */
bool json_skip(JsonReader *reader, JsonToken token);
