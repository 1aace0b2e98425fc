/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The grammar of records, in both directions: small files below RUNSTATEDIR/virt-aa-virtiofs that one
 * program leaves for another, or for itself.
 *
 *     HEADER\n            what kind of record it is, and its version
 *     KEY=VALUE\n         any number of them; whether keys may come again is up to the kind
 *
 * A key is one to 31 of "a" to "z", "0" to "9" and "-". A value is any bytes but NUL, with those below
 * 0x20, 0x7f and "%" as "%XX" in capital hexadecimal, so that a name with a line break is one line. There
 * is one way to write a record, and what is written in another is an error: a reader that guesses would
 * believe what nobody wrote.
 */

#include <stdbool.h>
#include <stddef.h>

#include "basic/failure.h"

/* Bytes of a key, with its NUL. */
#define FIELDS_KEY_BYTES 32

/* A record that is being written; to be treated as opaque. */
typedef struct {
    char *text;
    size_t length;
    size_t room;
    size_t max;
    int errnum; /* of the first failure; what comes after it does nothing */
} FieldsWriter;

#define AUTO_FIELDS_WRITER __attribute__((cleanup(fields_writer_clear)))

/**
 * fields_start:
 * @writer: (out): to be cleared by the caller, also after a failure
 * @header: the first line, without its end
 * @max: bytes that the whole record may have
 */
void fields_start(FieldsWriter *writer, const char *header, size_t max);

/** fields_add: appends a field. A failure shows in fields_finish(). */
void fields_add(FieldsWriter *writer, const char *key, const char *value);

/**
 * fields_finish:
 * @length: (out) (optional): bytes of the record
 * Returns: (transfer full): the record, with a NUL after it that @length does not count; for free() or
 *   g_free(). NULL where it would be too long, a key is none, or there is no memory.
 */
char *fields_finish(FieldsWriter *writer, size_t *length, Failure *failure);

void fields_writer_clear(FieldsWriter *writer);

/* A record that is being read. */
typedef struct {
    char key[FIELDS_KEY_BYTES]; /* of the current field */
    char *value;                /* of the current field; the reader's, and gone with the next one */
    unsigned line;              /* of the current field, from 1 */
    const char *at;             /* private: where the rest begins */
    const char *end;            /* private */
} FieldsReader;

#define AUTO_FIELDS_READER __attribute__((cleanup(fields_close)))

typedef enum {
    FIELDS_FIELD, /* key and value are set */
    FIELDS_END,   /* that was the last */
    FIELDS_BAD,   /* the record is malformed */
} FieldsStatus;

/**
 * fields_open:
 * @reader: (out): to be closed by the caller, also after a failure
 * @header: the first line that the record must have, without its end
 * @text: the record, @length bytes, which stay until the reader is closed
 * @max: the most bytes that are accepted
 */
bool fields_open(FieldsReader *reader, const char *header, const char *text, size_t length,
                 size_t max, Failure *failure);

/**
 * fields_next:
 * Reads the next field.
 * @failure: where the result is FIELDS_BAD, which line it is
 */
FieldsStatus fields_next(FieldsReader *reader, Failure *failure);

/**
 * fields_bad:
 * What a caller says for whom the current field is a wrong one: always false, with the line in @failure.
 */
bool fields_bad(const FieldsReader *reader, Failure *failure);

void fields_close(FieldsReader *reader);
