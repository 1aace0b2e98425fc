/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "virtiofsd/description.h"

#include <string.h>

#include "basic/auto.h"
#include "basic/json.h"

typedef struct {
    const char *key;
    char *value;
} Wanted;

enum { WANTED_TYPE, WANTED_BINARY, WANTED_END };

/* The value of the key that was just read. */
static bool
read_value(JsonReader *reader, Wanted *wanted)
{
    Wanted *found = NULL;

    for (size_t i = 0; i < WANTED_END && !found; i++)
        if (strcmp(wanted[i].key, reader->text) == 0)
            found = &wanted[i];
    if (!found)
        return json_skip(reader, json_next(reader));
    /* readers differ in which of two counts, and libvirt's must not start another program than ours */
    if (found->value || json_next(reader) != JSON_STRING)
        return false;
    found->value = strdup(reader->text);
    return found->value != NULL;
}

static bool
read_object(JsonReader *reader, Wanted *wanted)
{
    JsonToken token;

    if (json_next(reader) != JSON_OBJECT)
        return false;
    while ((token = json_next(reader)) == JSON_KEY)
        if (!read_value(reader, wanted))
            return false;
    return token == JSON_OBJECT_END && json_next(reader) == JSON_END;
}

bool
description_parse(const char *text, size_t length, char **type, char **binary)
{
    Wanted wanted[WANTED_END] = {{"type", NULL}, {"binary", NULL}};
    JsonReader reader AUTO_CLEANUP(json_close) = {.text = NULL};

    if (length <= DESCRIPTION_MAX_BYTES &&
        json_open(&reader, text, length, DESCRIPTION_MAX_DEPTH + 1) &&
        read_object(&reader, wanted)) {
        *type = wanted[WANTED_TYPE].value;
        *binary = wanted[WANTED_BINARY].value;
        return true;
    }
    for (size_t i = 0; i < WANTED_END; i++)
        free(wanted[i].value);
    return false;
}
