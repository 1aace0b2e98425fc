/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "virtiofsd/record.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "basic/message.h"
#include "virtiofsd/fields.h"
#include "virtiofsd/label.h"

#define HEADER "virt-aa-virtiofs 1"

typedef enum {
    FIELD_TEXT,
    FIELD_PROFILE,
    FIELD_PATH,
    FIELD_PROCESS,
    FIELD_READONLY, /* there if share is */
    FIELD_OPTION,   /* as often as it likes */
} FieldKind;

/* In the order in which they are written. */
static const struct {
    const char *key;
    FieldKind kind;
    bool required;
    size_t offset; /* in Record, of a string */
} fields[] = {
    {"profile", FIELD_PROFILE, true, offsetof(Record, profile)},
    {"domain", FIELD_TEXT, true, offsetof(Record, domain)},
    {"share", FIELD_PATH, false, offsetof(Record, share)},
    {"readonly", FIELD_READONLY, false, 0},
    {"announcer", FIELD_PROCESS, false, offsetof(Record, announcer)},
    {"binary", FIELD_PATH, false, offsetof(Record, binary)},
    {"option", FIELD_OPTION, false, 0},
};

enum { N_FIELDS = sizeof(fields) / sizeof(fields[0]) };

bool
record_file_name(const char *socket, char *name)
{
    size_t length = 0;

    for (; *socket; socket++) {
        const char *escape = *socket == '%' ? "%25" : *socket == '/' ? "%2F" : NULL;
        size_t bytes = escape ? 3 : 1;

        if (length + bytes > NAME_MAX)
            return false;
        memcpy(name + length, escape ? escape : socket, bytes);
        length += bytes;
    }
    name[length] = '\0';
    return length > 0;
}

/* One number in decimal, of at most 19 digits, which no 64 bits overflow. */
static const char *
skip_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits == 0 || digits > 19 || text[0] == '0' ? NULL : text + digits;
}

/* "PID START", neither 0. */
static bool
is_process(const char *text)
{
    const char *after = skip_number(text);

    after = after && *after == ' ' ? skip_number(after + 1) : NULL;
    return after && *after == '\0';
}

static bool
is_right(FieldKind kind, const char *value)
{
    switch (kind) {
    case FIELD_TEXT:
    case FIELD_OPTION:
        return true;
    case FIELD_PROFILE:
        return label_is_profile(value);
    case FIELD_PATH:
        return value[0] == '/' && strlen(value) < PATH_MAX;
    case FIELD_PROCESS:
        return is_process(value);
    case FIELD_READONLY:
        return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
    }
    return false;
}

static char **
string_of(const Record *record, size_t offset)
{
    return (char **)(void *)((char *)record + offset);
}

/* ---- writing ---- */

static bool
add_string(FieldsWriter *writer, size_t field, const char *value, Failure *failure)
{
    if (!value && !fields[field].required)
        return true;
    if (!value || !is_right(fields[field].kind, value))
        return failure_set(failure, NULL, _("'%s' cannot be '%s' in a record"), value ? value : "",
                           fields[field].key);
    fields_add(writer, fields[field].key, value);
    return true;
}

static bool
add_options(FieldsWriter *writer, const char *key, char *const options[], Failure *failure)
{
    for (size_t i = 0; options && options[i]; i++) {
        if (i == RECORD_MAX_OPTIONS)
            return failure_set(failure, NULL,
                               _("the configuration adds more than %d arguments for virtiofsd"),
                               RECORD_MAX_OPTIONS);
        fields_add(writer, key, options[i]);
    }
    return true;
}

static bool
add_field(FieldsWriter *writer, const Record *record, size_t field, Failure *failure)
{
    switch (fields[field].kind) {
    case FIELD_TEXT:
    case FIELD_PROFILE:
    case FIELD_PATH:
    case FIELD_PROCESS:
        return add_string(writer, field, *string_of(record, fields[field].offset), failure);
    case FIELD_READONLY:
        if (record->share)
            fields_add(writer, fields[field].key, record->readonly ? "yes" : "no");
        return true;
    case FIELD_OPTION:
        return add_options(writer, fields[field].key, record->options, failure);
    }
    return false;
}

char *
record_format(const Record *record, size_t *length, Failure *failure)
{
    AUTO_FIELDS_WRITER FieldsWriter writer;

    fields_start(&writer, HEADER, RECORD_MAX_BYTES);
    for (size_t i = 0; i < N_FIELDS; i++)
        if (!add_field(&writer, record, i, failure))
            return NULL;
    return fields_finish(&writer, length, failure);
}

/* ---- reading ---- */

/* What is known beside the record while it is read. */
typedef struct {
    Record *record;
    bool seen[N_FIELDS];
    size_t n_options;
} Parser;

/* Where the value of @field goes; NULL where there is no place for one more. */
static char **
place_for(Parser *parser, size_t field)
{
    Record *record = parser->record;

    if (fields[field].kind != FIELD_OPTION)
        return parser->seen[field] ? NULL : string_of(record, fields[field].offset);
    if (parser->n_options == RECORD_MAX_OPTIONS)
        return NULL;
    return &record->options[parser->n_options++];
}

static bool
set_field(Parser *parser, size_t field, const char *value, const FieldsReader *reader,
          Failure *failure)
{
    char **place;

    if (!is_right(fields[field].kind, value))
        return fields_bad(reader, failure);
    if (fields[field].kind == FIELD_READONLY) {
        if (parser->seen[field])
            return fields_bad(reader, failure);
        parser->record->readonly = strcmp(value, "yes") == 0;
        parser->seen[field] = true;
        return true;
    }
    place = place_for(parser, field);
    if (!place)
        return fields_bad(reader, failure);
    parser->seen[field] = true;
    *place = strdup(value);
    if (!*place)
        return failure_errno(failure, ENOMEM, NULL, _("cannot read the record"));
    return true;
}

static bool
take_field(Parser *parser, const FieldsReader *reader, Failure *failure)
{
    for (size_t i = 0; i < N_FIELDS; i++)
        if (strcmp(fields[i].key, reader->key) == 0)
            return set_field(parser, i, reader->value, reader, failure);
    return strncmp(reader->key, "x-", 2) == 0 || fields_bad(reader, failure);
}

static bool
complete(Parser *parser, Failure *failure)
{
    Record *record = parser->record;

    for (size_t i = 0; i < N_FIELDS; i++) {
        bool needed =
            fields[i].required || (fields[i].kind == FIELD_READONLY && record->share != NULL);
        bool allowed = fields[i].kind != FIELD_READONLY || record->share != NULL;

        if ((needed && !parser->seen[i]) || (parser->seen[i] && !allowed))
            return failure_set(failure, NULL, _("the record is incomplete"));
    }
    record->label = label_from_profile(record->profile);
    if (!record->label)
        return failure_errno(failure, ENOMEM, NULL, _("cannot read the record"));
    return true;
}

bool
record_parse(const char *text, size_t length, Record *record, Failure *failure)
{
    AUTO_FIELDS_READER FieldsReader reader;
    Parser parser = {.record = record};

    record->options = calloc(RECORD_MAX_OPTIONS + 1, sizeof(char *));
    if (!fields_open(&reader, HEADER, text, length, RECORD_MAX_BYTES, failure))
        return false;
    if (!record->options)
        return failure_errno(failure, ENOMEM, NULL, _("cannot read the record"));
    for (;;)
        switch (fields_next(&reader, failure)) {
        case FIELDS_FIELD:
            if (!take_field(&parser, &reader, failure))
                return false;
            break;
        case FIELDS_END:
            return complete(&parser, failure);
        case FIELDS_BAD:
            return false;
        }
}

bool
record_announcer(const Record *record, uint64_t *pid, uint64_t *start)
{
    char *end = NULL;

    if (!record->announcer)
        return false;
    *pid = strtoull(record->announcer, &end, 10);
    *start = strtoull(end, NULL, 10);
    return true;
}

void
record_clear(Record *record)
{
    free(record->profile);
    free(record->label);
    free(record->domain);
    free(record->share);
    free(record->announcer);
    free(record->binary);
    for (size_t i = 0; record->options && record->options[i]; i++)
        free(record->options[i]);
    free(record->options);
    memset(record, 0, sizeof(*record));
}
