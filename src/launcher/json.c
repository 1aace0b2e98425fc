/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "basic/auto.h"

typedef struct {
    const char *at;
    const char *end;
} Reader;

/* The byte that comes next, or 0 at the end: a NUL in the document is an error wherever it stands. */
static char
peek(const Reader *reader)
{
    if (reader->at == reader->end)
        return '\0';
    return *reader->at;
}

static void
skip_space(Reader *reader)
{
    while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) && *reader->at)
        reader->at++;
}

static bool
take(Reader *reader, char expected)
{
    if (peek(reader) != expected)
        return false;
    reader->at++;
    return true;
}

static bool
take_word(Reader *reader, const char *word)
{
    size_t length = strlen(word);

    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
        return false;
    reader->at += length;
    return true;
}

static bool
take_digits(Reader *reader)
{
    const char *start = reader->at;

    while (peek(reader) >= '0' && peek(reader) <= '9')
        reader->at++;
    return reader->at > start;
}

static bool
take_number(Reader *reader)
{
    take(reader, '-');
    if (!take(reader, '0') && !take_digits(reader))
        return false;
    if (take(reader, '.') && !take_digits(reader))
        return false;
    if (peek(reader) == 'e' || peek(reader) == 'E') {
        reader->at++;
        if (peek(reader) == '+' || peek(reader) == '-')
            reader->at++;
        return take_digits(reader);
    }
    return true;
}

static bool
take_hex4(Reader *reader, uint32_t *value)
{
    *value = 0;
    for (int i = 0; i < 4; i++) {
        char c = peek(reader);
        uint32_t digit;

        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F')
            digit = (uint32_t)(c - 'A') + 10;
        else
            return false;
        *value = *value * 16 + digit;
        reader->at++;
    }
    return true;
}

/* What follows "\u": a character, or a pair of surrogates. Never NUL, which no path can contain. */
static bool
take_unicode(Reader *reader, uint32_t *character)
{
    uint32_t low;

    if (!take_hex4(reader, character) || *character == 0)
        return false;
    if (*character >= 0xdc00 && *character <= 0xdfff)
        return false;
    if (*character < 0xd800 || *character > 0xdbff)
        return true;
    if (!take_word(reader, "\\u") || !take_hex4(reader, &low) || low < 0xdc00 || low > 0xdfff)
        return false;
    *character = 0x10000 + ((*character - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

static size_t
put_utf8(char *out, uint32_t character)
{
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (char)(0xc0 | (character >> 6));
        out[1] = (char)(0x80 | (character & 0x3f));
        return 2;
    }
    if (character < 0x10000) {
        out[0] = (char)(0xe0 | (character >> 12));
        out[1] = (char)(0x80 | ((character >> 6) & 0x3f));
        out[2] = (char)(0x80 | (character & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (character >> 18));
    out[1] = (char)(0x80 | ((character >> 12) & 0x3f));
    out[2] = (char)(0x80 | ((character >> 6) & 0x3f));
    out[3] = (char)(0x80 | (character & 0x3f));
    return 4;
}

static bool
take_escape(Reader *reader, uint32_t *character)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    char c = peek(reader);
    const char *found = c ? strchr(names, c) : NULL;

    reader->at++;
    if (c == 'u')
        return take_unicode(reader, character);
    if (!found)
        return false;
    *character = (uint32_t)values[found - names];
    return true;
}

/* Decodes into @out, which has room for what is left of the document: decoding never grows. */
static bool
take_string(Reader *reader, char *out)
{
    if (!take(reader, '"'))
        return false;
    while (reader->at < reader->end && *reader->at != '"') {
        if ((unsigned char)*reader->at < 0x20)
            return false;
        if (*reader->at == '\\') {
            uint32_t character;

            reader->at++;
            if (reader->at == reader->end || !take_escape(reader, &character))
                return false;
            out += put_utf8(out, character);
        } else {
            *out++ = *reader->at++;
        }
    }
    *out = '\0';
    return take(reader, '"');
}

static bool
take_scalar(Reader *reader, char *scratch)
{
    switch (peek(reader)) {
    case '"':
        return take_string(reader, scratch);
    case 't':
        return take_word(reader, "true");
    case 'f':
        return take_word(reader, "false");
    case 'n':
        return take_word(reader, "null");
    default:
        return take_number(reader);
    }
}

/* One value of any kind; the brackets still open are kept in a string, not on the stack. */
static bool
skip_value(Reader *reader, char *scratch)
{
    char open[JSON_MAX_DEPTH];
    size_t depth = 0;

    for (;;) {
        char c = (skip_space(reader), peek(reader));
        bool fresh = false; /* a bracket was opened: no comma before what follows */

        if (c == '{' || c == '[') {
            if (depth == sizeof(open))
                return false;
            open[depth++] = c;
            reader->at++;
            fresh = true;
        } else if (!take_scalar(reader, scratch)) {
            return false;
        }
        while (depth > 0) {
            skip_space(reader);
            if (take(reader, open[depth - 1] == '{' ? '}' : ']')) {
                depth--;
                fresh = false;
                continue;
            }
            if (!fresh && !take(reader, ','))
                return false;
            break;
        }
        if (depth == 0)
            return true;
        skip_space(reader);
        if (open[depth - 1] == '{') {
            if (!take_string(reader, scratch))
                return false;
            skip_space(reader);
            if (!take(reader, ':'))
                return false;
        }
    }
}

static bool
take_member(Reader *reader, char *scratch, char **type, char **binary)
{
    char **wanted = NULL;

    if (!take_string(reader, scratch))
        return false;
    if (strcmp(scratch, "type") == 0)
        wanted = type;
    else if (strcmp(scratch, "binary") == 0)
        wanted = binary;
    skip_space(reader);
    if (!take(reader, ':'))
        return false;
    skip_space(reader);
    if (!wanted)
        return skip_value(reader, scratch);
    if (*wanted || !take_string(reader, scratch))
        return false;
    *wanted = strdup(scratch);
    return *wanted != NULL;
}

bool
json_vhost_user(const char *text, size_t length, char **type, char **binary)
{
    Reader reader = {text, text + length};
    AUTO_FREE char *scratch = NULL;
    AUTO_FREE char *found_type = NULL;
    AUTO_FREE char *found_binary = NULL;

    if (length > JSON_MAX_BYTES || !(scratch = malloc(length + 1)))
        return false;
    skip_space(&reader);
    if (!take(&reader, '{'))
        return false;
    skip_space(&reader);
    if (!take(&reader, '}')) {
        do {
            skip_space(&reader);
            if (!take_member(&reader, scratch, &found_type, &found_binary))
                return false;
            skip_space(&reader);
        } while (take(&reader, ','));
        if (!take(&reader, '}'))
            return false;
    }
    skip_space(&reader);
    if (reader.at != reader.end)
        return false;
    *type = found_type;
    *binary = found_binary;
    found_type = found_binary = NULL;
    return true;
}
