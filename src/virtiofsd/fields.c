/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "virtiofsd/fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "basic/message.h"

#define KEY_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

/* Bytes that a writer begins with: most records fit. */
#define FIRST_ROOM 1024

static const char hex_digits[] = "0123456789ABCDEF";

static bool
is_escaped(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f || c == '%';
}

/* ---- writing ---- */

static void
append(FieldsWriter *writer, const char *bytes, size_t length)
{
    if (writer->errnum)
        return;
    if (length > writer->max - writer->length) {
        writer->errnum = EFBIG;
        return;
    }
    /* one more for the NUL at the end */
    if (writer->length + length + 1 > writer->room) {
        size_t room = 2 * (writer->length + length) + FIRST_ROOM;
        char *text = realloc(writer->text, room);

        if (!text) {
            writer->errnum = ENOMEM;
            return;
        }
        writer->text = text;
        writer->room = room;
    }
    memcpy(writer->text + writer->length, bytes, length);
    writer->length += length;
}

void
fields_start(FieldsWriter *writer, const char *header, size_t max)
{
    *writer = (FieldsWriter){.max = max};
    append(writer, header, strlen(header));
    append(writer, "\n", 1);
}

void
fields_add(FieldsWriter *writer, const char *key, const char *value)
{
    size_t length = strlen(key);

    if (length == 0 || length >= FIELDS_KEY_BYTES || strspn(key, KEY_CHARACTERS) != length) {
        writer->errnum = writer->errnum ? writer->errnum : EINVAL;
        return;
    }
    append(writer, key, length);
    append(writer, "=", 1);
    for (const char *at = value; *at; at++) {
        unsigned char c = (unsigned char)*at;
        char escape[3] = {'%', hex_digits[c >> 4], hex_digits[c & 0xf]};

        append(writer, is_escaped(*at) ? escape : at, is_escaped(*at) ? sizeof(escape) : 1);
    }
    append(writer, "\n", 1);
}

char *
fields_finish(FieldsWriter *writer, size_t *length, Failure *failure)
{
    char *text = writer->text;

    if (writer->errnum) {
        failure_errno(failure, writer->errnum, NULL, _("cannot write the record"));
        return NULL;
    }
    text[writer->length] = '\0';
    if (length)
        *length = writer->length;
    writer->text = NULL;
    return text;
}

void
fields_writer_clear(FieldsWriter *writer)
{
    free(writer->text);
    writer->text = NULL;
}

/* ---- reading ---- */

bool
fields_open(FieldsReader *reader, const char *header, const char *text, size_t length, size_t max,
            Failure *failure)
{
    size_t header_length = strlen(header);

    *reader = (FieldsReader){.line = 1, .at = text, .end = text + length};
    if (length > max)
        return failure_errno(failure, EFBIG, NULL, _("cannot read the record"));
    if (length <= header_length || memcmp(text, header, header_length) != 0 ||
        text[header_length] != '\n')
        return failure_set(failure, NULL, _("the record does not begin with '%s'"), header);
    /* no value is longer than all of it */
    reader->value = malloc(length + 1);
    if (!reader->value)
        return failure_errno(failure, ENOMEM, NULL, _("cannot read the record"));
    reader->at = text + header_length + 1;
    return true;
}

static int
hex_digit(char c)
{
    const char *digit = c ? strchr(hex_digits, c) : NULL;

    return digit ? (int)(digit - hex_digits) : -1;
}

/* Reads @length bytes at @from, which may only be written as fields_add() writes them. */
static bool
decode(const char *from, size_t length, char *to)
{
    const char *end = from + length;

    for (; from < end; from++) {
        int high, low;

        if (*from != '%') {
            if (is_escaped(*from))
                return false;
            *to++ = *from;
            continue;
        }
        if (end - from < 3)
            return false;
        high = hex_digit(from[1]);
        low = hex_digit(from[2]);
        if (high < 0 || low < 0)
            return false;
        *to = (char)(high * 16 + low);
        /* a NUL would end the value for every reader in C; what needs no escape has none */
        if (!*to || !is_escaped(*to))
            return false;
        to++;
        from += 2;
    }
    *to = '\0';
    return true;
}

static bool
read_line(FieldsReader *reader, const char *line, size_t length)
{
    const char *equals = memchr(line, '=', length);
    size_t key_length = equals ? (size_t)(equals - line) : 0;

    if (key_length == 0 || key_length >= FIELDS_KEY_BYTES)
        return false;
    memcpy(reader->key, line, key_length);
    reader->key[key_length] = '\0';
    /* a NUL within would make it a shorter key */
    if (strspn(reader->key, KEY_CHARACTERS) != key_length)
        return false;
    return decode(equals + 1, length - key_length - 1, reader->value);
}

FieldsStatus
fields_next(FieldsReader *reader, Failure *failure)
{
    const char *end;

    if (reader->at == reader->end)
        return FIELDS_END;
    reader->line++;
    end = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    if (!end || !read_line(reader, reader->at, (size_t)(end - reader->at))) {
        fields_bad(reader, failure);
        return FIELDS_BAD;
    }
    reader->at = end + 1;
    return FIELDS_FIELD;
}

bool
fields_bad(const FieldsReader *reader, Failure *failure)
{
    return failure_set(failure, NULL, _("line %u of the record is malformed"), reader->line);
}

void
fields_close(FieldsReader *reader)
{
    free(reader->value);
    reader->value = NULL;
}
