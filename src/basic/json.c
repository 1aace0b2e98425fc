/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "basic/utf8.h"

/* What may come next. */
enum {
    EXPECT_VALUE,   /* the document's, or a member's */
    EXPECT_FIRST,   /* in an object or array that was just opened */
    EXPECT_MORE,    /* behind a value */
    EXPECT_NOTHING, /* it was invalid */
};

/* The byte that comes next, or 0 at the end: a NUL in the document is an error wherever it stands. */
static char
peek(const JsonReader *reader)
{
    if (reader->at == reader->end)
        return '\0';
    return *reader->at;
}

static void
skip_space(JsonReader *reader)
{
    char c;

    while ((c = peek(reader)) == ' ' || c == '\t' || c == '\r' || c == '\n')
        reader->at++;
}

static bool
take(JsonReader *reader, char expected)
{
    if (peek(reader) != expected)
        return false;
    reader->at++;
    return true;
}

static bool
take_word(JsonReader *reader, const char *word)
{
    size_t length = strlen(word);

    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
        return false;
    reader->at += length;
    return true;
}

/* ---- strings ---- */

static bool
take_hex4(JsonReader *reader, uint32_t *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        char c = peek(reader);
        int digit;

        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if (c >= 'a' && c <= 'f')
            digit = c - 'a' + 10;
        else if (c >= 'A' && c <= 'F')
            digit = c - 'A' + 10;
        else
            return false;
        *unit = *unit << 4 | (uint32_t)digit;
        reader->at++;
    }
    return true;
}

/* What follows "\u": a character, or the first half of one, which is none without the second. */
static bool
take_unicode(JsonReader *reader, uint32_t *character)
{
    uint32_t low;

    if (!take_hex4(reader, character) || *character == 0 || (*character & 0xfc00) == 0xdc00)
        return false;
    if ((*character & 0xfc00) != 0xd800)
        return true;
    if (!take_word(reader, "\\u") || !take_hex4(reader, &low) || (low & 0xfc00) != 0xdc00)
        return false;
    *character = 0x10000 + ((*character & 0x3ff) << 10) + (low & 0x3ff);
    return true;
}

static bool
take_escape(JsonReader *reader, uint32_t *character)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    char c = peek(reader);
    const char *found = c ? strchr(names, c) : NULL;

    if (take(reader, 'u'))
        return take_unicode(reader, character);
    if (reader->single_quotes && take(reader, '\'')) {
        *character = '\'';
        return true;
    }
    if (!found)
        return false;
    reader->at++;
    *character = (uint32_t)values[found - names];
    return true;
}

/* Decodes into the scratch, where the whole document has room: no escape is shorter than what it stands
 * for. */
static bool
take_string(JsonReader *reader)
{
    const char quote = reader->single_quotes && peek(reader) == '\'' ? '\'' : '"';
    char *out = reader->scratch;

    if (!take(reader, quote))
        return false;
    while (reader->at < reader->end && *reader->at != quote) {
        uint32_t character;
        size_t n;

        if ((unsigned char)*reader->at < 0x20)
            return false;
        if (take(reader, '\\')) {
            if (!take_escape(reader, &character))
                return false;
            out += utf8_encode(character, out);
            continue;
        }
        n = utf8_decode(reader->at, reader->end, &character);
        if (n == 0)
            return false;
        memcpy(out, reader->at, n);
        out += n;
        reader->at += n;
    }
    *out = '\0';
    return take(reader, quote);
}

/* ---- other scalars ---- */

static bool
take_digits(JsonReader *reader)
{
    const char *start = reader->at;

    while (peek(reader) >= '0' && peek(reader) <= '9')
        reader->at++;
    return reader->at > start;
}

static bool
take_number(JsonReader *reader)
{
    take(reader, '-');
    if (!take(reader, '0') && !take_digits(reader))
        return false;
    if (take(reader, '.') && !take_digits(reader))
        return false;
    if (take(reader, 'e') || take(reader, 'E')) {
        if (!take(reader, '+'))
            take(reader, '-');
        return take_digits(reader);
    }
    return true;
}

static JsonToken
take_scalar(JsonReader *reader)
{
    const char *start = reader->at;
    JsonToken token = JSON_NUMBER;

    if (peek(reader) == '"' || (reader->single_quotes && peek(reader) == '\''))
        return take_string(reader) ? JSON_STRING : JSON_INVALID;
    if (take_word(reader, "true") || take_word(reader, "false") || take_word(reader, "null"))
        token = JSON_WORD;
    else if (!take_number(reader))
        return JSON_INVALID;
    memcpy(reader->scratch, start, (size_t)(reader->at - start));
    reader->scratch[reader->at - start] = '\0';
    return token;
}

/* ---- tokens ---- */

static JsonToken
take_value(JsonReader *reader)
{
    char c = peek(reader);

    if (c != '{' && c != '[') {
        reader->expected = EXPECT_MORE;
        return take_scalar(reader);
    }
    if (reader->depth == reader->max_depth)
        return JSON_INVALID;
    reader->at++;
    reader->open[reader->depth++] = c;
    reader->expected = EXPECT_FIRST;
    return c == '{' ? JSON_OBJECT : JSON_ARRAY;
}

/* A key with its colon, or in an array a value. */
static JsonToken
take_member(JsonReader *reader)
{
    if (reader->open[reader->depth - 1] == '[')
        return take_value(reader);
    if (!take_string(reader))
        return JSON_INVALID;
    skip_space(reader);
    if (!take(reader, ':'))
        return JSON_INVALID;
    reader->expected = EXPECT_VALUE;
    return JSON_KEY;
}

/* Within an object or array; the last bracket that was opened is the first that may be closed. */
static JsonToken
take_within(JsonReader *reader)
{
    bool object = reader->open[reader->depth - 1] == '{';

    if (take(reader, object ? '}' : ']')) {
        reader->depth--;
        reader->expected = EXPECT_MORE;
        return object ? JSON_OBJECT_END : JSON_ARRAY_END;
    }
    if (reader->expected == EXPECT_MORE) {
        if (!take(reader, ','))
            return JSON_INVALID;
        skip_space(reader);
    }
    return take_member(reader);
}

JsonToken
json_next(JsonReader *reader)
{
    JsonToken token;

    skip_space(reader);
    if (reader->expected == EXPECT_NOTHING)
        token = JSON_INVALID;
    else if (reader->expected == EXPECT_VALUE)
        token = take_value(reader);
    else if (reader->depth > 0)
        token = take_within(reader);
    else
        token = reader->at == reader->end ? JSON_END : JSON_INVALID;
    if (token == JSON_INVALID)
        reader->expected = EXPECT_NOTHING;
    return token;
}

bool
json_skip(JsonReader *reader, JsonToken token)
{
    size_t inside = reader->depth;

    if (token != JSON_OBJECT && token != JSON_ARRAY)
        return token != JSON_INVALID;
    while (reader->depth >= inside)
        if (json_next(reader) == JSON_INVALID)
            return false;
    return true;
}

bool
json_open(JsonReader *reader, const char *document, size_t length, size_t max_depth)
{
    *reader = (JsonReader){
        .at = document,
        .end = document + length,
        .max_depth = max_depth < JSON_DEPTH_MAX ? max_depth : JSON_DEPTH_MAX,
        .expected = EXPECT_VALUE,
    };
    reader->text = reader->scratch = malloc(length + 1);
    return reader->scratch != NULL;
}

void
json_close(JsonReader *reader)
{
    free(reader->scratch);
    reader->text = reader->scratch = NULL;
}
